import type { Page } from "@playwright/test";
import { ADMINISTRATOR } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, open } from "./support/report";
import { signIn } from "./support/staff";
import { expect, test, visit } from "./support/test";

const PART = /\/pkg\/workspace\.[^/]+\/(split|chunk)_[^/]+\.wasm$/;

const PART_OF_FORM = /\/pkg\/form\.[^/]+\/(split|chunk)_[^/]+\.wasm$/;

/** The files of parts that a page asks for from now on. */
function partsOf(page: Page): string[] {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (PART.test(request.url())) asked.push(new URL(request.url()).pathname.split("/").at(-1)!);
  });
  return asked;
}

test("the queue loads no other page before it is idle, and then all of them", async ({ page }) => {
  // No browser is idle here before the test says so.
  await page.addInitScript(() => {
    const waiting: (() => void)[] = [];
    const held = { idle: false };
    window.requestIdleCallback = (run) => {
      const tell = (): void => run({ didTimeout: false, timeRemaining: () => 10 });
      if (held.idle) setTimeout(tell);
      else waiting.push(tell);
      return 0;
    };
    Object.assign(window, { nowIdle: () => { held.idle = true; for (const tell of waiting) tell(); } });
  });
  const asked = partsOf(page);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await expect(page.locator("html[data-live]")).toBeAttached();
  expect(asked).toEqual([]);
  await page.evaluate(() => (window as unknown as { nowIdle: () => void }).nowIdle());
  for (const part of ["case_file", "intake", "office"]) await expect.poll(() => asked).toContain(`split_${part}.wasm`);
});

test("a page whose code does not arrive says so, and the next try loads it", async ({ page, desk, watched }) => {
  watched.allow(/ERR_FAILED|Failed to fetch|TypeError/);
  const number = new CaseNumber(await open(desk.url));
  await page.route(PART, (route) => route.abort());
  await signIn(page, ADMINISTRATOR);
  await expect(page.locator("html[data-live]")).toBeAttached();
  await page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).fill(number.compact);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("La página no llegó");
  await page.unroute(PART);
  await page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name: "Cola" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).fill(number.compact);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: new RegExp(number.written) })).toBeVisible();
});

test("a page of an older build is loaded whole when its code is gone", async ({ page, desk, watched }) => {
  watched.allow(/404|Failed to fetch|TypeError/);
  const number = new CaseNumber(await open(desk.url));
  await page.route(PART, (route) => route.fulfill({ status: 404 }));
  await signIn(page, ADMINISTRATOR);
  await expect(page.locator("html[data-live]")).toBeAttached();
  await page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).fill(number.compact);
  await page.keyboard.press("Enter");
  const told = page.getByRole("alert").filter({ hasText: "La página no llegó" });
  await expect(told).toContainText("la mesa se actualizó");
  await page.unroute(PART);
  await told.getByRole("link", { name: "Cargar la página" }).click();
  await expect(page.getByRole("heading", { level: 1, name: new RegExp(number.written) })).toBeVisible();
});

test("a form whose part does not arrive keeps what was typed, and the next press sends it", async ({ page, watched }) => {
  watched.allow(/ERR_FAILED|Failed to fetch|TypeError/);
  await page.route(PART_OF_FORM, (route) => route.abort());
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await form.send.click();
  await expect(page.getByRole("alert").filter({ hasText: "No hay conexión con el centro" })).toBeVisible();
  await page.unroute(PART_OF_FORM);
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
});
