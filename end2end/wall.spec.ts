import { AGENT, Desk } from "./support/desk";
import { CaseNumber, open as openCase } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { expect, test, visit } from "./support/test";
import { soon } from "./support/visit";
import { DRAWN_BY_THE_BROWSER, onWall, overflowing, WALL, WallRow } from "./support/wall";

test("a case appears, counts, and is met", async ({ page, another, desk }) => {
  const display = await another(WALL);
  display.allow(DRAWN_BY_THE_BROWSER);
  const wall = display.page;
  await visit(wall, await desk.displayLink());
  await expect(wall).toHaveURL(`${desk.url}/board`);
  await expect(wall.getByRole("status")).toContainText("En vivo");

  const number = new CaseNumber(await openCase(desk.url));
  const row = new WallRow(wall, number);
  await onWall(row.whole).toBeVisible();
  await onWall(row.whole).toContainText("Banco Cumbre del Ávila");
  await onWall(row.whole).toContainText("P1");
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  await onWall(row.attention).toContainText("Contactado");
  const contacted = async () => (await row.attention.innerText()).split("\n").find((line) => line.startsWith("Contactado"));
  const stopped = await contacted();
  const running = await row.resolution.innerText();
  await onWall(row.resolution, "the resolution clock goes on").not.toHaveText(running, { useInnerText: true });
  expect(await contacted(), "that of attention does not: news count below it").toBe(stopped);
});

test("nothing on the wall stands on anything else, whatever the screen", async ({ page, desk, watched }) => {
  watched.allow(DRAWN_BY_THE_BROWSER);
  await visit(page, await desk.displayLink());
  await expect(page.getByRole("row").nth(1)).toBeVisible();
  for (const [width, height] of [[1920, 1080], [1280, 720], [1024, 768], [3840, 2160]] as const) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => page.evaluate(overflowing), `${width} x ${height}`).toEqual([]);
  }
});

test("the time of what presses without a column of its own is never cut", async ({ page, another, desk }) => {
  const number = new CaseNumber(await openCase(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  const news = await file.begin("Dar novedades", "Novedades para el cliente");
  await news.getByLabel("Qué le decimos").fill("La fuente nueva sale hoy del almacén.");
  await news.locator("#news-next").fill(soon(20));
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await file.told(/Novedades enviadas/);

  const display = await another(WALL);
  display.allow(DRAWN_BY_THE_BROWSER);
  const wall = display.page;
  await visit(wall, await desk.displayLink());
  const pressing = new WallRow(wall, number).whole.locator(".wall__other");
  for (const [width, height] of [[1920, 1080], [1024, 768]] as const) {
    await wall.setViewportSize({ width, height });
    await onWall(pressing).toContainText(/Novedad comprometida\s*\d\d:\d\d min/);
    const edges = await pressing.evaluate((line) => {
      const time = line.querySelector("time");
      if (!time) throw new Error("it tells no time");
      const words = document.createRange();
      words.selectNodeContents(time);
      const [cell, told] = [line.closest("td")?.getBoundingClientRect(), words.getBoundingClientRect()];
      if (!cell) throw new Error("it stands in no column");
      return { before: told.left - Math.max(cell.left, line.getBoundingClientRect().left), after: cell.right - told.right, width: told.width };
    });
    const size = `${width} x ${height}`;
    expect(edges.width, `${size}: the time is shown`).toBeGreaterThan(10);
    expect(edges.before, `${size}: it begins inside its column`).toBeGreaterThanOrEqual(-1);
    expect(edges.after, `${size}: it ends inside its column`).toBeGreaterThanOrEqual(-1);
  }
});

test("a stream without news beats, in a way that browsers hear", async ({ page, desk, watched }) => {
  watched.allow(DRAWN_BY_THE_BROWSER);
  const link = await desk.displayLink();
  const head = await desk.metric("vigia_feed_head");
  await visit(page, link);
  await page.evaluate((after) => {
    const source = new EventSource(`/events/board?after=${after}`);
    source.addEventListener("beat", () => document.body.setAttribute("data-beaten", ""));
  }, head);
  await expect(page.locator("body[data-beaten]")).toBeAttached();
});

test("a wall that is cut off says since when, keeps counting, and goes on by itself", async ({ another }) => {
  const desk = await Desk.start();
  const watched = await another(WALL);
  watched.allow(DRAWN_BY_THE_BROWSER);
  watched.allow(/net::ERR_|Failed to load resource/);
  const wall = watched.page;
  await visit(wall, await desk.displayLink());
  const link = wall.getByRole("status");
  await expect(link).toContainText("En vivo");
  const rows = wall.getByRole("row").filter({ hasText: /VE\d\d-/ });
  await expect(rows.first()).toBeVisible();

  await desk.kill();
  await expect(link).toContainText(/Sin conexión desde .*\d\d:\d\d/);
  const table = wall.getByRole("table");
  const shown = await table.innerText();
  await expect(table, "it counts on").not.toHaveText(shown, { useInnerText: true });
  await expect(link).toContainText("Sin conexión desde");
  await watched.isFine();

  await desk.restart();
  const opened = new CaseNumber(await openCase(desk.url));
  await expect(link).toContainText("En vivo");
  await onWall(new WallRow(wall, opened).whole, "what happened meanwhile is there").toBeVisible();
  // With the wall connected: an open stream does not keep the desk from ending.
  await desk.stop();
});
