import { AGENT, SUPERVISOR } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

test("a wrong password gives an error that tells nothing more", async ({ page, watched }) => {
  watched.allow(/status of 40[13]/);
  for (const who of [AGENT, { mail: "nadie@vigia.example" }]) {
    await signIn(page, who, "incorrecta-del-todo");
    await expect(page.getByRole("alert")).toContainText("Correo o contraseña incorrectos");
    await expect(page).toHaveURL(/\/desk\/sign-in/);
  }
  await expect(page.getByLabel("Contraseña", { exact: true })).toHaveValue("");
});

test("a page without a session leads to the sign-in, and back", async ({ page, desk }) => {
  await page.goto("/desk?country=VE");
  await expect(page.getByRole("heading", { level: 1, name: "Entrar" })).toBeVisible();
  await page.getByLabel("Correo", { exact: true }).fill(SUPERVISOR.mail);
  await page.getByLabel("Contraseña", { exact: true }).fill("demostracion-vigia");
  await page.getByRole("button", { name: "Entrar" }).click();
  await expect(page).toHaveURL(`${desk.url}/desk?country=VE`);
  await expect(page.getByRole("banner")).toContainText(`${SUPERVISOR.name} · Supervisor`);
});

test("the queue puts the first due case first, its clocks tick, and a new case appears", async ({ page, desk }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await expect(page.getByText("En vivo")).toBeVisible();
  const table = page.getByRole("table", { name: "Casos, primero el que vence antes" });
  await expect(table.getByRole("row").nth(1)).toBeVisible();

  const shown = await table.innerText();
  await expect(table, "it ticks").not.toHaveText(shown, { useInnerText: true });
  const number = new CaseNumber(await open(desk.url));
  await expect(table.getByRole("row").filter({ hasText: number.grouped })).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: /Entró el caso VE/ })).toHaveCount(1);

  const states = await table.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.getAttribute("data-state")));
  expect(states.length).toBeGreaterThan(3);
  const bands = ["warning", "running", "paused"];
  expect(states, "what can be saved, at risk first").toEqual([...states].sort((one, other) => bands.indexOf(one ?? "") - bands.indexOf(other ?? "")));
  await expect(table.getByRole("columnheader", { name: /^Vence en/ })).toContainText("horas de servicio");
  await accessible(page);

  const filters = page.getByRole("navigation", { name: "Filtros" });
  await page.setViewportSize({ width: 820, height: 1180 });
  for (const country of ["Venezuela", "Colombia", "México"]) {
    await expect(filters.getByRole("link", { name: country })).toBeInViewport({ ratio: 0.9 });
  }
  await accessible(page);

  await filters.getByRole("link", { name: "En pausa" }).click();
  await expect(page).toHaveURL(/status=on_hold/);
  await expect(table.getByRole("row").filter({ hasText: number.grouped })).toHaveCount(0);
  await expect(table.getByRole("row").nth(1)).toContainText("En pausa");
});

