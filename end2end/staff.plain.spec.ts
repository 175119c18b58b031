import { AGENT } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { signIn } from "./support/staff";
import { expect, test } from "./support/test";

test("without a script staff see the page, and are told what works", async ({ page, desk, watched }) => {
  watched.allow(/was preloaded using link preload but not used/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  // Playwright finds no text within a <noscript>.
  const told = page.locator("noscript p").filter({ hasText: "Sin JavaScript" });
  await expect(told).toBeVisible();
  await expect(told).toContainText("Sin JavaScript esta página muestra lo que había al abrirla.");
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto(`/desk/cases/${number.compact}`);
  await expect(told).toBeVisible();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
});
