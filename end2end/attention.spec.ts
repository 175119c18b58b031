import { AGENT, SUPERVISOR } from "./support/desk";
import { openAndFollow } from "./support/form";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

test("a case is reassigned, and its customer gets updates, answers, and sees revisions", async ({
  page,
  another,
  desk,
}) => {
  // The customer opens a case in the portal.
  const portal = (await another({})).page;
  const { form, number } = await openAndFollow(portal);

  // An agent claims it; a supervisor sees the assignee, and assigns it to another agent.
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await expect(page.getByText("Nadie lo atiende todavía")).toBeVisible();
  await page.getByRole("button", { name: "Tomar el caso" }).click();
  await file.told(/Usted atiende el caso/);
  await expect(page.getByText(`Lo atiende ${AGENT.name}`)).toBeVisible();

  await page.getByRole("link", { name: "Cola", exact: true }).click();
  const filters = page.getByRole("navigation", { name: "Filtros" });
  await filters.getByRole("link", { name: "Mis casos" }).click();
  await expect(page).toHaveURL(/whose=mine/);
  const row = page.getByRole("row").filter({ hasText: number.grouped });
  await expect(row).toContainText(AGENT.name);
  await accessible(page);
  await filters.getByRole("link", { name: "Sin asignar" }).click();
  await expect(page).toHaveURL(/whose=nobody/);
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  await expect(row).toHaveCount(0);
  await visit(page, `/desk/cases/${number.compact}`);

  const supervisor = (await another({})).page;
  await signIn(supervisor, SUPERVISOR);
  const theirs = await CaseFile.open(supervisor, number);
  await expect(supervisor.getByText(`Lo atiende ${AGENT.name}`)).toBeVisible();
  await supervisor.getByRole("button", { name: "Transferir" }).click();
  const give = theirs.sheet("¿Quién lo atiende?");
  await give.getByRole("button", { name: "Pasar el caso" }).click();
  await expect(give.getByRole("alert").first()).toBeVisible();
  await accessible(supervisor);
  await give.getByLabel("A quién").selectOption({ label: SUPERVISOR.name });
  await give.getByLabel("Motivo").fill("Conoce la sede");
  await give.getByRole("button", { name: "Pasar el caso" }).click();
  await theirs.told(/El caso cambió de manos/);
  await expect(page.getByText(`Lo atiende ${SUPERVISOR.name}`), "the agent's page hears it").toBeVisible();
  await expect(page.getByRole("button", { name: "Transferir" }), "it is not theirs any more").toHaveCount(0);

  // After the contact an update is due; a committed time replaces the plan's.
  await file.logContact();
  const update = page.getByRole("region", { name: "Novedad", exact: true });
  await expect(update).toContainText("En plazo");
  const news = await file.begin("Dar novedades", "Novedades para el cliente");
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await expect(news.getByLabel("Qué le decimos")).toHaveAccessibleDescription(/Escriba/);
  await news.getByLabel("Qué le decimos").fill("La fuente nueva sale hoy del almacén.");
  await news.getByRole("button", { name: "4 h" }).click();
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await file.told(/Novedades enviadas/);
  await expect(page.getByRole("region", { name: "Novedad comprometida" })).toContainText("En plazo");
  await expect(update).toHaveCount(0);
  await accessible(page);
  const mail = await desk.mailbox.text(form.mail, "novedades");
  expect(mail).toContain("La fuente nueva sale hoy del almacén.");
  await expect(portal.getByText("La fuente nueva sale hoy del almacén."), "without a reload").toBeVisible();
  await expect(portal.getByRole("region", { name: "Novedad comprometida" })).toBeVisible();

  // A pause for the customer ends with their answer.
  const pause = await file.begin("Pausar", "Pausar el caso");
  await pause.getByRole("radio", { name: "En espera del cliente" }).check();
  await pause.getByRole("button", { name: "4 h" }).click();
  await pause.getByLabel(/Quién lo autorizó/).fill("Ana Teresa Rivas");
  await pause.getByRole("button", { name: "Pausar", exact: true }).click();
  await file.told(/Caso en pausa/);
  await expect(file.history.first()).toContainText("lo autorizó Ana Teresa Rivas");
  const write = portal.getByRole("region", { name: "Escríbanos" });
  await expect(write).toContainText("esperamos su respuesta");
  await write.getByLabel("Su mensaje").fill("Ya revisé el cable: sigue igual.");
  await write.getByRole("button", { name: "Enviar mensaje" }).click();
  await expect(write).toContainText("Mensaje enviado.");
  await expect(portal.getByRole("status").filter({ hasText: "En atención" })).toBeVisible();
  await accessible(portal);
  await expect(file.head).toContainText("En curso");
  await expect(page.getByText("El cliente escribió y espera respuesta")).toBeVisible();
  await expect(file.history.first()).toContainText("El cliente respondió");
  await expect(file.history.nth(1)).toContainText("Ya revisé el cable: sigue igual.");
  await accessible(page);

  // An unanswered message is shown before the case ends; what was typed stays while the agent answers.
  const resolve = await file.begin("Resolver", "Resolver el caso");
  await expect(resolve).toHaveAccessibleDescription(
    /Un mensaje del cliente espera respuesta.*Ya revisé el cable: sigue igual\./,
  );
  await resolve.getByLabel("Causa", { exact: true }).fill("Cable dañado.");
  await accessible(page);
  await resolve.getByRole("button", { name: "Responder primero" }).click();
  await expect(resolve).toBeHidden();
  await news.getByLabel("Qué le decimos").fill("Cambiamos el cable esta tarde.");
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await file.told(/Novedades enviadas/);
  await expect(page.getByText("El cliente escribió y espera respuesta")).toHaveCount(0);
  await file.begin("Resolver", "Resolver el caso");
  await expect(resolve.getByLabel("Causa", { exact: true })).toHaveValue("Cable dañado.");
  await expect(resolve.getByText("espera respuesta")).toHaveCount(0);
  await resolve.getByRole("button", { name: "Volver", exact: true }).click();
  await expect(resolve).toBeHidden();

  // Severity and urgency: the customer's own stay visible.
  await page.getByRole("button", { name: "Cambiar severidad o urgencia" }).click();
  const weigh = file.sheet("Severidad y urgencia");
  await weigh.getByRole("group", { name: "Severidad" }).getByRole("radio", { name: "Baja" }).check();
  await weigh.getByRole("group", { name: "Urgencia" }).getByRole("radio", { name: "Baja" }).check();
  await expect(weigh).toContainText("Resulta prioridad P4");
  await weigh.getByLabel("Motivo").fill("Hay un equipo de respaldo");
  await weigh.getByRole("button", { name: "Guardar el cambio" }).click();
  await file.told(/Severidad y urgencia cambiadas/);
  await expect(file.head).toContainText("P4");
  await expect(page.getByRole("region", { name: "La falla" })).toContainText(
    "El cliente indicó severidad Crítica y urgencia Crítica",
  );
  expect(await desk.mailbox.text(form.mail, "cambió la prioridad")).toContain("Hay un equipo de respaldo");
  await expect(portal.getByText("usted indicó: Crítica · Crítica", { exact: false })).toBeVisible();
});

