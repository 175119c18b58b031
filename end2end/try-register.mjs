import { chromium } from "@playwright/test";
import { execSync } from "node:child_process";
const url = process.env.URL;
const browser = await chromium.launch({ executablePath: execSync("command -v chromium").toString().trim(), args: ["--no-sandbox", "--disable-quic"] });
const out = "/tmp/regpics";
for (const width of [390, 820, 1440]) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, locale: "es-VE" });
  const page = await context.newPage();
  await page.goto(`${url}/desk/sign-in`);
  await page.fill("input[name=mail], input[type=email]", "administracion@vigia.example");
  await page.fill("input[type=password]", "demostracion-vigia");
  await page.click("form button[type=submit]");
  await page.waitForURL(/\/desk/);
  for (const [name, path] of [["list", ""], ["contracts", "/contracts"], ["equipment", "/equipment?q=cisco"], ["org", "/organisations/1"], ["contract", "/contracts/CPS-VE-004213-58"], ["switch", "/equipment/FOC2614A1B2"], ["merge", "/organisations/1/merge"], ["new", "/equipment/new"]]) {
    await page.goto(`${url}/desk/admin/register${path}`);
    await page.screenshot({ path: `${out}/${name}-${width}.png`, fullPage: true });
  }
  await page.goto(`${url}/desk/admin/import`);
  await page.screenshot({ path: `${out}/import-${width}.png`, fullPage: true });
  await page.setInputFiles("input[type=file]", "/work/wt/register/desk/tests/desk/fixtures/contracts.ods");
  await page.click("form button.button--main");
  await page.screenshot({ path: `${out}/preview-${width}.png`, fullPage: true });
  await context.close();
}
await browser.close();
