import { AGENT } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { signIn } from "./support/staff";
import { expect, test } from "./support/test";

// Without a script, preloaded files stay unused.
const UNUSED = /was preloaded using link preload but not used/;

test("without a script the search works by a plain form", async ({ page, desk, watched }) => {
  watched.allow(UNUSED);
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const number = new CaseNumber(await open(desk.url));
  const find = page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" });
  await find.fill(number.compact.slice(4));
  await find.press("Enter");
  await expect(page.getByRole("row").filter({ hasText: number.grouped })).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" })).toHaveValue(number.compact.slice(4));
  await page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).fill(number.written);
  await page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).press("Enter");
  await expect(page).toHaveURL(`${desk.url}/desk/cases/${number.compact}`);
});
