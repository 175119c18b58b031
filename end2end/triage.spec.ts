import { randomBytes } from "node:crypto";
import { freshMail, open } from "./support/report";
import { AGENT } from "./support/desk";
import { letter } from "./support/mailbox";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

const SIZES = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

test("a reply of the contact is in the case, and a stranger's waits until an agent decides", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const own = freshMail();
  const number = (await open(desk.url, { contact_mail: own })).split("-")[0];
  const opening = await desk.mailbox.first(own);
  await desk.deliver(letter(own, "Re: su caso", "Ya volvió la corriente.", { answers: opening.messageId }));
  const guessed = `Caso ${number}`;
  await desk.deliver(letter(own, guessed, "Ya no hace falta que vengan."));
  const stranger = freshMail();
  const subject = `Corriente ${randomBytes(4).toString("hex")}`;
  await desk.deliver(letter(stranger, subject, "Soy la vecina: allí no hay corriente."));

  await signIn(page, AGENT);
  await page.goto(`/desk/cases/${number}`);
  await expect(page.getByText("Ya volvió la corriente.").first()).toBeVisible();

  await expect(page.getByText("Ya no hace falta que vengan.")).toHaveCount(0);

  await page.goto("/desk/triage");
  await expect(page.getByRole("heading", { level: 1, name: "Mensajes por clasificar" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: guessed })).toContainText("Solo el número lo prueba");
  await accessible(page);
  await page.getByRole("link", { name: subject }).click();
  await expect(page.getByText("Soy la vecina: allí no hay corriente.")).toBeVisible();
  await accessible(page);
  const field = page.getByLabel("Número del caso");
  await field.fill("VE26-1");
  await page.getByRole("button", { name: "Añadir" }).click();
  await expect(field).toHaveValue("VE26-1");
  await expect(page.getByRole("alert")).toBeVisible();
  await accessible(page);
  await field.fill(number ?? "");
  await page.getByRole("button", { name: "Añadir" }).click();
  await expect(page.getByText(`Correo de Otra Persona <${stranger}>:`).first()).toBeVisible();
  await page.goto("/desk/triage");
  await expect(page.getByRole("link", { name: subject })).toHaveCount(0);
});

test("a mail fills in the form, and another is discarded", async ({ page, desk }) => {
  const sender = freshMail();
  const subject = `Equipo ${randomBytes(4).toString("hex")}`;
  await desk.deliver(letter(sender, subject, "No enciende el FOC2614A1B2."));
  await signIn(page, AGENT);
  await page.goto("/desk/triage");
  await page.getByRole("link", { name: subject }).click();
  await expect(page.getByText("FOC2614A1B2").first()).toBeVisible();
  await page.getByRole("link", { name: "Abrir un caso con estos datos" }).click();
  await expect(page.locator("[name=contact_mail]")).toHaveValue(sender);
  await expect(page.locator("[name=serial]")).toHaveValue("FOC2614A1B2");
  await page.goto("/desk/triage");
  await page.getByRole("link", { name: subject }).click();
  await page.getByRole("button", { name: "Descartar" }).click();
  await expect(page.getByText("El mensaje fue descartado.")).toBeVisible();
});

test("/desk/triage fits every screen without a script", async ({ page, browser, desk }) => {
  await signIn(page, AGENT);
  const storage = await page.context().storageState();
  const context = await browser.newContext({ storageState: storage, javaScriptEnabled: false, baseURL: desk.url });
  const plain = await context.newPage();
  for (const viewport of SIZES) {
    await plain.setViewportSize(viewport);
    await plain.goto("/desk/triage");
    await expect(plain.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(plain.locator("script[type=module]")).toHaveCount(0);
  }
  await context.close();
});
