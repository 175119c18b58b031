import { expect, type Locator, type Page } from "@playwright/test";
import type { ParsedMail } from "mailparser";
import { type Desk, TECHNICIAN } from "./desk";
import type { CaseNumber } from "./report";
import { accessible } from "./test";
import { until } from "./until";

/** The local time of the site in `days` days, as a date field takes it. */
export function at(days: number, time: string, zone = "America/Caracas"): string {
  const date = new Date(Date.now() + days * 24 * 3600 * 1000);
  // Swedish dates have the format of date fields.
  return `${new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(date)}T${time}`;
}

/** The local time of the site in `minutes` minutes, as a date field takes it. */
export function soon(minutes: number, zone = "America/Caracas"): string {
  const shown = { timeZone: zone, dateStyle: "short", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat("sv-SE", shown).format(Date.now() + minutes * 60_000).replace(" ", "T");
}

/** A case's entry in an agenda, by its link: a warning in another entry may name the case too. */
export function agendaEntry(page: Page, number: CaseNumber): Locator {
  return page.getByRole("listitem").filter({ has: page.getByRole("link", { name: number.grouped }) });
}

/** The visit in a case file. */
export class VisitOf {
  constructor(private readonly page: Page) {}

  get card(): Locator {
    return this.page.getByRole("region", { name: "Visita", exact: true });
  }

  /** Opens a dialog of the visit. */
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
    await this.send(sheet, "Enviar la oferta", "Esperando respuesta del cliente");
  }

  /** Records a visit that was agreed by telephone. */
  async agree(from: string): Promise<void> {
    const sheet = await this.begin("Acordar por teléfono");
    await sheet.getByLabel("Desde (1)").fill(from);
    await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
    await this.send(sheet, "Guardar la visita acordada", "Acordada");
  }

  /** Other tests book the same technician: a clash needs a reason. */
  private async send(sheet: Locator, act: string, done: string): Promise<void> {
    const why = sheet.getByLabel("¿Por qué va igual?");
    await sheet.getByRole("button", { name: act }).click();
    const outcome = this.card.getByText(done).or(why);
    await expect(outcome.first()).toBeVisible();
    if (await why.isVisible()) {
      await why.fill("Otro recorrido de prueba.");
      await sheet.getByRole("button", { name: act }).click();
    }
    await expect(this.card).toContainText(done);
  }
}

/** The latest mail to an address with these words in its subject, once there are `count`. */
export async function mailed(desk: Desk, address: string, words: string, count = 1): Promise<ParsedMail> {
  return until(`${count} mails "${words}"`, () => {
    const found = desk.mailbox.to(address).filter((mail) => mail.subject?.includes(words));
    return found.length >= count ? found[found.length - 1] : undefined;
  });
}

/** The link to a page of the desk, such as `/visit/…`, in a mail. */
export function linkIn(mail: ParsedMail, page: "visit" | "track" | "survey"): string {
  const link = new RegExp(`/${page}/\\S+`).exec(mail.text ?? "")?.[0];
  if (!link) throw new Error(`no link to /${page} in ${mail.text}`);
  return link;
}

/** The invitation in a mail, its lines unfolded. */
export function invitation(mail: ParsedMail): string {
  const file = mail.attachments.find((attachment) => attachment.filename === "invite.ics");
  if (!file) throw new Error(`no invitation in ${mail.subject}`);
  return file.content.toString("utf8").replaceAll("\r\n ", "");
}

/** Draws a signature with the pointer. */
export async function sign(page: Page, entry: Locator): Promise<void> {
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
