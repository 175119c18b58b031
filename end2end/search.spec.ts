import type { Page } from "@playwright/test";
import { AGENT, type Desk } from "./support/desk";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { until } from "./support/until";

const WIDTHS = [390, 820, 1440];

/** A name that no other test uses. */
function freshName(): string {
  return freshMail().replace(/[^a-f]/g, "").slice(0, 12);
}

/** A case with a name and a telephone of its own, once both are indexed. */
async function known(page: Page, desk: Desk, name: string, last: string): Promise<CaseNumber> {
  const number = new CaseNumber(
    await open(desk.url, {
      contact_same: "",
      contact_name: name,
      contact_phone: `0414-55${last.slice(0, 1)}.${last.slice(1, 3)}.${last.slice(3)}`,
    }),
  );
  await until("the case is found", async () => {
    const found = await page.request.get(`/desk/search?q=${encodeURIComponent(name)}`);
    return (await found.text()).includes(`/desk/cases/${number.compact}`);
  });
  return number;
}

/** The last five digits of a telephone. */
function freshDigits(): string {
  return String(10_000 + Math.floor(Math.random() * 90_000));
}

test("an agent finds a case by the caller's name and the last digits of their telephone, by keys alone", async ({
  page,
  desk,
}) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const name = freshName();
  const last = freshDigits();
  const number = await known(page, desk, `José Ñáñez ${name}`, last);
  await visit(page, "/desk");
  const find = page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" });

  await page.keyboard.press("/");
  await expect(find).toBeFocused();
  // A slash in a field is typed.
  await page.keyboard.type(`/${last}`);
  await expect(find).toHaveValue(`/${last}`);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(new RegExp(`/desk/search\\?q=/${last}$`));
  const row = page.getByRole("row").filter({ hasText: number.grouped });
  await expect(row).toContainText("Banco Cumbre del Ávila");
  await expect(row).toContainText(`José Ñáñez ${name}`);
  await expect(row).toContainText("Nuevo");
  await expect(row).toContainText("P1");
  const heading = page.getByRole("heading", { level: 1, name: /^(1 caso|\d+ casos) con «/ });
  await expect(heading).toBeFocused();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await accessible(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, `at ${width}`).toBe(false);
  }

  await page.keyboard.press("/");
  await page.keyboard.type(`NANEZ jose ${name} ${last.slice(1)}`);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: /^1 caso con «NANEZ/ })).toBeFocused();
  await expect(page.getByRole("row").filter({ hasText: number.grouped })).toBeVisible();
  // The list can be scrolled by keys; then comes the first case in it.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: number.grouped }).first()).toBeFocused();
  await page.keyboard.press("Enter");
  await CaseFile.on(page, number);

  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: /^1 caso con «NANEZ/ })).toBeVisible();
  await expect(find).toHaveValue(`NANEZ jose ${name} ${last.slice(1)}`);
  await page.goBack();
  await expect(page).toHaveURL(new RegExp(`q=/${last}$`));
  await expect(find).toHaveValue(`/${last}`);
});

test("part of a number finds its case, the whole number opens it, and an unknown one is reported", async ({ page, desk }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const number = new CaseNumber(await open(desk.url));
  await page.goto(`/desk/search?q=${number.compact.slice(4)}`);
  await expect(page.getByRole("row").filter({ hasText: number.grouped })).toBeVisible();

  const find = page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" });
  await find.fill("nadie-se-llama-asi");
  await find.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Ningún caso con «nadie-se-llama-asi»" })).toBeVisible();
  await expect(page.getByText("los últimos cuatro dígitos del teléfono")).toBeVisible();
  await accessible(page);
  await find.fill("");
  await find.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Buscar casos" })).toBeVisible();

  // The whole address works as well, as without a script.
  await page.goto(`/desk/search?q=${encodeURIComponent(number.grouped.toLowerCase())}`);
  await expect(page).toHaveURL(`${desk.url}/desk/cases/${number.compact}`);
  await CaseFile.on(page, number);
});
