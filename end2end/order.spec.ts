import type { Locator, Page } from "@playwright/test";
import { AGENT, SUPERVISOR } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { DRAWN_BY_THE_BROWSER, onWall, overflowing, WALL, WallRow } from "./support/wall";

const CASES = "Casos, primero el que vence antes";

interface Box { x: number; y: number; width: number; height: number }

async function box(what: Locator): Promise<Box> {
  const measured = await what.boundingBox();
  if (!measured) throw new Error(`${what} is not shown`);
  return measured;
}

/** The height of an element's part on the first screen, in pixels. */
async function onFirstScreen(page: Page, what: Locator): Promise<number> {
  const { y, height } = await box(what);
  const screen = page.viewportSize()?.height ?? 0;
  return Math.max(0, Math.min(y + height, screen) - Math.max(y, 0));
}

test("cases on time take the larger part of the first screen, and breached ones stand apart", async ({ page, desk }) => {
  await open(desk.url);
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, AGENT);
  const list = page.getByRole("table", { name: CASES });
  const band = page.getByRole("region", { name: /^Vencidos: \d+/ });
  await expect(list.locator("tbody tr").first()).toBeVisible();
  await expect(band).toBeVisible();
  await expect(list.locator('tbody tr[data-state="breached"]')).toHaveCount(0);

  const [saved, broken] = [await onFirstScreen(page, list), await onFirstScreen(page, band)];
  expect(broken, "the band is on the first screen").toBeGreaterThan(30);
  expect(saved - broken, `${saved} px of cases that can be saved, ${broken} px of the band`).toBeGreaterThan(broken);
  const heights = await list.locator("tbody tr").evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
  expect(Math.max(...heights)).toBeLessThanOrEqual(56);
  const heads = await band.locator("thead th").evaluateAll((cells) => cells.map((cell) => {
    const words = document.createRange();
    words.selectNodeContents(cell);
    return words.getBoundingClientRect().width;
  }));
  expect(heads.filter((width) => width > 0), "the band's head gives columns their widths and draws no word").toEqual([]);
  const faults = await list.locator("tbody .c-what .two:first-child").allInnerTexts();
  expect(faults.every((words) => words.trim().length > 5), `a fault in every row: ${faults}`).toBe(true);
  await accessible(page);

  const filters = page.getByRole("navigation", { name: "Filtros" });
  for (const link of await filters.getByRole("link").all()) await expect(link).toContainText(/\d/);
  await expect(filters.getByRole("link", { name: /Terminados/ })).toHaveCount(1);
  await expect(filters.getByRole("link", { name: /Cancelado|Duplicado|Cerrado/ })).toHaveCount(0);
  const told = async () => Number((await filters.getByRole("link", { name: /^Vencidos/ }).innerText()).replace(/\D/g, ""));
  const titled = async () => Number(/\d+/.exec(await band.getByRole("heading").innerText())?.[0]);
  await expect.poll(async () => (await titled()) - (await told())).toBe(0);
  await band.getByRole("link", { name: "Ver todos los vencidos" }).click();
  await expect(page).toHaveURL(/status=breached/);
  const rows = list.locator('tbody tr[data-state="breached"]');
  // A page holds fifty, and another may be breached meanwhile.
  await expect.poll(async () => (await rows.count()) - Math.min(await told(), 50)).toBe(0);
});

test("the queue fits every screen", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("table", { name: CASES })).toBeVisible();
  for (const [width, height] of [[390, 844], [820, 1180], [1366, 768], [1440, 900], [1920, 1080]] as const) {
    await page.setViewportSize({ width, height });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `${width}`).toBeLessThanOrEqual(0);
  }
});

test("fault and latest message stand above the fold, and no empty box does", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
  await page.setViewportSize({ width: 1366, height: 768 });
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const news = await file.begin("Dar novedades", "Novedades para el cliente");
  await news.getByLabel("Qué le decimos").fill("Va en camino una fuente nueva.");
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  const latest = page.getByText("Va en camino una fuente nueva.").first();
  await expect(latest).toBeVisible();
  for (const what of [page.getByRole("region", { name: "La falla", exact: true }).getByRole("group"), latest]) {
    const { y, height } = await box(what);
    expect(y + height).toBeLessThanOrEqual(768);
  }
  await expect(page.getByText("No hay visita")).toHaveCount(0);
  await accessible(page);
});

test("an agent who logs a contact claims a case without an assignee, unless they say otherwise", async ({ page, desk }) => {
  const [taken, left] = [new CaseNumber(await open(desk.url)), new CaseNumber(await open(desk.url))];
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, taken);
  await file.logContact();
  await expect(page.getByRole("button", { name: "Tomar el caso" })).toHaveCount(0);
  await visit(page, `/desk/cases/${left.compact}`);
  const other = await CaseFile.on(page, left);
  const sheet = await other.begin("Registrar contacto", "¿Cómo fue la llamada?");
  await sheet.getByRole("checkbox", { name: /Tomar el caso/ }).uncheck();
  await sheet.getByRole("button", { name: /^Contactado/ }).click();
  await other.told(/Contacto registrado/);
  await expect(page.getByRole("button", { name: "Tomar el caso" })).toBeVisible();
});

test("the wall shows met targets as ticks, units, assignees, and the breached band as its smaller part", async ({ page, another, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, SUPERVISOR);
  const file = await CaseFile.open(page, number);
  await file.logContact();

  const display = await another(WALL);
  display.allow(DRAWN_BY_THE_BROWSER);
  const wall = display.page;
  await visit(wall, await desk.displayLink());
  const row = new WallRow(wall, number);
  await onWall(row.whole).toBeVisible();
  await onWall(row.attention.getByRole("img", { name: "Cumplido" })).toBeVisible();
  await onWall(row.attention.locator("time")).toHaveCount(0);
  await onWall(row.attention).toContainText("Contactado");
  await onWall(row.resolution.locator("time")).toContainText(/\d (min|h)$/);
  await onWall(row.whole).toContainText(SUPERVISOR.name);

  const rows = wall.locator("tbody tr");
  for (const [width, height] of [[1366, 768], [1920, 1080], [3840, 2160], [1080, 1920]] as const) {
    await wall.setViewportSize({ width, height });
    await expect.poll(() => wall.evaluate(overflowing), `${width} x ${height}`).toEqual([]);
    const band = wall.locator(".wall__band");
    if ((await band.count()) > 0) {
      expect((await box(band)).height * 2, `${width} x ${height}`).toBeLessThan((await box(wall.locator(".wall__middle"))).height);
    }
  }
  await wall.setViewportSize({ width: 3840, height: 2160 });
  const slots = () => wall.locator(".wall__middle").evaluate((middle) => Number(middle.style.getPropertyValue("--rows")));
  await expect.poll(slots, "4K shows more").toBeGreaterThan(9);
  await wall.keyboard.press("-");
  const fewer = await slots();
  await wall.reload();
  await expect(rows.first()).toBeVisible();
  await expect.poll(slots, "what was chosen stays").toBe(fewer);
  await display.isFine();
});
