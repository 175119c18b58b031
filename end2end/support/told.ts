import { readFileSync } from "node:fs";
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** The most lines of a page, and the most pages, that are printed. */
const [LINES, PAGES] = [45, 3];

/**
 * Prints at the end what failed tests saw: error and page. Of a run elsewhere the output is all there is, and often its end alone.
 */
export default class Told implements Reporter {
  private readonly failed: { test: TestCase; result: TestResult }[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status !== "passed" && result.status !== "skipped") this.failed.push({ test, result });
  }

  onEnd(): void {
    for (const { test, result } of this.failed.slice(0, PAGES)) {
      console.log(`\n--- ${test.titlePath().filter(Boolean).join(" › ")}`);
      console.log((result.error?.message ?? result.status).split("\n").slice(0, 12).join("\n"));
      console.log(snapshot(result).split("\n").slice(0, LINES).join("\n"));
    }
  }
}

/** The main part of the page, as Playwright writes it down when a test fails. */
function snapshot(result: TestResult): string {
  const kept = result.attachments.find(({ name }) => name === "error-context");
  if (!kept?.path) return "no page";
  const whole = readFileSync(kept.path, "utf8");
  const page = whole.split("```yaml\n")[1]?.split("\n```")[0] ?? whole;
  return page.slice(Math.max(0, page.search(/- (main|heading)\b/)));
}
