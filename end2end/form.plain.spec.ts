import { AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, WRONG_CHECK } from "./support/report";
import { signIn } from "./support/staff";
import { expect, test } from "./support/test";

// Browsers log every answer with this status as a failure.
const REFUSED = /the server responded with a status of 422/;
// Without a script, preloaded files stay unused.
const UNUSED = /was preloaded using link preload but not used/;

test("without a script the form comes back with everything typed, and an error at each wrong field", async ({
  page,
  watched,
}) => {
  watched.allow(REFUSED);
  watched.allow(UNUSED);
  await page.goto("/");
  const form = new CaseForm(page, "es", "keyboard");
  await form.fill({ contract: WRONG_CHECK, serial: "FOC2614A1B2" });
  await form.field("mail").fill("ana.rivas");
  await form.field("fault").fill("Falla");
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await form.send.press("Enter");
  expect((await answered).status()).toBe(422);

  await expect(form.field("contract")).toHaveAccessibleDescription(/El número no cuadra/);
  await expect(form.field("mail")).toHaveAccessibleDescription(/Falta la arroba/);
  await expect(form.field("fault")).toHaveAccessibleDescription(/faltan 5/);
  await expect(page.getByRole("alert").filter({ hasText: "Falta corregir 3 datos" })).toBeVisible();
  await expect(form.field("reporter")).toHaveValue("Ana Teresa Rivas");
  await expect(form.field("contract")).toHaveValue(WRONG_CHECK);
  await expect(form.field("phone")).toHaveValue("0212 555 0142");
  await expect(form.field("mail")).toHaveValue("ana.rivas");
  await expect(form.field("country")).toHaveValue("VE");
  await expect(form.field("location")).toHaveValue("Torre Ávila, piso 12, sala de redes");
  await expect(form.field("fault")).toHaveValue("Falla");
  await expect(form.same).toBeChecked();
  await expect(form.choice("platform", "network")).toBeChecked();
  await expect(form.choice("severity", "critical")).toBeChecked();
  await expect(form.choice("urgency", "critical")).toBeChecked();
  await expect(form.field("reporter")).not.toHaveAttribute("aria-invalid", "true");

  await form.fill();
  await form.send.press("Enter");
  await expect(page).toHaveTitle("Caso abierto · Vigía");
});

test("without a script a case is opened, confirmed and followed", async ({ page, desk, watched }) => {
  watched.allow(UNUSED);
  await page.goto("/");
  const form = new CaseForm(page, "es", "keyboard");
  await form.fill();
  await form.send.press("Enter");
  await expect(page).toHaveURL(/\/opened\//);
  const number = new CaseNumber(await page.getByRole("heading", { level: 1 }).innerText());
  await expect(page.getByRole("region", { name: "Primer contacto" }).getByRole("timer")).toHaveText(/\d\d:\d\d/);
  expect((await desk.mailbox.first(form.mail)).subject).toContain(number.written);
  await page.getByRole("link", { name: "Ver el seguimiento" }).press("Enter");
  await expect(page).toHaveURL(/\/track\//);
  await expect(page.getByText("Usted abrió el caso")).toBeVisible();
});

test("without a script an agent's wrong form comes back, then opens the case file", async ({
  page,
  watched,
}) => {
  watched.allow(REFUSED);
  watched.allow(UNUSED);
  await signIn(page, AGENT);
  await page.goto("/desk/intake");
  const form = new CaseForm(page, "es", "keyboard");
  await form.fill({ contract: WRONG_CHECK, serial: "FOC2614A1B2" });
  const answered = page.waitForResponse((response) => response.request().method() === "POST");
  await form.send.press("Enter");
  expect((await answered).status()).toBe(422);
  await expect(page.getByRole("heading", { level: 1, name: "Abrir un caso por teléfono" })).toBeVisible();
  await expect(form.field("contract")).toHaveAccessibleDescription(/El número no cuadra/);

  await form.fill();
  await form.send.press("Enter");
  await expect(page).toHaveURL(/\/desk\/cases\//);
  await expect(page.getByText("abrió el caso por teléfono")).toBeVisible();
});
