import type { Browser, BrowserContextOptions, Locator } from "@playwright/test";
import { AGENT, type Desk, TECHNICIAN } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { answer, MONTERREY } from "./support/survey";
import { accessible, expect, test, visit, Watched } from "./support/test";
import { agendaEntry, at, invitation, linkIn, mailed, sign, VisitOf } from "./support/visit";
import { COUNTS, DRAWN_BY_THE_BROWSER, onWall, WALL, WallRow } from "./support/wall";

// The whole life of a case, and three of its turns. Portal, tablet and wall stand side by side from the first to the last
// test, and the wall is loaded once.
test.describe.configure({ mode: "serial" });

const TABLET = { viewport: { width: 820, height: 1180 }, hasTouch: true };
const SITE = "America/Monterrey";

let portal: Watched;
let tablet: Watched;
let wall: Watched;
/** Every further load of the wall. */
const loads: string[] = [];

async function place(browser: Browser, desk: Desk, options: BrowserContextOptions): Promise<Watched> {
  const home = { baseURL: desk.url, locale: "es-VE", timezoneId: "America/Caracas" };
  const context = await browser.newContext({ ...home, ...options });
  return new Watched(await context.newPage());
}

test.beforeAll(async ({ browser, desk }) => {
  portal = await place(browser, desk, { viewport: { width: 1440, height: 900 } });
  tablet = await place(browser, desk, TABLET);
  wall = await place(browser, desk, WALL);
  wall.allow(DRAWN_BY_THE_BROWSER);
  // A page that follows a case loses its stream when another person signs in.
  tablet.allow(/status of 40[13]/);
  await visit(wall.page, await desk.displayLink());
  await expect(wall.page.getByRole("status")).toContainText("En vivo");
  wall.page.on("framenavigated", (frame) => loads.push(frame.url()));
  await signIn(tablet.page, AGENT);
  await expect(tablet.page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
});

test.afterEach(async ({}, info) => {
  if (info.status !== info.expectedStatus) return;
  expect(loads, "the wall was never loaded again").toEqual([]);
  for (const watched of [portal, tablet, wall]) await watched.isFine();
});

test.afterAll(async () => {
  for (const watched of [portal, tablet, wall]) await watched?.page.context().close();
});

/** A case file on the tablet, for the present session. */
async function fileOf(number: CaseNumber): Promise<CaseFile> {
  await visit(tablet.page, `/desk/cases/${number.compact}`);
  return CaseFile.on(tablet.page, number);
}

/** The case's row, which may be on another of the wall's pages for a while. */
async function onTheWall(number: CaseNumber): Promise<WallRow> {
  const row = new WallRow(wall.page, number);
  await onWall(row.whole).toBeVisible();
  return row;
}

/** The question to the customer, on the case's page. */
function question(): Locator {
  return portal.page.getByRole("region", { name: "¿Funciona?" });
}

function account(): Locator {
  return portal.page.getByRole("region", { name: "Su caso, de principio a fin" });
}

/** The case of the first test, which the last test reopens. */
let well: { number: CaseNumber; tracking: string };

test("a case is opened, contacted, visited, resolved, verified, closed and surveyed", async ({ desk }) => {
  test.slow();
  const page = portal.page;
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill(MONTERREY);
  await form.field("country").selectOption(MONTERREY.country);
  await form.field("phone").fill(MONTERREY.contact_phone);
  await page.getByRole("radio", { name: "Servidores" }).check();
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading, "the focus is on the number").toBeFocused();
  const number = new CaseNumber(await heading.innerText());
  const opening = await mailed(desk, form.mail, number.written);
  await page.getByRole("link", { name: "Ver el seguimiento" }).click();
  await expect(page).toHaveURL(/\/track\//);
  well = { number, tracking: new URL(page.url()).pathname };
  expect(linkIn(opening, "track")).toBe(well.tracking);

  const row = await onTheWall(number);
  await onWall(row.whole).toContainText("Aceros Cerro de la Silla");
  await onWall(row.attention).toContainText(COUNTS);
  const file = await fileOf(number);
  await file.logContact();
  await onWall(row.attention, "the wall follows").toContainText("Contactado");
  await expect(page.getByRole("region", { name: "Primer contacto" }), "and so does the customer's page").toContainText(
    "Cumplido",
  );

  const ours = new VisitOf(tablet.page);
  await ours.offer(at(1, "09:00", SITE), at(1, "14:00", SITE));
  const offered = linkIn(await mailed(desk, form.mail, "elija el horario"), "visit");
  await page.goto(offered);
  await page.getByRole("button", { name: /14:00 a 16:00/ }).click();
  await expect(page.getByRole("region", { name: "Visita" })).toContainText("Acordada");
  await expect(ours.card, "without a reload").toContainText("14:00 a 16:00");
  await mailed(desk, form.mail, "visita acordada");
  await mailed(desk, TECHNICIAN.mail, number.written);
  await tablet.page.getByRole("button", { name: "Salir" }).tap();
  await expect(tablet.page).toHaveURL(/sign-in/);

  await signIn(tablet.page, TECHNICIAN);
  await expect(tablet.page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await tablet.page.getByRole("link", { name: "Agenda" }).tap();
  await tablet.page.getByRole("link", { name: "Día siguiente" }).tap();
  const entry = agendaEntry(tablet.page, number);
  await entry.getByRole("button", { name: "Llegué" }).tap();
  await entry.getByRole("button", { name: "Comenzar el trabajo" }).tap();
  await entry.getByLabel("Informe del trabajo").fill("Se cambió la fuente de poder y se probó una hora.");
  await sign(tablet.page, entry);
  await entry.getByRole("button", { name: "Terminar la visita" }).tap();
  await expect(entry).toContainText("Firmó: Ana Teresa Rivas");
  const theirs = await fileOf(number);
  await expect(ours.card).toContainText("Terminada");
  await theirs.resolve("Se cambió la fuente de poder.");
  await onWall(row.whole, "nothing counts any more").toHaveCount(0);

  await page.goto(linkIn(await mailed(desk, form.mail, "¿quedó resuelto?"), "track"));
  await expect(question()).toContainText("Se cambió la fuente de poder.");
  await question().getByRole("button", { name: "Sí, funciona" }).click();
  await expect(account()).toContainText("Confirmado por el cliente");
  await expect(account().getByRole("row", { name: /^Primer contacto/ })).toContainText("Cumplido");
  await expect(theirs.head, "the tablet hears it").toContainText("Cerrado");
  const closing = (await desk.mailbox.text(form.mail, "cerrado")).toLowerCase();
  for (const words of ["primer contacto", "resolución", "en horas de servicio", "en tiempo corrido", "cumplido"]) {
    expect(closing).toContain(words);
  }

  await page.goto(linkIn(await mailed(desk, form.mail, "¿cómo le fue?"), "survey"));
  await answer(page, ["5", "5", "5", "4"], "9");
  await page.getByRole("button", { name: "Enviar mis respuestas" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Gracias por responder" })).toBeVisible();
  await tablet.page.getByRole("button", { name: "Salir" }).tap();
  await expect(tablet.page).toHaveURL(/sign-in/);
  await signIn(tablet.page, AGENT);
  await expect(tablet.page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
});

test("a visit is moved by the customer, then by us, while the wall's clocks go on", async ({ desk }) => {
  test.slow();
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  const row = await onTheWall(number);
  await onWall(row.attention).toContainText(/hasta (las|mañana)/);
  const first = (await row.attention.innerText()).match(COUNTS)?.[0] ?? "none";
  await onWall(row.attention, "it counts down").not.toContainText(first);
  await (await fileOf(number)).logContact();
  const ours = new VisitOf(tablet.page);
  await ours.offer(at(2, "09:00"), at(2, "14:00"));

  const customer = portal.page;
  await customer.goto(linkIn(await mailed(desk, mail, "elija el horario"), "visit"));
  await customer.getByRole("button", { name: /9:00 a 11:00/ }).click();
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Acordada");
  await visit(customer, `/track/${tracking}`);
  const theirs = customer.getByRole("region", { name: "Visita", exact: true });
  await theirs.getByText("Cambiar el horario").click();
  await theirs.getByLabel("Desde (1)").fill(at(3, "10:00"));
  await accessible(customer);
  await theirs.getByRole("button", { name: "Enviar los horarios" }).click();
  await expect(theirs).toContainText("Revisamos los horarios que propuso");
  expect(invitation(await mailed(desk, mail, "la visita cambia"))).toContain("METHOD:CANCEL\r\n");

  await expect(ours.card).toContainText("Movida por el cliente: 1");
  await ours.card.getByRole("button", { name: /^Aceptar .*10:00/ }).click();
  await expect(ours.card).toContainText("Acordada");
  const sheet = await ours.begin("Reprogramar");
  await sheet.getByRole("radio", { name: "Por nosotros" }).check();
  await sheet.getByLabel("Motivo").fill("El repuesto llega un día después.");
  await sheet.getByLabel("Desde (1)").fill(at(4, "15:00"));
  await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await accessible(tablet.page);
  await sheet.getByRole("button", { name: "Guardar el cambio" }).click();
  await expect(ours.card).toContainText("Movida por nosotros: 1");

  await customer.goto(linkIn(await mailed(desk, mail, "elija el horario", 2), "visit"));
  await customer.getByRole("button", { name: /15:00 a 17:00/ }).click();
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Acordada");
  await expect(ours.card).toContainText("15:00 a 17:00");
  const [agreed, last] = [
    invitation(await mailed(desk, mail, "visita acordada", 1)),
    invitation(await mailed(desk, mail, "visita acordada", 3)),
  ];
  const property = (of: string, name: string) => new RegExp(`^${name}:(.*)\r$`, "m").exec(of)?.[1];
  expect(property(last, "UID")).toBe(property(agreed, "UID"));
  expect(Number(property(last, "SEQUENCE"))).toBeGreaterThan(5);
});

test("a solution that does not work begins a new cycle, on every screen", async ({ desk }) => {
  test.slow();
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  await visit(portal.page, `/track/${tracking}`);
  const row = await onTheWall(number);
  const file = await fileOf(number);
  await file.logContact();
  await file.resolve("Se cambió la fuente de poder.");
  await onWall(row.whole).toHaveCount(0);

  await expect(question(), "without a reload").toContainText("Se cambió la fuente de poder.");
  await accessible(portal.page);
  const asked = await mailed(desk, mail, "¿quedó resuelto?");
  expect(asked.text).toContain("Se cambió la fuente de poder.");
  expect(linkIn(asked, "track")).toBe(`/track/${tracking}`);
  await question().getByLabel("Algo que debamos saber (opcional)").fill("Se apaga cada diez minutos.");
  await question().getByRole("button", { name: "Sigue fallando" }).click();
  await expect(question()).toHaveCount(0);
  await expect(portal.page.getByRole("status").filter({ hasText: "En atención" })).toBeVisible();
  await expect(file.head, "the tablet hears it").toContainText("En curso");
  await expect(file.history.nth(1), "said once").toContainText("Se apaga cada diez minutos.");
  await expect(file.clock("Resolución")).toContainText(/En plazo/);
  await onTheWall(number);
  const running = await row.resolution.innerText();
  await onWall(row.resolution, "the new cycle counts").not.toHaveText(running, { useInnerText: true });

  await file.resolve("Se cambió la tarjeta madre.");
  await expect(question()).toContainText("Se cambió la tarjeta madre.");
  await question().getByRole("button", { name: "Sí, funciona" }).click();
  await expect(account()).toContainText("Confirmado por el cliente");
  await expect(account().getByRole("row", { name: /^Resolución, vez 2/ })).toContainText("Cumplido");
  await expect(file.head).toContainText("Cerrado");
  expect((await desk.mailbox.text(mail, "cerrado")).toLowerCase()).toContain("resolución, vez 2");
});

test("a closed case is reopened, on every screen", async () => {
  test.slow();
  portal.allow(/status of 422/);
  const { number, tracking } = well;
  const file = await fileOf(number);
  await expect(file.head).toContainText("Cerrado");
  const customer = portal.page;
  await visit(customer, tracking);
  await customer.getByText("¿Volvió la falla?").click();
  await customer.getByRole("button", { name: "Reabrir el caso" }).click();
  await expect(customer.getByText("Escriba", { exact: false }).first()).toBeVisible();
  await customer.getByLabel("Qué falla ahora").fill("Otra vez sin servicio.");
  await customer.getByRole("button", { name: "Reabrir el caso" }).click();
  await expect(customer.getByRole("status").filter({ hasText: "En atención" })).toBeVisible();
  await expect(file.head).toContainText("En curso");
  await expect(file.history.first()).toContainText("Otra vez sin servicio.");
  const row = await onTheWall(number);
  await onWall(row.attention, "the first contact stays").toContainText("Contactado");
  await visit(tablet.page, "/desk?country=MX");
  await expect(tablet.page.getByRole("row").filter({ hasText: number.grouped })).toContainText("Reabierto");
});
