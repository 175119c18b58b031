import type { Locator, Page } from "@playwright/test";
import type { ParsedMail } from "mailparser";
import { AGENT, type Desk, TECHNICIAN } from "./support/desk";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { until } from "./support/until";

const TABLET = { viewport: { width: 820, height: 1180 }, hasTouch: true };
const PHONE = { viewport: { width: 390, height: 844 } };

/** A time at the site so many days from now, as a date field takes it. */
function at(days: number, time: string): string {
  const date = new Date(Date.now() + days * 24 * 3600 * 1000);
  // Swedish dates are written as date fields take them.
  return `${new Intl.DateTimeFormat("sv-SE", { timeZone: "America/Caracas" }).format(date)}T${time}`;
}

/** The visit in a case file. */
class VisitOf {
  constructor(private readonly page: Page) {}

  get card(): Locator {
    return this.page.getByRole("region", { name: "Visita", exact: true });
  }

  /** Opens a sheet of the visit. */
  async begin(act: string): Promise<Locator> {
    await this.card.getByRole("button", { name: act, exact: true }).click();
    const sheet = this.page.getByRole("dialog", { name: act });
    await expect(sheet).toBeVisible();
    return sheet;
  }

  async offer(first: string, second: string): Promise<void> {
    const sheet = await this.begin("Ofrecer visita");
    await sheet.getByLabel("Desde (1)").fill(first);
    await sheet.getByLabel("Desde (2)").fill(second);
    await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
    await accessible(this.page);
    await sheet.getByRole("button", { name: "Enviar la oferta" }).click();
    await expect(this.card).toContainText("Esperando respuesta del cliente");
  }
}

/** The mail to an address whose subject holds these words: the latest of them, once there are so many. */
async function mailed(desk: Desk, address: string, words: string, count = 1): Promise<ParsedMail> {
  return until(`${count} mails "${words}"`, () => {
    const found = desk.mailbox.to(address).filter((mail) => mail.subject?.includes(words));
    return found.length >= count ? found[found.length - 1] : undefined;
  });
}

function linkIn(mail: ParsedMail): string {
  const link = /\/visit\/\S+/.exec(mail.text ?? "")?.[0];
  if (!link) throw new Error(`no link in ${mail.text}`);
  return link;
}

/** The invitation in a mail, its lines unfolded. */
function invitation(mail: ParsedMail): string {
  const file = mail.attachments.find((attachment) => attachment.filename === "invite.ics");
  if (!file) throw new Error(`no invitation in ${mail.subject}`);
  return file.content.toString("utf8").replaceAll("\r\n ", "");
}

test("offered, accepted by the mail's link, done on the tablet", async ({ page, another, desk }) => {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const ours = new VisitOf(page);
  await ours.offer(at(1, "09:00"), at(1, "14:00"));

  const link = linkIn(await mailed(desk, mail, "elija el horario"));
  for (const _ of [1, 2]) await fetch(`${desk.url}${link}`);
  const customer = (await another(PHONE)).page;
  await customer.goto(link);
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Elija un horario");
  await accessible(customer);
  await customer.getByRole("button", { name: /14:00 a 16:00/ }).click();
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Acordada");
  await expect(ours.card, "without a reload").toContainText("14:00 a 16:00");
  await expect(page.getByRole("region", { name: "Llegada al sitio" })).toBeVisible();

  const agreed = invitation(await mailed(desk, mail, "visita acordada"));
  expect(agreed).toContain("METHOD:REQUEST\r\n");
  expect(agreed).toContain(`DTSTART;TZID=America/Caracas:${at(1, "140000").replaceAll("-", "")}\r\n`);
  expect(agreed).toContain("BEGIN:VTIMEZONE");
  expect(agreed).toContain(`mailto:${mail}`);
  expect(agreed).toContain("casos@vigia.example");
  await mailed(desk, TECHNICIAN.mail, number.written);

  const tablet = (await another(TABLET)).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await tablet.getByRole("link", { name: "Agenda" }).click();
  await tablet.getByRole("link", { name: "Día siguiente" }).click();
  const entry = tablet.getByRole("listitem").filter({ hasText: number.grouped });
  await expect(entry.getByRole("link", { name: /Torre Ávila/ })).toHaveAttribute("href", /openstreetmap/);
  await expect(entry.getByRole("link", { name: /555/ })).toHaveAttribute("href", /^tel:/);
  await accessible(tablet);
  await entry.getByRole("button", { name: "Llegué" }).tap();
  await entry.getByRole("button", { name: "Comenzar el trabajo" }).tap();
  await entry.getByLabel("Informe del trabajo").fill("Se cambió la fuente de poder y se probó una hora.");
  await entry.getByLabel("Cantidad (1)").fill("2");
  await entry.getByLabel("Repuesto (1)").fill("Fuente de poder 715 W");
  await entry.getByRole("button", { name: "Terminar la visita" }).tap();
  await expect(entry.getByRole("alert")).toContainText("Falta la firma");
  await sign(tablet, entry);
  await accessible(tablet);
  await entry.getByRole("button", { name: "Terminar la visita" }).tap();
  await expect(entry).toContainText("Firmó: Ana Teresa Rivas");

  await expect(ours.card).toContainText("Terminada");
  await expect(ours.card).toContainText("2 × Fuente de poder 715 W");
  await expect(ours.card.getByRole("img", { name: "Firma del cliente" })).toBeVisible();
  await expect(file.history.first()).toContainText("Visita terminada");
  await expect(file.promise("Primer contacto"), "face to face").toContainText("Cumplido");

  await customer.goto(link);
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Esta visita terminó");
});

