import { readFile, writeFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import type { Page } from "@playwright/test";
import { freshMail, open } from "./support/report";
import { accessible, expect, test, visit } from "./support/test";
import { DRAWN_BY_THE_BROWSER } from "./support/wall";

const GOOD = "Íntegro, y todos los plazos coinciden";

/** Chooses a file on the page that verifies, and expects its result. */
async function verify(page: Page, file: string, result: string): Promise<void> {
  await page.getByLabel("Archivo del comprobante").setInputFiles(file);
  await expect(page.getByRole("heading", { name: result })).toBeVisible();
}

/** Clicks a link, and keeps what it downloads under its own name. */
async function take(page: Page, link: string, into: (name: string) => string): Promise<string> {
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: link }).click()]);
  const file = into(download.suggestedFilename());
  await download.saveAs(file);
  return file;
}

test("a customer takes the proof of a case, and verifies it at the desk and on a page that needs none", async ({ page, another, desk, watched }, info) => {
  watched.allow(DRAWN_BY_THE_BROWSER);
  const into = (name: string): string => info.outputPath(name);
  const tracking = await open(desk.url, { contact_mail: freshMail() });
  await visit(page, `/track/${tracking}`);
  const proof = await take(page, "Descargar comprobante", into);
  expect(proof).toMatch(/VE\d+-proof\.json$/);
  const changed = into("changed-proof.json");
  await writeFile(changed, (await readFile(proof, "utf8")).replace('"cycle":1', '"cycle":2'));

  await page.getByRole("link", { name: "Verificar un comprobante" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Verificar un comprobante" })).toBeVisible();
  await accessible(page);
  await verify(page, proof, GOOD);
  const clocks = page.getByRole("table", { name: "Los plazos, calculados de nuevo" });
  await expect(clocks.getByText("Coincide", { exact: true }).first()).toBeVisible();
  await expect(clocks.getByText("No coincide")).toHaveCount(0);
  await expect(page.getByRole("table", { name: "El historial, entrada por entrada" }).getByRole("row")).not.toHaveCount(1);
  await accessible(page);
  await verify(page, changed, "El archivo fue cambiado");
  await expect(clocks).toHaveCount(0);

  const kept = await take(page, "Guardar esta página", into);
  const key = await page.locator(".verify__key").innerText();
  const reader = await another({ viewport: { width: 390, height: 844 }, offline: true });
  reader.allow(DRAWN_BY_THE_BROWSER);
  await reader.page.goto(pathToFileURL(kept).href);
  await expect(reader.page.locator(".verify__key")).toHaveText(key);
  await verify(reader.page, proof, GOOD);
  expect(await reader.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await accessible(reader.page);
  await verify(reader.page, changed, "El archivo fue cambiado");
});
