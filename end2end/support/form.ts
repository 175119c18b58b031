import { expect, type Locator, type Page } from "@playwright/test";
import { CARACAS, CaseNumber, freshMail } from "./report";
import { visit } from "./test";

/** The words of the case form in Spanish and English. */
const words = {
  es: {
    reporter: "Nombre completo",
    contract: "Número de contrato",
    contactName: "Nombre del contacto",
    phone: "Teléfono",
    mail: "Correo electrónico",
    platform: /^Plataforma/,
    network: "Redes",
    serial: "Serial del equipo",
    country: "País",
    location: "Ubicación física",
    fault: "Descripción de la falla",
    severity: /^Severidad/,
    urgency: /^Urgencia/,
    critical: /^Crítica/,
    low: /^Baja/,
    preview: "Nuestro compromiso",
    send: "Enviar el caso",
  },
  en: {
    reporter: "Full name",
    contract: "Contract number",
    contactName: "Contact's name",
    phone: "Telephone",
    mail: "Mail address",
    platform: /^Platform/,
    network: "Networks",
    serial: "Serial number of the equipment",
    country: "Country",
    location: "Physical location",
    fault: "Description of the fault",
    severity: /^Severity/,
    urgency: /^Urgency/,
    critical: /^Critical/,
    low: /^Low/,
    preview: "Our promise",
    send: "Send the case",
  },
} as const;

type Text = "reporter" | "contract" | "contactName" | "phone" | "mail" | "serial" | "country" | "location" | "fault";

export class CaseForm {
  readonly mail = freshMail();

  constructor(
    private readonly page: Page,
    private readonly language: keyof typeof words = "es",
    // Without a script Playwright cannot wait for an element to stop moving, and a click may miss. The keyboard needs no
    // position.
    private readonly hands: "pointer" | "keyboard" = "pointer",
  ) {}

  private get words(): (typeof words)[keyof typeof words] {
    return words[this.language];
  }

  field(name: Text): Locator {
    return this.page.getByLabel(this.words[name], { exact: true });
  }

  /** The box for a reporter who is the contact. */
  get same(): Locator {
    return this.page.locator("#contact-same");
  }

  choice(question: "platform" | "severity" | "urgency", answer: "network" | "critical" | "low"): Locator {
    const group = this.page.getByRole("group", { name: this.words[question] });
    return group.getByRole("radio", { name: this.words[answer] });
  }

  get preview(): Locator {
    return this.page.getByRole("complementary", { name: this.words.preview });
  }

  get send(): Locator {
    return this.page.getByRole("button", { name: this.words.send });
  }

  private async mark(box: Locator): Promise<void> {
    if (this.hands === "pointer") return box.check();
    if (!(await box.isChecked())) await box.press("Space");
    await expect(box).toBeChecked();
  }

  /** Fills in all fields of an ordinary case. */
  async fill(equipment: { contract: string; serial: string } = CARACAS): Promise<void> {
    await this.field("reporter").fill("Ana Teresa Rivas");
    await this.field("contract").fill(equipment.contract);
    await this.mark(this.same);
    await this.field("phone").fill("0212 555 0142");
    await this.field("mail").fill(this.mail);
    await this.mark(this.choice("platform", "network"));
    await this.field("serial").fill(equipment.serial);
    await this.field("country").selectOption("VE");
    await this.field("location").fill("Torre Ávila, piso 12, sala de redes");
    await this.field("fault").fill("El conmutador del piso 12 se apaga y se enciende solo desde las siete.");
    await this.mark(this.choice("severity", "critical"));
    await this.mark(this.choice("urgency", "critical"));
  }
}

/** Opens a case in the portal and goes on to its page. */
export async function openAndFollow(portal: Page): Promise<{ form: CaseForm; number: CaseNumber }> {
  await visit(portal, "/");
  const form = new CaseForm(portal);
  await form.fill();
  await form.send.click();
  await expect(portal).toHaveURL(/\/opened\//);
  const number = new CaseNumber(await portal.getByRole("heading", { level: 1 }).innerText());
  await portal.getByRole("link", { name: "Ver el seguimiento" }).click();
  await expect(portal).toHaveURL(/\/track\//);
  return { form, number };
}
