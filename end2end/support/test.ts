import AxeBuilder from "@axe-core/playwright";
import { type BrowserContextOptions, test as base, expect, type Page } from "@playwright/test";
import { Desk } from "./desk";
import { fromSomewhere } from "./report";

export { expect };

/** A watched page: a complaint of its browser fails the test. */
export class Watched {
  private readonly complaints: string[] = [];
  private readonly allowed: RegExp[] = [];

  constructor(
    readonly page: Page,
    /** axe is a script: without scripts it cannot run. Other tests check the same pages with scripts. */
    private readonly hasScript = true,
  ) {
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") {
        this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
      }
    });
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.message}`));
  }

  /** Allows a complaint that the test causes. */
  allow(complaint: RegExp): void {
    this.allowed.push(complaint);
  }

  /** Expects no complaint so far: no error, no violated policy, no failed hydration, no finding of axe. */
  async isFine(): Promise<void> {
    if (this.hasScript) await accessible(this.page);
    const rest = this.complaints.filter((text) => !this.allowed.some((known) => known.test(text)));
    expect(rest, "what the browser complains about").toEqual([]);
  }
}

/** Waits until the page has not scrolled for some frames: while it scrolls, elements are cut off. */
async function atRest(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        let [last, same] = [scrollY, 0];
        const look = (): void => {
          [last, same] = [scrollY, scrollY === last ? same + 1 : 0];
          if (same < 6) requestAnimationFrame(look);
          else done();
        };
        requestAnimationFrame(look);
      }),
  );
}

/** Expects no finding of axe by WCAG 2.2, A and AA. */
export async function accessible(page: Page): Promise<void> {
  await atRest(page);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  // In the page itself: otherwise axe opens a second page each time, which doubles the cost and sometimes fails. Frames of
  // another origin are skipped; ours hold mails in a sandbox without scripts.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().withTags(tags).analyze();
  const told = violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(" ")}: ${node.failureSummary}`),
  );
  expect(told, `what axe finds on ${page.url()}`).toEqual([]);
}

/** Waits until the page is hydrated; a wall, until it is drawn. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("html[data-live], main[data-link]")).toBeAttached();
}

/** Goes to a page and waits for hydration. */
export async function visit(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await hydrated(page);
}

/** Acts on a rendered page while its script is held back, then waits for hydration. */
export async function beforeScript(page: Page, address: string, meanwhile: () => Promise<void>): Promise<void> {
  let release = (): void => {};
  const held = new Promise<void>((go) => (release = go));
  await page.route("**/*.wasm", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(address, { waitUntil: "commit" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.waitForFunction(() => "vigiaChanged" in window || document.readyState !== "loading");
  await meanwhile();
  const alive = page.waitForResponse((response) => new URL(response.url()).pathname === "/time");
  release();
  await alive;
  await page.unroute("**/*.wasm");
}

type Own = {
  /** A further browser, watched as well. */
  another: (options: BrowserContextOptions) => Promise<Watched>;
  watched: Watched;
};

/** Tests of HTTP without a browser. */
export const bare = base.extend<object, { desk: Desk }>({
  desk: [
    async ({}, use) => {
      const desk = await Desk.start();
      await use(desk);
      await desk.stop();
    },
    { scope: "worker", timeout: 150_000 },
  ],
  baseURL: async ({ desk }, use) => use(desk.url),
  // Each test is a customer of its own.
  extraHTTPHeaders: async ({}, use) => use(fromSomewhere()),
});

/** Tests in a browser: every page is watched, and checked when the test ends. */
export const test = bare.extend<Own>({
  watched: [
    async ({ page, javaScriptEnabled }, use, info) => {
      const watched = new Watched(page, javaScriptEnabled);
      await use(watched);
      if (info.status === info.expectedStatus && page.url() !== "about:blank") await watched.isFine();
    },
    { auto: true },
  ],
  another: async ({ browser }, use, info) => {
    const all: Watched[] = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      const watched = new Watched(await context.newPage());
      all.push(watched);
      return watched;
    });
    for (const watched of all) {
      if (info.status === info.expectedStatus) await watched.isFine();
      await watched.page.context().close();
    }
  },
});