/** Draws a signature with the pointer. */
async function sign(page: Page, entry: Locator): Promise<void> {
  const pad = entry.getByRole("img", { name: "Firme aquí" });
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  if (!box) throw new Error("nowhere to sign");
  await page.mouse.move(box.x + 30, box.y + box.height / 2);
  await page.mouse.down();
  for (const step of [1, 2, 3, 4, 5, 6]) {
    await page.mouse.move(box.x + 30 + step * 30, box.y + box.height * (step % 2 ? 0.3 : 0.7));
  }
  await page.mouse.up();
}

test("moved by the customer, then by us", async ({ page, another, desk }) => {
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const ours = new VisitOf(page);
  await ours.offer(at(2, "09:00"), at(2, "14:00"));

  const customer = (await another({})).page;
  await customer.goto(linkIn(await mailed(desk, mail, "elija el horario")));
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
  await accessible(page);
  await sheet.getByRole("button", { name: "Guardar el cambio" }).click();
  await expect(ours.card).toContainText("Movida por nosotros: 1");

  const again = linkIn(await mailed(desk, mail, "elija el horario", 2));
  await customer.goto(again);
  await customer.getByRole("button", { name: /15:00 a 17:00/ }).click();
  await expect(customer.getByRole("region", { name: "Visita" })).toContainText("Acordada");
  await expect(ours.card).toContainText("15:00 a 17:00");
  const [first, last] = [
    invitation(await mailed(desk, mail, "visita acordada", 1)),
    invitation(await mailed(desk, mail, "visita acordada", 3)),
  ];
  const property = (of: string, name: string) => new RegExp(`^${name}:(.*)\r$`, "m").exec(of)?.[1];
  expect(property(last, "UID")).toBe(property(first, "UID"));
  expect(Number(property(last, "SEQUENCE"))).toBeGreaterThan(5);
});

test("agreed by telephone, another technician, live in both agendas", async ({ page, another, desk }) => {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  const tablet = (await another(TABLET)).page;
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(tablet, "/desk/agenda?in=5");
  await expect(tablet.getByText("No hay visitas acordadas para este día.")).toBeVisible();

  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const ours = new VisitOf(page);
  const sheet = await ours.begin("Acordar por teléfono");
  await sheet.getByLabel("Desde (1)").fill(at(5, "09:00"));
  await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await accessible(page);
  await sheet.getByRole("button", { name: "Guardar la visita acordada" }).click();
  await expect(ours.card).toContainText("9:00 a 11:00");
  await expect(ours.card).toContainText("Ana Teresa Rivas · Teléfono");
  expect(invitation(await mailed(desk, mail, "visita acordada"))).toContain("METHOD:REQUEST\r\n");
  const entry = tablet.getByRole("listitem").filter({ hasText: number.grouped });
  await expect(entry, "without a reload").toContainText("9:00 a 11:00");

  const change = await ours.begin("Cambiar técnico");
  await change.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await accessible(page);
  await change.getByRole("button", { name: "Guardar el cambio de técnico" }).click();
  await expect(change.getByRole("alert")).toContainText("ya es de ese técnico");
  await change.getByRole("button", { name: "Cerrar" }).click();

  const off = await ours.begin("Cancelar visita");
  await off.getByRole("radio", { name: "Por nosotros" }).check();
  await off.getByLabel("Motivo").fill("Se resolvió a distancia.");
  await off.getByRole("button", { name: "Cancelar visita" }).click();
  await expect(ours.card).toContainText("Cancelada");
  await expect(entry, "and it goes as it came").toHaveCount(0);

  const late = (await another(PHONE)).page;
  await late.goto(linkIn(await mailed(desk, mail, "visita acordada")));
  const theirs = late.getByRole("region", { name: "Visita" });
  await expect(theirs).toContainText("Esta visita fue cancelada");
  await expect(theirs.getByRole("button")).toHaveCount(0);
});
