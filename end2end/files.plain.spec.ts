import { AGENT } from "./support/desk";
import { png } from "./support/picture";
import { CaseNumber, open } from "./support/report";
import { signIn } from "./support/staff";
import { expect, test } from "./support/test";

const PHOTO = { name: "panel.png", mimeType: "image/png", buffer: png(64) };
const DISGUISED = { name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.from("<svg onload='alert(1)'/>") };

test("without a script customer and agent send photographs with their words", async ({ page, desk, watched }) => {
  watched.allow(/was preloaded using link preload but not used|status of 422/);
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
  await page.goto(`/track/${tracking}`);
  const form = page.getByRole("region", { name: "Escríbanos" });
  await form.getByLabel("Su mensaje").fill("Así está el panel.");
  await form.getByLabel("Fotos y archivos (opcional)").setInputFiles([PHOTO, DISGUISED]);
  await form.getByRole("button", { name: "Enviar mensaje" }).click();
  await expect(form.getByRole("alert")).toContainText("foto.jpg: Solo se aceptan");
  await expect(form.getByLabel("Su mensaje")).toHaveValue("Así está el panel.");
  await form.getByLabel("Fotos y archivos (opcional)").setInputFiles(PHOTO);
  await form.getByRole("button", { name: "Enviar mensaje" }).click();
  await expect(page.getByRole("link", { name: "panel.png" })).toBeVisible();

  await signIn(page, AGENT);
  await page.goto(`/desk/cases/${number.compact}`);
  // Playwright finds no text within a <noscript>.
  await page.locator("#plain-text").fill("Pieza por cambiar.");
  await page.locator("#plain-files").setInputFiles({ ...PHOTO, name: "pieza.png" });
  await page.locator(`form[action="/desk/cases/${number.compact}/messages"] button`).click();
  await expect(page.getByRole("link", { name: "pieza.png" })).toBeVisible();
});
