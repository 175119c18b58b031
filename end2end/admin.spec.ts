import type { Page } from "@playwright/test";
import { ADMINISTRATOR, AGENT, SUPERVISOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

/** Goes to a page of the administration's bundle and waits until it is alive. */
async function admin(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.locator("html[data-live]")).toBeAttached();
}

const sizes = [
  { name: "phone", width: 390, height: 844 },
  { name: "tablet", width: 820, height: 1180 },
  { name: "desktop", width: 1440, height: 900 },
];

test("administration and account are a bundle of their own, and links lead there and back", async ({ page }) => {
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const nav = page.getByRole("navigation", { name: "Principal" });
  await nav.getByRole("link", { name: "Administración" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Administración" })).toBeVisible();
  await expect(page.locator('link[rel="modulepreload"]')).toHaveAttribute("href", /\/pkg\/admin\./);
  await expect(page.locator("html[data-live]")).toBeAttached();
  await page.getByRole("main").getByRole("link", { name: "Personas" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Personas" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: AGENT.mail })).toContainText("Agente");
  await page.getByRole("link", { name: "Mi cuenta" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Mi cuenta" })).toBeVisible();
  await page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).fill("Cumbre");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/desk\/search\?q=Cumbre$/);
  await page.goBack();
  await nav.getByRole("link", { name: "Cola" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await expect(page.locator('link[rel="modulepreload"]')).toHaveAttribute("href", /\/pkg\/workspace\./);
});

test("only those who may read the administration are led there", async ({ page, another }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Mi cuenta" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Administración" })).toHaveCount(0);
  const { page: supervisor } = await another({ viewport: { width: 1440, height: 900 }, baseURL: new URL(page.url()).origin });
  await signIn(supervisor, SUPERVISOR);
  await supervisor.getByRole("link", { name: "Administración" }).click();
  await expect(supervisor.getByRole("heading", { level: 1, name: "Administración" })).toBeVisible();
});

for (const { name, ...viewport } of sizes) {
  test(`the pages of administration and account fit a ${name}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["/desk/admin", "/desk/admin/people", "/desk/account"]) {
      await admin(page, address);
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${address} scrolls sideways`).toBe(0);
    }
  });
}
