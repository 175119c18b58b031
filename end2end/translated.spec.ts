import type { Page } from "@playwright/test";
import { AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { CARACAS, CaseNumber, open } from "./support/report";
import { signIn } from "./support/staff";
import { beforeScript, expect, test, visit } from "./support/test";

/** Changes a page as Chrome's translator does: each text in two elements of its own. */
async function translate(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts: Text[] = [];
    while (walker.nextNode()) texts.push(walker.currentNode as Text);
    for (const text of texts) {
      const parent = text.parentElement;
      if (!parent || !text.data.trim() || parent.closest("script, style, textarea, [translate=no]")) continue;
      const outer = document.createElement("font");
      const inner = document.createElement("font");
      inner.append(text.data);
      outer.append(inner);
      text.replaceWith(outer);
    }
    document.documentElement.classList.add("translated-ltr");
  });
}

/** Translates a page before its script runs, then does `more`. */
async function translatedFirst(page: Page, address: string, more: () => Promise<void> = async () => {}): Promise<void> {
  await beforeScript(page, address, async () => {
    await translate(page);
    await more();
  });
}

test("a form that was translated before hydration works, with what was typed meanwhile", async ({ page }) => {
  const form = new CaseForm(page);
  await translatedFirst(page, "/", async () => {
    await page.locator("#reporter").fill("Ana Teresa Rivas");
    await page.locator("input[name=severity]").first().check();
    await page.locator("#location").focus();
  });
  await expect(form.field("reporter")).toHaveValue("Ana Teresa Rivas");
  await expect(form.choice("severity", "critical")).toBeChecked();
  await expect(form.field("location")).toBeFocused();
  await form.fill();
  await expect(page.getByText("Cubierto por su contrato.")).toBeVisible();
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
});

test("a case page that was translated before hydration is refreshed, and its clock runs", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  await translatedFirst(page, `/track/${tracking}`, () => page.locator("#message").fill("Ya volvió la luz."));
  const timer = page.getByRole("region", { name: "Primer contacto" }).getByRole("timer");
  const shown = await timer.innerText();
  await expect(timer, "it counts").not.toHaveText(shown, { useInnerText: true });
  await expect(page.getByLabel("Su mensaje")).toHaveValue("Ya volvió la luz.");
});

test("workspace pages that were translated before hydration work", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  await translatedFirst(page, "/desk");
  const table = page.getByRole("table").first();
  const shown = await table.innerText();
  await expect(table, "it ticks").not.toHaveText(shown, { useInnerText: true });
  await translatedFirst(page, `/desk/cases/${number.compact}`);
  await page.getByRole("button", { name: "Nota", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Nota" })).toBeVisible();
});

test("changes on a page that was translated after hydration are shown", async ({ page }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  const found = page.locator("#serial-found");
  await expect(found).toContainText("Cubierto por su contrato.");
  await expect(form.preview).toContainText("P1");
  await translate(page);
  await form.field("serial").fill("FOC2614Z9Z9");
  await expect(found).toContainText("No pudimos confirmar la cobertura");
  await expect(found).not.toContainText("Cubierto por su contrato.");
  await form.choice("severity", "low").check();
  await form.choice("urgency", "low").check();
  await expect(form.preview).toContainText("P4");
  await expect(form.preview).not.toContainText("P1");
  await form.field("serial").fill("FO");
  await form.field("serial").blur();
  await expect(form.field("serial")).toHaveAccessibleDescription(/al menos 4 caracteres/);
  await form.field("serial").fill(CARACAS.serial);
  await expect(found).toContainText("Cubierto por su contrato.");
});

test("figures without a script show their time", async ({ page, desk, watched }) => {
  watched.allow(/ERR_FAILED|Failed to fetch|uncaught/);
  const tracking = await open(desk.url);
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(`/track/${tracking}`);
  const promise = page.getByRole("region", { name: "Primer contacto" });
  await expect(promise.getByText(/^A las \d\d:\d\d \(hora de Caracas\)\.$/)).toBeInViewport();
  await page.unroute("**/*.wasm");
  await visit(page, `/track/${tracking}`);
  await expect(promise.getByText(/^A las /)).toBeHidden();
});