test("a case is opened by its number and worked to its end", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();

  const find = page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" });
  await find.fill(number.written.replace(/.$/, (digit) => String((Number(digit) + 1) % 10)));
  await find.press("Enter");
  await expect(page.getByRole("alert")).toContainText("No se pudo abrir ese caso");
  await find.fill(number.grouped.toLowerCase());
  await find.press("Enter");
  const file = await CaseFile.on(page, number);
  await expect(file.head).toContainText("P1");
  await expect(file.clock("Primer contacto")).toContainText(/En plazo|Por vencer/);
  await accessible(page);

  await file.logAttempt("No contesta");
  await expect(file.head).toContainText("1 intento");
  await expect(file.history.first()).toContainText("Marta Salas no logró hablar con el cliente");
  await expect(file.history.first()).toContainText("No contesta");

  await file.logContact();
  await expect(file.clock("Primer contacto")).toContainText("Cumplido");
  await expect(file.head).toContainText("En curso");
  await expect(file.history.first()).toContainText("Marta Salas habló con el cliente");

  const note = await file.begin("Nota", "Nota");
  await note.getByRole("button", { name: "Guardar nota" }).click();
  await expect(note.getByLabel("Texto")).toHaveAccessibleDescription(/Escriba algo aquí/);
  await accessible(page);
  await note.getByLabel("Texto").fill("Se envía una fuente nueva.");
  await note.getByRole("radio", { name: "También el cliente" }).check();
  await note.getByRole("button", { name: "Guardar nota" }).click();
  await file.told(/Nota guardada/);
  await expect(file.history.first()).toContainText("Se envía una fuente nueva.");

  const pause = await file.begin("Pausar", "Pausar el caso");
  await pause.getByRole("button", { name: "Pausar", exact: true }).click();
  await expect(pause.getByRole("alert").filter({ hasText: "Indique hasta cuándo" })).toBeVisible();
  await pause.getByRole("radio", { name: "En espera de un repuesto" }).check();
  await pause.getByRole("button", { name: "4 h" }).click();
  await pause.getByLabel("Detalle (opcional)").fill("Fuente de poder en camino");
  await pause.getByRole("button", { name: "Pausar", exact: true }).click();
  await file.told(/Caso en pausa/);
  await expect(file.clock("Resolución")).toContainText("En pausa");
  const standing = await file.clock("Resolución").getByRole("timer").innerText();
  await expect(file.history.first()).toContainText("En espera de un repuesto");
  await accessible(page);

  await file.act("Reanudar").click();
  await file.told(/Caso reanudado/);
  await expect(file.clock("Resolución"), "the clock runs again").not.toContainText(standing);
  await expect(file.history.first()).toContainText("El caso sigue");

  const priority = await file.begin("Prioridad", "Cambiar la prioridad");
  await expect(priority).toContainText("El cliente indicó severidad Crítica y urgencia Crítica: P1");
  await priority.getByRole("radio", { name: /^P3/ }).check();
  await priority.getByLabel("Motivo").fill("Hay un equipo de respaldo en marcha");
  await priority.getByRole("button", { name: "Cambiar", exact: true }).click();
  await file.told(/La prioridad ahora es P3/);
  await expect(file.head).toContainText("P3");
  await expect(file.history.first()).toContainText("La prioridad pasó de P1 a P3");

  const resolve = await file.begin("Resolver", "Resolver el caso");
  await resolve.getByRole("button", { name: "Marcar como resuelto" }).click();
  await expect(resolve.getByLabel("Causa", { exact: true })).toHaveAccessibleDescription(/Escriba/);
  await resolve.getByRole("radio", { name: "Equipo o repuesto" }).check();
  await resolve.getByLabel("Causa", { exact: true }).fill("Fuente de poder dañada.");
  await resolve.getByLabel("Qué se hizo").fill("Se cambió la fuente de poder.");
  await resolve.getByRole("button", { name: "Marcar como resuelto" }).click();
  await file.told(/Caso resuelto/);
  await expect(file.head).toContainText("Resuelto");
  await expect(file.act("Resolver")).toHaveCount(0);
  // Opened, attempt, claimed, contact, note, pause, resumed, priority, resolved.
  await expect(file.history).toHaveCount(9);
  await accessible(page);

  await visit(page, `/track/${tracking}`);
  await expect(page.getByText("Se envía una fuente nueva.")).toBeVisible();
  await expect(page.getByRole("region", { name: "¿Funciona?" })).toContainText("Se cambió la fuente de poder.");
  await expect(page.getByText("Intentamos hablar con usted y no lo logramos")).toBeVisible();
  // Only the customer may answer: the staff is told so.
  await expect(page.getByText("Usted ve la página del cliente.")).toBeVisible();
  await expect(page.getByRole("button", { name: /funciona|Enviar mensaje/ })).toHaveCount(0);
});

test("a contact that is undone lets its clock run on", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  await expect(file.clock("Primer contacto")).toContainText("Cumplido");
  const undo = page.getByRole("button", { name: "Deshacer el contacto" });
  await expect(undo).toBeVisible();
  await accessible(page);
  await undo.press("Enter");
  await file.told(/Contacto deshecho a las \d\d:\d\d/);
  await expect(file.head).toContainText("Nuevo");
  await expect(file.clock("Primer contacto")).toContainText(/En plazo|Por vencer/);
  await expect(file.history.first()).toContainText("Se deshizo el último contacto");
  await expect(undo).toHaveCount(0);
});

test("the second of two agents is told what changed, and loses nothing", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 409/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const sheet = await file.begin("Prioridad", "Cambiar la prioridad");
  await sheet.getByRole("radio", { name: /^P2/ }).check();
  await sheet.getByLabel("Motivo").fill("El cliente lo pide");

  const other = (await another({})).page;
  await signIn(other, SUPERVISOR);
  await (await CaseFile.open(other, number)).logContact();

  await sheet.getByRole("button", { name: "Cambiar", exact: true }).click();
  await expect(sheet.getByRole("alert")).toContainText("Otra persona cambió el caso mientras usted escribía");
  await expect(sheet.getByRole("alert")).toContainText("Andrés Quintero habló con el cliente");
  await expect(sheet.getByLabel("Motivo")).toHaveValue("El cliente lo pide");
  await sheet.getByRole("button", { name: "Cambiar", exact: true }).click();
  await file.told(/La prioridad ahora es P2/);
});

test("an agent opens a case for a customer who calls", async ({ page, desk }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(page, "/desk/intake");
  const form = new CaseForm(page);
  await form.fill();
  await expect(page.getByText("Cubierto: Banco Cumbre del Ávila, Torre Ávila, Caracas.")).toBeVisible();
  await accessible(page);
  await form.send.click();
  await expect(page).toHaveURL(/\/desk\/cases\/VE/);
  const file = await CaseFile.on(page, new CaseNumber(page.url().replace(/^.*\//, "")));
  await expect(file.history.first()).toContainText("Marta Salas abrió el caso por teléfono");
  await desk.mailbox.first(form.mail);
});

test("after the sign-out the workspace is closed", async ({ page, desk, watched }) => {
  // What the page asked for at the same moment.
  watched.allow(/status of 40[13]/);
  await signIn(page, AGENT);
  await expect(page.getByText("En vivo")).toBeVisible();
  await page.getByRole("button", { name: "Salir" }).click();
  await expect(page).toHaveURL(`${desk.url}/desk/sign-in`);
  await page.goto("/desk");
  await expect(page.getByRole("heading", { level: 1, name: "Entrar" })).toBeVisible();
});
