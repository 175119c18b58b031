import { CaseForm } from "./support/form";
import { CaseNumber, freshMail, open, report } from "./support/report";
import { expect, test } from "./support/test";

// Without a script, preloaded files stay unused.
const UNUSED = /was preloaded using link preload but not used/;

test("without a script a case is cancelled and followed by a new one", async ({ page, desk, watched }) => {
  watched.allow(UNUSED);
  watched.allow(/status of 422/);
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  const unconfirmed = await page.request.post(`/track/${tracking}/cancel`, { form: { reason: "" } });
  expect(unconfirmed.status()).toBe(422);
  const early = await page.request.post(`/track/${tracking}/follow`, { form: report({ contact_mail: mail }) });
  expect(early.status(), "a case that goes on is taken up by none").toBe(422);

  await page.goto(`/track/${tracking}`);
  // By keyboard: see support/form.ts.
  await page.getByText("¿Ya no lo necesita?").press("Enter");
  const sure = page.getByRole("checkbox", { name: "Sí, quiero cancelar este caso" });
  await sure.press("Space");
  await expect(sure).toBeChecked();
  await page.getByRole("button", { name: "Cancelar el caso" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Cancelado");

  await page.getByRole("link", { name: "Abrir un caso nuevo" }).press("Enter");
  const form = new CaseForm(page, "es", "keyboard");
  await expect(form.field("mail")).toHaveValue(mail);
  for (const question of ["severity", "urgency"] as const) {
    await form.choice(question, "critical").press("Space");
    await expect(form.choice(question, "critical")).toBeChecked();
  }
  await form.send.press("Enter");
  await expect(form.field("fault"), "what is missing stands at its field").toHaveAccessibleDescription(/.+/);
  await expect(form.field("mail")).toHaveValue(mail);
  await form.field("fault").fill("Otra vez se apaga el conmutador del piso 12.");
  await form.send.press("Enter");
  await expect(page).toHaveURL(/\/opened\//);
  const next = new CaseNumber(await page.getByRole("heading", { level: 1 }).innerText());
  expect(await desk.mailbox.text(mail, `${next.written} abierto`)).toContain(`Sigue al caso ${number.written}`);
});
