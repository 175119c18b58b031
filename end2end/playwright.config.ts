import { defineConfig, devices } from "@playwright/test";

const OWN_SETTINGS = ["causes.spec.ts", "first.spec.ts", "formats.spec.ts", "roles.spec.ts", "teams.spec.ts", "words.spec.ts"];

// The product in a real browser, against the real binary: see support/desk.ts. Tests wait for conditions, never for a time to
// pass.
export default defineConfig({
  testDir: ".",
  outputDir: "test-results",
  workers: 2,
  retries: 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  reporter: process.env.CI ? [["list"], ["./support/told.ts"]] : [["list"], ["html", { open: "never" }]],
  use: {
    browserName: "chromium",
    locale: "es-VE",
    timezoneId: "America/Caracas",
    // Fades would be caught half-way by what measures contrast.
    contextOptions: { reducedMotion: "reduce" },
    // A trace is large: a picture and a copy of the page at every step.
    trace: process.env.VIGIA_TRACE ? "retain-on-failure" : "off",
    launchOptions: {
      executablePath: process.env.VIGIA_CHROMIUM || "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        // There is no GPU, and its emulation costs as much as the pages.
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
  projects: [
    { name: "desktop", testIgnore: ["*.plain.spec.ts", "survey.spec.ts", "people.spec.ts", "engines.spec.ts", ...OWN_SETTINGS], use: { viewport: { width: 1440, height: 900 } } },
    // Counts what all customers of its desk answered: a project has workers, and so a desk, of its own.
    { name: "survey", testMatch: "survey.spec.ts", use: { viewport: { width: 1440, height: 900 } } },
    // They change what the desk runs by.
    { name: "settings", testMatch: OWN_SETTINGS, use: { viewport: { width: 1440, height: 900 } } },
    // People of its own come to the desk, and close the demonstration's accounts: a desk of its own.
    { name: "people", testMatch: "people.spec.ts", use: { viewport: { width: 1440, height: 900 } } },
    {
      name: "phone",
      testMatch: "form.spec.ts",
      use: { ...devices["Pixel 7"], viewport: { width: 390, height: 844 } },
    },
    // Firefox, WebKitGTK and WPE, which Playwright does not drive.
    { name: "engines", testMatch: "engines.spec.ts" },
    {
      name: "no-script",
      testMatch: "*.plain.spec.ts",
      use: { viewport: { width: 1440, height: 900 }, javaScriptEnabled: false },
    },
  ],
});
