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
  await page.getByText("¿Ya no lo necesita?").click({ force: true });
  await page.getByRole("checkbox", { name: "Sí, quiero cancelar este caso" }).check({ force: true });
  await page.getByRole("button", { name: "Cancelar el caso" }).click({ force: true });
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Cancelado");

  await page.getByRole("link", { name: "Abrir un caso nuevo" }).click({ force: true });
  const form = new CaseForm(page, "es", { force: true });
  await expect(form.field("mail")).toHaveValue(mail);
  await form.choice("severity", "critical").check({ force: true });
  await form.choice("urgency", "critical").check({ force: true });
  await form.send.click({ force: true });
  await expect(form.field("fault"), "what is missing stands at its field").toHaveAccessibleDescription(/.+/);
  await expect(form.field("mail")).toHaveValue(mail);
  // A forced click does not wait until the page stands still.
  await page.waitForLoadState();
  await form.field("fault").fill("Otra vez se apaga el conmutador del piso 12.");
  await form.send.click({ force: true });
  await expect(page).toHaveURL(/\/opened\//);
  const next = new CaseNumber(await page.getByRole("heading", { level: 1 }).innerText());
  expect(await desk.mailbox.text(mail, `${next.written} abierto`)).toContain(`Sigue al caso ${number.written}`);
});
