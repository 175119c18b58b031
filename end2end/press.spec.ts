import type { Locator, Page } from "@playwright/test";
import { AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, open, UNKNOWN_SERIAL } from "./support/report";
import { signIn } from "./support/staff";
import { beforeScript, expect, test, visit } from "./support/test";

const COLOMBIAN = { contract: "CPS-CO-002107-95", serial: "MXQ3410ABC", country: "CO", contact_phone: "601 555 1234" };

// A click is heard only where press and release meet one element: what arrives in between must not move it away.

/** Presses a button of the mouse in the middle of an element, and leaves it down. */
async function press(page: Page, on: Locator): Promise<void> {
  await on.scrollIntoViewIfNeeded();
  const box = await on.boundingBox();
  if (box === null) throw new Error("it is not on the page");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
}

/** Lets the page draw what it has. */
async function drawn(page: Page): Promise<void> {
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

test("a press that began before the coverage was answered sends the form", async ({ page }) => {
  let answer = (): void => {};
  const held = new Promise<void>((go) => (answer = go));
  await page.route("**/api/offer", async (route) => {
    await held;
    await route.continue();
  });
  await visit(page, "/");
  const form = new CaseForm(page);
  const asked = page.waitForRequest("**/api/offer");
  await form.fill(UNKNOWN_SERIAL);
  await asked;
  await press(page, form.send);
  const answered = page.waitForResponse("**/api/offer");
  answer();
  await (await answered).finished();
  await drawn(page);
  await page.mouse.up();
  await expect(page).toHaveURL(/\/opened\/VE/);
});

/** Opens a case with its script held back, presses "Nota" there, and lets the page come alive after `more`. */
async function pressTooEarly(page: Page, url: string, more: () => Promise<void> = async () => {}): Promise<void> {
  const number = new CaseNumber(await open(url));
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await beforeScript(page, `/desk/cases/${number.compact}`, async () => {
    await page.getByRole("button", { name: "Nota" }).click();
    await more();
  });
}

test("a button that was pressed before the page was alive does what it says once it is", async ({ page, desk }) => {
  await pressTooEarly(page, desk.url);
  await expect(page.getByRole("dialog", { name: "Nota" })).toBeVisible();
});

test("a press from before is forgotten when the reader does something else", async ({ page, desk }) => {
  await pressTooEarly(page, desk.url, () =>
    page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" }).fill("Rivas"),
  );
  // A dialog that was opened meanwhile would stand before this button.
  await page.getByRole("button", { name: "Dar novedades" }).click();
  await expect(page.getByRole("dialog", { name: "Novedades para el cliente" })).toBeVisible();
  await expect(page.getByRole("dialog", { name: "Nota" })).toBeHidden();
});

test("a press on a case of the queue leads there, though another case came above it meanwhile", async ({ page, desk }) => {
  const pressed = new CaseNumber(await open(desk.url, { ...COLOMBIAN, severity: "low", urgency: "low" }));
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  // Of one country: the first page has room for both.
  await visit(page, "/desk?country=CO");
  await expect(page.getByText("En vivo")).toBeVisible();
  const link = page.getByRole("link", { name: pressed.grouped });
  await press(page, link);
  const before = await link.boundingBox();
  const read = page.waitForResponse("**/api/queue_page");
  await open(desk.url, { ...COLOMBIAN, severity: "critical", urgency: "critical" });
  await (await read).finished();
  await drawn(page);
  await page.mouse.up();
  await expect(page).toHaveURL(new RegExp(`/desk/cases/${pressed.compact}$`));
  await page.goBack();
  await expect(link).toBeVisible();
  expect((await link.boundingBox())?.y, "it was moved").not.toBe(before?.y);
});
