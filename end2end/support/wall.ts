import { expect, type Locator, type Page } from "@playwright/test";
import type { CaseNumber } from "./report";

export const WALL = { viewport: { width: 1920, height: 1080 } };
export const COUNTS = /\d\d:\d\d/;

/** A message of development builds: the wall's bundle shares the features of rendered pages. */
export const DRAWN_BY_THE_BROWSER = /trying to use Leptos in client-side rendering mode/;

/** A row may be on another of the wall's pages for a while. */
export const onWall = expect.configure({ timeout: 180_000 });

/** A case on the wall. */
export class WallRow {
  readonly whole: Locator;

  constructor(page: Page, number: CaseNumber) {
    this.whole = page.getByRole("row").filter({ hasText: number.grouped });
  }

  get attention(): Locator {
    return this.whole.getByRole("cell").nth(4);
  }

  get resolution(): Locator {
    return this.whole.getByRole("cell").nth(5);
  }
}

/** Runs in the browser: elements that overflow without an ellipsis, or lie outside of the screen. */
export function overflowing(): string[] {
  const all = [...document.querySelectorAll<HTMLElement>("body *:not(svg, svg *, .sr)")];
  const shown = all.filter((element) => element.getClientRects().length > 0 && element.textContent?.trim());
  return shown
    .filter((element) => {
      const line = element.parentElement && getComputedStyle(element.parentElement);
      // An inline element has no box of its own: its line shows the ellipsis.
      if (getComputedStyle(element).display === "inline" && line?.textOverflow === "ellipsis") return false;
      const box = element.getBoundingClientRect();
      const isOutside = box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
      const isCut = getComputedStyle(element).textOverflow !== "ellipsis" && element.scrollWidth > element.clientWidth + 1;
      return isOutside || (element.clientWidth > 0 && isCut);
    })
    .map((element) => `${element.tagName}.${element.className}: ${element.textContent}`);
}
