import type { Page } from "@playwright/test";
import { AGENT } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

/** Sets the spacing of WCAG 1.4.12. By script: the page's policy blocks other styles. */
async function spaceTextOut(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
       p { margin-block-end: 2em !important }`,
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  });
}

/** Texts of the table that are cut off or overflow. */
function lost(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const queue of document.querySelectorAll(".queue")) {
      const room = queue.getBoundingClientRect();
      for (const part of queue.querySelectorAll<HTMLElement>("tbody td *, tbody th *")) {
        const box = part.getBoundingClientRect();
        const style = getComputedStyle(part);
        if (box.width <= 1 || style.clipPath !== "none" || part.closest(".sr") || part instanceof SVGElement) continue;
        const isCut = style.overflow !== "visible" && (part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 1);
        if (isCut || box.left < room.left - 1 || box.right > room.right + 1) found.push(part.textContent ?? "");
      }
    }
    return found;
  });
}

test("the queue shows everything at 320 px, with any text spacing", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await page.setViewportSize({ width: 320, height: 640 });
  await signIn(page, AGENT);
  await expect(page.getByRole("row").filter({ hasText: number.compact.slice(0, 2) }).first()).toBeVisible();
  for (const step of ["as it is", "spaced out"]) {
    if (step === "spaced out") await spaceTextOut(page);
    expect(await lost(page), step).toEqual([]);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, `${step}: nothing lies beside the page`).toBeLessThanOrEqual(320);
  }
  await accessible(page);
});

test("at 400 % zoom sticky parts leave at least half of the height", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await page.setViewportSize({ width: 320, height: 256 });
  const held = (): Promise<number> =>
    page.evaluate(() => {
      window.scrollTo(0, document.documentElement.scrollHeight / 3);
      const parts = [...document.querySelectorAll<HTMLElement>("body *")].filter((part) => {
        const { position, visibility } = getComputedStyle(part);
        return (position === "sticky" || position === "fixed") && visibility === "visible" && !part.matches("dialog");
      });
      const inSight = (part: HTMLElement): number => {
        const { top, bottom, height, width } = part.getBoundingClientRect();
        // An element without a box, without children, or centred by itself holds nothing.
        if (width === 0 || height === 0 || part.childElementCount === 0) return 0;
        const isHeld = top <= 1 || bottom >= innerHeight - 1;
        return isHeld ? Math.max(0, Math.min(bottom, innerHeight) - Math.max(top, 0)) : 0;
      };
      return parts.map(inSight).reduce((all, one) => all + one, 0);
    });
  await visit(page, "/");
  expect(await held(), "the form").toBeLessThanOrEqual(128);
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  expect(await held(), "the queue").toBeLessThanOrEqual(128);
  await CaseFile.open(page, number);
  expect(await held(), "the case file").toBeLessThanOrEqual(128);
});

test("a printed case has neither fields nor buttons, and all of its history", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, new CaseNumber(tracking));
  const pressed = page.locator("button, input, select, textarea, [role=button]").filter({ visible: true });
  expect(await pressed.count(), "on the screen there are some").toBeGreaterThan(0);
  await page.emulateMedia({ media: "print" });
  await expect(pressed).toHaveCount(0);
  await expect(file.head).toBeVisible();
  await expect(file.history.first()).toBeVisible();
  await page.emulateMedia({ media: "screen" });
  await visit(page, `/track/${tracking}`);
  await page.emulateMedia({ media: "print" });
  await expect(pressed).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});
