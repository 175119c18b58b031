import type { Page } from "@playwright/test";
import { AGENT, TECHNICIAN } from "./support/desk";
import { CaseNumber, fromSomewhere, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { at, VisitOf } from "./support/visit";

// Forms that are being sent, and replies to conflicting ones.

/** Holds back the calls of a server function until it is released. */
async function hold(page: Page, name: string): Promise<() => void> {
  let release = (): void => {};
  const held = new Promise<void>((go) => (release = go));
  await page.route(`**/api/${name}`, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

/** Posts one of a case's forms as a page without a script does. */
async function post(url: string, path: string, fields: Record<string, string>): Promise<void> {
  const body = new URLSearchParams(fields);
  const answer = await fetch(`${url}${path}`, { method: "POST", headers: fromSomewhere(), body, redirect: "manual" });
  expect(answer.status, await answer.text()).toBe(303);
}

test("a note is read-only while it is sent, and keeps the cursor", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const sheet = await file.begin("Nota", "Nota");
  const text = sheet.getByRole("textbox");
  await text.fill("Llamó la portería.");
  const release = await hold(page, "work_case");
  await text.press("Control+Enter");
  await expect(text).not.toBeEditable();
  await expect(text).toBeFocused();
  await accessible(page);
  await page.keyboard.type(" Y más.");
  await expect(text).toHaveValue("Llamó la portería.");
  release();
  await expect(sheet).toBeHidden();
  await expect(file.history.first()).toContainText("Llamó la portería.");
  await file.begin("Nota", "Nota");
  await expect(text, "the next one begins empty").toHaveValue("");
  await expect(text).toBeEditable();
});

test("a customer's message is read-only while it is sent", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  await visit(page, `/track/${tracking}`);
  const text = page.getByLabel("Su mensaje");
  await text.fill("Ya volvió la luz.");
  const release = await hold(page, "write_to_desk");
  await page.getByRole("button", { name: "Enviar mensaje" }).click();
  await expect(text).not.toBeEditable();
  release();
  await expect(text).toBeEditable();
  await expect(text).toHaveValue("");
});

test("an error of a message whose form has disappeared shows with the text", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const tracking = await open(desk.url);
  await visit(page, `/track/${tracking}`);
  const text = page.getByLabel("Su mensaje");
  await text.fill(" ");
  const release = await hold(page, "write_to_desk");
  await page.getByRole("button", { name: "Enviar mensaje" }).click();
  await expect(text).not.toBeEditable();
  await post(desk.url, `/track/${tracking}/cancel`, { confirmed: "yes", reason: "" });
  await expect(text, "the case was cancelled elsewhere").toHaveCount(0);
  release();
  const told = page.locator("#not-taken");
  await expect(told).toContainText("Escriba");
  await expect(told).toBeFocused();
});

test("a customer's conflicting amendment rests on the other one, and keeps what was typed", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const tracking = await open(desk.url);
  await visit(page, `/track/${tracking}`);
  await page.getByText("¿Hay un dato equivocado?").click();
  const form = page.locator("details").filter({ hasText: "¿Hay un dato equivocado?" });
  const [phone, mail] = [form.locator("#amend-phone"), form.locator("#amend-mail")];
  const before = await mail.inputValue();
  await mail.fill("ana.rivas@cumbre.example");
  await page.getByLabel("Por qué se corrige").fill("Otro correo");
  const fault = await page.getByLabel("Descripción de la falla").inputValue();
  await post(desk.url, `/track/${tracking}/amend`, {
    seen: "1", name: "Ana Teresa Rivas", phone: "0212 555 0199", second: "", mail: before, fault, reason: "Otro teléfono",
  });
  await expect(page.getByText("+58 212 555 0199").first(), "the page knows").toBeVisible();
  await expect(phone, "the form rests on what its writer saw").toHaveValue("+58 212 555 0142");
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(form.getByText("Otra persona cambió estos datos")).toBeVisible();
  await expect(form.getByText("de +58 212 555 0142 a +58 212 555 0199")).toBeVisible();
  await expect(phone).toHaveValue("+58 212 555 0199");
  await expect(mail, "what was typed stays").toHaveValue("ana.rivas@cumbre.example");
  await expect(page.getByLabel("Por qué se corrige")).toHaveValue("Otro correo");
  await accessible(page);
  await page.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(page.getByText("Guardado. Quien atiende su caso lo ve de inmediato.")).toBeVisible();
  await expect(page.getByText("ana.rivas@cumbre.example").first()).toBeVisible();
  await expect(phone, "the other correction stands").toHaveValue("+58 212 555 0199");
});

test("a window has the length that is shown, whatever was offered before", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  const ours = new VisitOf(page);
  const sheet = await ours.begin("Ofrecer visita");
  const length = sheet.getByLabel("Duración (1)");
  await sheet.getByLabel("Desde (1)").fill(at(11, "06:00"));
  await length.selectOption("240");
  await sheet.getByLabel("Técnico").selectOption(TECHNICIAN.name);
  await sheet.getByRole("button", { name: "Enviar la oferta" }).click();
  await expect(sheet).toBeHidden();
  await expect(ours.card).toContainText("06:00 a 10:00");

  await ours.card.getByRole("button", { name: "Ofrecer otros horarios", exact: true }).click();
  await expect(sheet).toBeVisible();
  const shown = await length.inputValue();
  expect(shown, "the dialog begins anew").toBe("120");
  await sheet.getByLabel("Desde (1)").fill(at(12, "06:00"));
  await sheet.getByRole("button", { name: "Enviar la oferta" }).click();
  await expect(sheet).toBeHidden();
  await expect(ours.card).toContainText("06:00 a 08:00");
});
