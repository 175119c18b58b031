import { expect, type Locator, type Page } from "@playwright/test";
import { PASSWORD } from "./desk";
import type { CaseNumber } from "./report";
import { visit } from "./test";

/** Signs a member of the demonstration's staff in; leads to the queue. */
export async function signIn(page: Page, who: { mail: string }, password = PASSWORD): Promise<void> {
  await page.goto("/desk/sign-in");
  await page.getByLabel("Correo", { exact: true }).fill(who.mail);
  await page.getByLabel("Contraseña", { exact: true }).fill(password);
  const answered = page.waitForResponse(
    (response) => response.request().method() === "POST" && new URL(response.url()).pathname === "/desk/sign-in",
  );
  await page.getByLabel("Contraseña", { exact: true }).press("Enter");
  await answered;
}

/** A case file. */
export class CaseFile {
  private constructor(private readonly page: Page) {}

  static async open(page: Page, number: CaseNumber): Promise<CaseFile> {
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    await visit(page, `/desk/cases/${number.compact}`);
    return CaseFile.on(page, number);
  }

  /** The file that is open already. */
  static async on(page: Page, number: CaseNumber): Promise<CaseFile> {
    await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
    return new CaseFile(page);
  }

  get head(): Locator {
    return this.page.getByRole("heading", { level: 1 });
  }

  get history(): Locator {
    return this.page.getByRole("region", { name: "Historia" }).getByRole("listitem");
  }

  clock(name: "Primer contacto" | "Resolución"): Locator {
    return this.page.getByRole("region", { name });
  }

  act(name: string): Locator {
    return this.page.getByRole("group", { name: "Acciones" }).getByRole("button", { name, exact: true });
  }

  sheet(name: string): Locator {
    return this.page.getByRole("dialog", { name });
  }

  /** Opens a dialog by its button. */
  async begin(act: string, sheet: string): Promise<Locator> {
    await this.act(act).click();
    const open = this.sheet(sheet);
    await expect(open).toBeVisible();
    return open;
  }

  /** Two taps. */
  async logContact(): Promise<void> {
    const sheet = await this.begin("Registrar contacto", "¿Cómo fue la llamada?");
    await sheet.getByRole("button", { name: /^Contactado/ }).click();
    await this.told(/Contacto registrado a las \d\d:\d\d/);
  }

  /** Two taps. */
  async logAttempt(outcome: string): Promise<void> {
    const sheet = await this.begin("Registrar contacto", "¿Cómo fue la llamada?");
    await sheet.getByRole("button", { name: outcome, exact: true }).click();
    await this.told(/Intento registrado a las \d\d:\d\d/);
  }

  /** Resolves the case with category, cause and solution. */
  async resolve(solution: string): Promise<void> {
    const sheet = await this.begin("Resolver", "Resolver el caso");
    await sheet.getByRole("radio", { name: "Equipo o repuesto" }).check();
    await sheet.getByLabel("Causa", { exact: true }).fill("Fuente de poder dañada.");
    await sheet.getByLabel("Qué se hizo").fill(solution);
    await sheet.getByRole("button", { name: "Marcar como resuelto" }).click();
    await this.told(/Caso resuelto/);
  }

  /** Expects a message of success. */
  async told(words: RegExp): Promise<void> {
    await expect(this.page.getByRole("status").filter({ hasText: words })).toBeVisible();
  }
}
