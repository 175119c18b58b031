import { AGENT, SUPERVISOR, TECHNICIAN } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, hydrated, test, visit } from "./support/test";

const BOGOTA = { contract: "CPS-CO-002107-95", serial: "MXQ3410ABC", country: "CO", contact_phone: "601 555 1234" };

test("a customer cancels after a confirmation, and opens a case that follows", async ({ page, another, desk }) => {
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  const agent = (await another({})).page;
  await signIn(agent, AGENT);
  const file = await CaseFile.open(agent, number);

  await visit(page, `/track/${tracking}`);
  await page.getByText("¿Ya no lo necesita?").click();
  const act = page.getByRole("button", { name: "Cancelar el caso" });
  await act.click();
  const box = page.getByRole("checkbox", { name: "Sí, quiero cancelar este caso" });
  await expect(box, "without the confirmation nothing is sent").toBeFocused();
  await box.check();
  await page.getByLabel("¿Por qué? (opcional)").fill("Se arregló solo.");
  await accessible(page);
  await act.click();
  await expect(page.getByRole("status").filter({ hasText: "Cancelado" })).toBeVisible();
  const account = page.getByRole("region", { name: "Su caso, de principio a fin" });
  await expect(account).toContainText("Cancelado a petición del cliente");
  await expect(account.getByRole("row", { name: /^Resolución/ })).toContainText("Sin efecto");
  await expect(page.getByRole("region", { name: "Qué ha pasado" })).toContainText("Se arregló solo.");
  await expect(act).toHaveCount(0);
  await accessible(page);

  await expect(file.head, "the file hears it").toContainText("Cancelado");
  await expect(file.clock("Resolución").first()).toContainText("Sin efecto");
  await expect(file.act("Resolver")).toHaveCount(0);
  expect(await desk.mailbox.text(mail, "cancelado")).toContain("Se arregló solo.");

  await page.getByRole("link", { name: "Abrir un caso nuevo" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Abrir un caso que sigue a otro" })).toBeVisible();
  await expect(page.getByText(`Este caso seguirá al ${number.grouped}`)).toBeVisible();
  const form = new CaseForm(page);
  await expect(form.field("serial")).toHaveValue("FOC2614A1B2");
  await expect(form.field("mail")).toHaveValue(mail);
  await expect(form.field("location")).toHaveValue("Torre Ávila, piso 12, sala de redes");
  await expect(form.field("fault")).toHaveValue("");
  await hydrated(page);
  await form.field("fault").fill("Otra vez se apaga el conmutador del piso 12.");
  await expect.poll(() => page.evaluate(() => JSON.stringify({ ...localStorage }))).toContain("Otra vez se apaga");
  await page.reload();
  await expect(form.field("fault"), "a draft of its own survives a reload").toHaveValue(/Otra vez se apaga/);
  await form.choice("severity", "critical").check();
  await form.choice("urgency", "critical").check();
  await accessible(page);
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
  const next = new CaseNumber(await page.getByRole("heading", { level: 1 }).innerText());
  expect(await desk.mailbox.text(mail, `${next.written} abierto`)).toContain(`Sigue al caso ${number.written}`);

  await page.getByRole("link", { name: "Ver el seguimiento" }).click();
  const links = page.getByRole("region", { name: "Casos vinculados" });
  await links.getByRole("link", { name: number.grouped }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
  await expect(links).toContainText("hay un caso nuevo que sigue a este");
  await expect(links, "a number that this link does not hold stays out").not.toContainText(next.grouped);

  const seen = agent.getByRole("region", { name: "Casos vinculados" });
  await seen.getByRole("link", { name: next.grouped }).click();
  await CaseFile.on(agent, next);
  await expect(seen.getByRole("listitem")).toContainText(`Sigue al caso ${number.grouped}`);
  await accessible(agent);
});

test("a duplicate is closed for the case that goes on, and says which", async ({ page, another, desk }) => {
  const mail = freshMail();
  const first = new CaseNumber(await open(desk.url));
  const tracking = await open(desk.url, { contact_mail: mail });
  const second = new CaseNumber(tracking);
  const elsewhere = new CaseNumber(await open(desk.url, BOGOTA));
  const watched = await another({});
  watched.allow(/status of 422/);
  const agent = watched.page;
  await signIn(agent, AGENT);
  const file = await CaseFile.open(agent, second);
  await agent.getByRole("button", { name: "Es un duplicado" }).click();
  const sheet = file.sheet("Cerrar como duplicado");
  const field = sheet.getByLabel("Número del caso que sigue");
  const act = sheet.getByRole("button", { name: "Cerrar como duplicado" });
  for (const [typed, wrong] of [
    [first.written.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)), /Revise las cifras/],
    [second.written, /este mismo caso/],
    [elsewhere.written, /otra organización/],
  ] as const) {
    await field.fill(typed);
    await act.click();
    await expect(field).toHaveAccessibleDescription(wrong);
    await expect(field).toHaveValue(typed);
  }
  await accessible(agent);
  await field.fill(` ${first.grouped.toLowerCase()}`);
  await act.click();
  await expect(file.head).toContainText("Duplicado");
  const links = agent.getByRole("region", { name: "Casos vinculados" });
  await expect(links.getByRole("listitem")).toContainText(`Duplicado del caso ${first.grouped}`);
  await accessible(agent);

  expect(await desk.mailbox.text(mail, "duplicado")).toContain(first.written);
  await visit(page, `/track/${tracking}`);
  await expect(page.getByRole("status").filter({ hasText: "Cerrado como duplicado" })).toBeVisible();
  await expect(page.getByText(`El caso que sigue en curso es ${first.grouped}`)).toBeVisible();
  await expect(page.getByRole("link", { name: first.grouped }), "it leads nowhere").toHaveCount(0);
});

test("related cases are linked from one file and seen from both", async ({ page, desk }) => {
  const one = new CaseNumber(await open(desk.url));
  const two = new CaseNumber(await open(desk.url, BOGOTA));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, one);
  const links = page.getByRole("region", { name: "Casos vinculados" });
  await links.getByRole("button", { name: "Vincular otro caso" }).click();
  const sheet = file.sheet("Vincular otro caso");
  await sheet.getByLabel("Número del otro caso").fill(two.written);
  await sheet.getByRole("button", { name: "Vincular", exact: true }).click();
  await file.told(/Casos vinculados/);
  await links.getByRole("link", { name: two.grouped }).click();
  await CaseFile.on(page, two);
  await expect(links.getByRole("listitem")).toContainText(`Relacionado con el caso ${one.grouped}`);
  await expect(links).toContainText("Nuevo");
  await links.getByRole("button", { name: /^Quitar el vínculo/ }).click();
  await expect(links).toContainText("Ninguno");
});

