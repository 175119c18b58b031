import { ADMINISTRATOR, AGENT } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

const SIZES = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

test("an administrator finds a contract, mends what was typed wrong, and reads who changed it", async ({ page, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/register/contracts");
  await page.getByLabel("Buscar en esta lista").fill("cumbre");
  await page.getByRole("main").getByRole("button", { name: "Buscar" }).click();
  await accessible(page);
  await page.getByRole("link", { name: "CPS-VE-004213-58" }).click();
  await page.getByLabel("Correo del contacto").fill("ana@");
  await page.getByLabel("Contacto", { exact: false }).first().fill("Ana Rivas");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByLabel("Correo del contacto")).toHaveValue("ana@");
  await expect(page.getByLabel("Correo del contacto")).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await page.getByLabel("Correo del contacto").fill("ana@cumbre.example");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Los cambios quedaron guardados.")).toBeVisible();
  const history = page.getByRole("region", { name: "Historia de cambios" });
  await expect(history.getByRole("listitem").first()).toContainText(ADMINISTRATOR.name);
  await expect(history).toContainText("ana@cumbre.example");
  await accessible(page);
});

test("an agent reads equipment with its cases and changes nothing", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/register/equipment/FOC2614A1B2");
  await expect(page.getByRole("heading", { level: 1, name: "FOC2614A1B2" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Guardar" })).toHaveCount(0);
  await accessible(page);
});

for (const viewport of SIZES) {
  test(`the register fits ${viewport.width} pixels`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["", "/contracts", "/sites", "/equipment", "/organisations/1", "/equipment/FOC2614A1B2", "/organisations/1/merge"]) {
      await page.goto(`/desk/admin/register${address}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, address).toBe(0);
      await accessible(page);
    }
  });
}
