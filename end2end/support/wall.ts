import type { Locator, Page } from "@playwright/test";
import type { CaseNumber } from "./report";

export const WALL = { viewport: { width: 1920, height: 1080 } };
export const COUNTS = /\d\d:\d\d/;

/** Of development builds alone: the wall is drawn by the browser, with a bundle that shares the pages' features. */
export const DRAWN_BY_THE_BROWSER = /trying to use Leptos in client-side rendering mode/;

/** A case on the wall. */
export class WallRow {
  readonly whole: Locator;

  constructor(page: Page, number: CaseNumber) {
    this.whole = page.getByRole("row").filter({ hasText: number.grouped });
  }

  get attention(): Locator {
    return this.whole.getByRole("cell").nth(3);
  }

  get resolution(): Locator {
    return this.whole.getByRole("cell").nth(4);
  }
}