test("a cancellation by an agent tells the customer who asked for it and why", async ({ page, desk }) => {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  await signIn(page, SUPERVISOR);
  const file = await CaseFile.open(page, number);
  const sheet = await file.begin("Cancelar el caso", "Cancelar el caso");
  const act = sheet.getByRole("button", { name: "Cancelar el caso" });
  await act.click();
  await expect(sheet.getByRole("alert").first()).toBeVisible();
  await sheet.getByRole("radio", { name: /se abrió por error/ }).check();
  await sheet.getByLabel("Motivo").fill("La llamada se registró dos veces.");
  await act.click();
  await file.told(/Caso cancelado a las/);
  await expect(file.head).toContainText("Cancelado");
  await expect(file.history.first()).toContainText("La llamada se registró dos veces.");
  expect(await desk.mailbox.text(mail, "cancelado")).toContain("La llamada se registró dos veces.");
  await page.getByRole("link", { name: "Abrir un caso que lo siga" }).click();
  await expect(page.getByText(`Este caso seguirá al ${number.grouped}`)).toBeVisible();
  await expect(new CaseForm(page).field("mail")).toHaveValue(mail);
});

test("commands that a technician may not use are not offered", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, TECHNICIAN);
  const file = await CaseFile.open(page, number);
  await expect(file.act("Registrar contacto")).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Cola", exact: true })).toBeVisible();
  for (const name of ["Encuestas", "Correos"]) {
    await expect(page.getByRole("banner").getByRole("link", { name, exact: true })).toHaveCount(0);
  }
  for (const name of ["Prioridad", "Cancelar el caso"]) await expect(file.act(name)).toHaveCount(0);
  for (const name of ["Es un duplicado", "Asignar"]) {
    await expect(page.getByRole("button", { name, exact: true })).toHaveCount(0);
  }
});