test("a revised serial brings the case under its contract", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url, { serial: "FOC2614Z9Z9" }));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await expect(page.getByText("Por validar: serial no registrado")).toBeVisible();
  await page.getByRole("button", { name: "Corregir contrato o serial" }).click();
  const correct = file.sheet("Corregir contrato o serial");
  await correct.getByRole("button", { name: "Corregir", exact: true }).click();
  await expect(correct.getByLabel("Motivo")).toHaveAccessibleDescription(/./);
  await correct.getByLabel("Serial").fill("FOC2614A1B2");
  await correct.getByLabel("Motivo").fill("Se leyó mal la etiqueta");
  await correct.getByRole("button", { name: "Corregir", exact: true }).click();
  await file.told(/Datos corregidos/);
  await expect(page.getByText("Por validar: serial no registrado")).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Equipo y contrato" })).toContainText("FOC2614A1B2");
  await expect(file.history.first()).toContainText("Serial corregido: de FOC2614Z9Z9 a FOC2614A1B2");
  await expect(file.history).toHaveCount(2);
});

test.describe("without a script", () => {
  test.use({ javaScriptEnabled: false });

  test("a customer sends a message by a plain form", async ({ page, desk }) => {
    const tracking = await open(desk.url);
    await page.goto(`/track/${tracking}`);
    await page.getByLabel("Su mensaje").fill("Escribo sin guiones.");
    await page.getByRole("button", { name: "Enviar mensaje" }).press("Enter");
    await expect(page).toHaveURL(`${desk.url}/track/${tracking}`);
    await expect(page.getByText("Escribo sin guiones.")).toBeVisible();
    await expect(page.getByText("Usted nos escribió")).toBeVisible();
  });
});
