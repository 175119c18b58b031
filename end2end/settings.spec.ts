import { ADMINISTRATOR, SUPERVISOR } from "./support/desk";
import { open } from "./support/report";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

const SIZES = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

test("a plan's change is shown over the open cases, put right, saved, and taken back", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  await open(desk.url);
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Planes SLA" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Planes SLA" })).toBeVisible();
  await page.getByRole("table").getByRole("link").first().click();
  const target = page.getByLabel("P2 · Primer contacto", { exact: true });
  const before = await target.inputValue();
  await target.fill("3h");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(page.getByRole("link", { name: "P2 · Primer contacto" })).toBeVisible();
  await expect(target).toHaveAccessibleDescription(/A lo sumo una hora/);
  await expect(target).toHaveValue("3h");
  await accessible(page);

  await target.fill("25m");
  await target.press("Enter");
  const preview = page.getByRole("region", { name: "Esto cambiaría" });
  await expect(preview.getByRole("row", { name: /P2 · Primer contacto/ })).toContainText("25m");
  await expect(preview).toContainText("Casos abiertos alcanzados");
  await accessible(page);
  await preview.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Todo quedó guardado" })).toBeVisible();

  await page.getByRole("navigation", { name: "Secciones de administración" }).getByRole("link", { name: "Cambios" }).click();
  const newest = page.getByRole("main").getByRole("listitem").first();
  await expect(newest).toContainText(ADMINISTRATOR.name);
  await expect(newest).toContainText("25m");
  await accessible(page);
  // The first version of the same plan.
  await page.getByRole("link", { name: "Retomar" }).last().click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.goto("/desk/admin/plans/1?at=0");
  await expect(target).toHaveValue(before);
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await preview.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Todo quedó guardado" })).toBeVisible();
});

test("a closure shows in the year of its calendar", async ({ page }) => {
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/calendars/1?year=2031");
  await page.getByLabel(/^Cierre \d+: Fecha$/).last().fill("2031-05-20");
  await page.getByLabel(/^Cierre \d+: Motivo$/).last().fill("Mudanza de la sede");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page).toHaveURL(/\/desk\/admin\/calendars\?/);
  await page.goto("/desk/admin/calendars/1?year=2031");
  await expect(page.getByTitle("Mudanza de la sede")).toContainText("20");
  await accessible(page);
});

test("a supervisor reads the plans and changes none", async ({ page }) => {
  await signIn(page, SUPERVISOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/plans/1");
  await expect(page.getByLabel("P1 · Resolución", { exact: true })).not.toBeEditable();
  await expect(page.getByRole("button", { name: "Ver qué cambia" })).toHaveCount(0);
  await accessible(page);
});

for (const viewport of SIZES) {
  test(`plans, calendars and changes fit ${viewport.width} pixels`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["plans", "plans/1", "calendars", "calendars/1", "changes"]) {
      await page.goto(`/desk/admin/${address}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${address} scrolls sideways`).toBe(0);
    }
  });
}
