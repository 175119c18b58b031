import { readFile } from "node:fs/promises";
import { ADMINISTRATOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("an administrator reads who signed in, on a telephone as well, and takes it as a file", async ({ page }) => {
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Registro de auditoría" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Registro de auditoría" })).toBeVisible();
  await accessible(page);

  await page.getByRole("combobox", { name: "Qué pasó" }).selectOption({ label: "Entró" });
  await page.getByRole("button", { name: "Mostrar" }).click();
  await expect(page).toHaveURL(/kind=signed_in/);
  const table = page.getByRole("table", { name: /Entradas del registro/ });
  await expect(table.getByText("con contraseña").first()).toBeVisible();

  await page.setViewportSize({ width: 390, height: 844 });
  await expect(table.getByText("con contraseña").first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
  await accessible(page);

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Descargar CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^vigia-registro-de-auditoria-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
  expect(await readFile(await download.path(), "utf8")).toContain("Entró");
});