test("long after its end a case is not reopened but followed by a new one", async ({ page, another, desk }) => {
  const agent = (await another({})).page;
  await signIn(agent, AGENT);
  await expect(agent.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const ended = agent.getByRole("navigation", { name: "Filtros" }).getByRole("link", { name: "Terminados" });
  await ended.click();
  await expect(ended, "the list is the new one").toHaveAttribute("aria-current", "true");
  // The demonstration's oldest case was closed weeks ago; its plan allows a reopening for five business days.
  await agent.getByRole("row").filter({ hasText: "Editorial Anáhuac" }).getByRole("link").first().click();
  await expect(agent.getByRole("heading", { level: 1 })).toContainText("Cerrado");
  const old = new CaseNumber(await agent.getByRole("heading", { level: 1 }).innerText());
  const file = await CaseFile.on(agent, old);
  await expect(agent.getByRole("link", { name: "Abrir un caso que lo siga" })).toBeVisible();
  await expect(file.act("Reabrir")).toHaveCount(0);
  expect(await agent.content(), "the customer's link is the customer's").not.toContain("/track/");
  const address = await desk.customersPage(old.compact);

  await visit(page, address);
  await expect(page.getByRole("status").filter({ hasText: "Cerrado" })).toBeVisible();
  const onward = page.getByRole("region", { name: "¿Volvió la falla?" });
  await expect(onward, "why").toContainText("Este caso ya no se puede reabrir");
  await expect(page.getByRole("button", { name: "Reabrir el caso" })).toHaveCount(0);
  await expect(page.getByText(/Puede reabrir el caso hasta/)).toHaveCount(0);
  await accessible(page);
  // A page from before the limit still has its form: the answer comes too late and changes nothing.
  const answer = { answer: "came_back", said: "Volvió la raya." };
  await page.request.post(address, { form: answer, maxRedirects: 0 });
  await page.reload();
  await expect(page.getByRole("status").filter({ hasText: "Cerrado" })).toBeVisible();

  await onward.getByRole("link", { name: "Abrir un caso nuevo" }).click();
  await expect(page.getByText(`Este caso seguirá al ${old.grouped}`)).toBeVisible();
  const form = new CaseForm(page);
  await expect(form.field("serial")).toHaveValue("A0R6021000001");
  await expect(form.field("fault")).toHaveValue("");
  const mail = freshMail();
  await form.field("mail").fill(mail);
  await form.field("fault").fill("Volvió la raya vertical en las pruebas de portada.");
  await form.choice("severity", "low").check();
  await form.choice("urgency", "low").check();
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
  const next = new CaseNumber(await page.getByRole("heading", { level: 1 }).innerText());
  expect(await desk.mailbox.text(mail, `${next.written} abierto`)).toContain(`Sigue al caso ${old.written}`);
  const links = agent.getByRole("region", { name: "Casos vinculados" });
  await links.getByRole("link", { name: next.grouped }).click();
  await CaseFile.on(agent, next);
  await expect(links.getByRole("listitem")).toContainText(`Sigue al caso ${old.grouped}`);
});
