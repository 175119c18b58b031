import { AGENT, TECHNICIAN } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, beforeScript, expect, test, visit } from "./support/test";
import { agendaEntry, at, soon, VisitOf } from "./support/visit";

test("an amendment that was begun before hydration stays, and is saved by the script", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  const [phone, fault] = [page.getByLabel("Teléfono", { exact: true }), page.getByLabel("Descripción de la falla")];
  await beforeScript(page, `/track/${tracking}`, async () => {
    await page.getByText("¿Hay un dato equivocado?").click();
    await phone.fill("0212-5550177 ext. 3");
    await fault.fill("Ya no enciende en absoluto.");
    await page.getByLabel("Por qué se corrige").fill("Cambió la extensión");
  });
  await expect(phone).toHaveValue("0212-5550177 ext. 3");
  await expect(fault).toHaveValue("Ya no enciende en absoluto.");
  await expect(page.getByLabel("Por qué se corrige")).toHaveValue("Cambió la extensión");
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(page.getByText("Guardado. Quien atiende su caso lo ve de inmediato.")).toBeVisible();
  await expect(page.getByText("+58 212 555 0177 ext. 3").first()).toBeVisible();
  await expect(phone, "the form goes on with what the case says now").toHaveValue("+58 212 555 0177 ext. 3");
  await expect(page.getByLabel("Por qué se corrige")).toHaveValue("");
});

test("the script shows an amendment's errors at their fields, and the rest stays", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const tracking = await open(desk.url);
  await beforeScript(page, `/track/${tracking}`, async () => {});
  await page.getByText("¿Hay un dato equivocado?").click();
  const phone = page.getByLabel("Teléfono", { exact: true });
  await phone.fill("12");
  await page.getByLabel("Por qué se corrige").fill("Cambió la extensión");
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(phone).toHaveAccessibleDescription(/./);
  await accessible(page);
  await expect(page.getByLabel("Por qué se corrige")).toHaveValue("Cambió la extensión");
  await phone.fill("0212-5550177");
  await expect(phone, "what is typed again is not wrong yet").toHaveAccessibleDescription("");
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(page.getByText("Guardado. Quien atiende su caso lo ve de inmediato.")).toBeVisible();
});

test("an amendment that was posted before hydration comes back, and goes on with the script", async ({ page, desk, watched }) => {
  watched.allow(/status of 422|ERR_FAILED|Failed to fetch|uncaught/);
  const tracking = await open(desk.url);
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(`/track/${tracking}`);
  await page.getByText("¿Hay un dato equivocado?").click();
  const phone = page.getByLabel("Teléfono", { exact: true });
  await phone.fill("12");
  await page.getByLabel("Por qué se corrige").fill("Cambió la extensión");
  await page.unroute("**/*.wasm");
  const alive = page.waitForResponse((response) => new URL(response.url()).pathname === "/time");
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await alive;
  await expect(page.getByText("Faltan datos por corregir")).toBeVisible();
  await expect(phone).toHaveValue("12");
  await expect(phone).toHaveAccessibleDescription(/./);
  await phone.fill("0212-5550177");
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(page.getByText("Guardado. Quien atiende su caso lo ve de inmediato.")).toBeVisible();
  await expect(page.getByText("Faltan datos por corregir")).toHaveCount(0);
});

test("a message and a cancellation that were begun before hydration stay", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  await beforeScript(page, `/track/${tracking}`, async () => {
    await page.getByLabel("Su mensaje").fill("Ya volvió la luz.");
    await page.getByText("¿Ya no lo necesita?").click();
    await page.getByLabel("¿Por qué? (opcional)").fill("Volvió solo");
    await page.getByRole("checkbox").check();
  });
  await expect(page.getByLabel("Su mensaje")).toHaveValue("Ya volvió la luz.");
  await expect(page.getByLabel("¿Por qué? (opcional)")).toHaveValue("Volvió solo");
  await expect(page.getByRole("checkbox")).toBeChecked();
  await page.getByRole("button", { name: "Cancelar el caso" }).click();
  await expect(page.getByText("Volvió solo").first()).toBeVisible();
  await expect(page.getByLabel("Su mensaje")).toHaveCount(0);
});

test("an answer to a solution that was begun before hydration stays", async ({ page, another, desk }) => {
  const tracking = await open(desk.url);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, new CaseNumber(tracking));
  await file.logContact();
  await file.resolve("Se cambió la fuente.");
  const portal = (await another({})).page;
  await beforeScript(portal, `/track/${tracking}`, () => portal.locator("#said").fill("Sigue apagándose."));
  await expect(portal.locator("#said")).toHaveValue("Sigue apagándose.");
  await portal.getByRole("button", { name: "Sigue fallando" }).click();
  await expect(portal.locator("#said")).toHaveCount(0);
  await expect(portal.getByText("Sigue apagándose.").first()).toBeVisible();
});

test("windows that were proposed before hydration stay", async ({ page, another, desk }) => {
  const tracking = await open(desk.url);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, new CaseNumber(tracking));
  await file.logContact();
  await new VisitOf(page).offer(at(2, "09:00"), at(3, "14:00"));
  const portal = (await another({})).page;
  const card = portal.getByRole("region", { name: "Visita", exact: true });
  await beforeScript(portal, `/track/${tracking}`, async () => {
    await card.locator("summary").first().click();
    await card.getByLabel("Desde (1)").fill(at(4, "10:00"));
  });
  await expect(card.getByLabel("Desde (1)")).toHaveValue(at(4, "10:00"));
});

test("a report that was begun before hydration stays", async ({ page, another, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  await new VisitOf(page).agree(soon(2));
  const tablet = (await another({})).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(tablet, "/desk/agenda");
  const entry = agendaEntry(tablet, number);
  await entry.getByRole("button", { name: "Llegué" }).click();
  await entry.getByRole("button", { name: "Comenzar el trabajo" }).click();
  const [report, part] = [entry.locator("textarea").first(), entry.getByLabel("Repuesto (1)")];
  await expect(report).toBeVisible();
  await beforeScript(tablet, "/desk/agenda", async () => {
    await report.fill("Se cambió la fuente.");
    await part.fill("Fuente de poder");
  });
  await expect(report).toHaveValue("Se cambió la fuente.");
  await expect(part).toHaveValue("Fuente de poder");
  await visit(tablet, "/desk/agenda");
  await expect(report, "and it is a draft like any other").toHaveValue("Se cambió la fuente.");
  await expect(part).toHaveValue("Fuente de poder");
});
