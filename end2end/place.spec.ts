import { AGENT, SUPERVISOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

test("coming back from a case shows the queue at its last place", async ({ page, desk }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.setViewportSize({ width: 1280, height: 300 });
  await visit(page, "/desk?country=VE");
  // Clicked in place, without scrolling.
  const first = page.locator("tbody a[href^='/desk/cases/']").first();
  const openFirst = () => first.evaluate((link: HTMLElement) => link.click());
  await expect(first).toBeVisible();
  // The page keeps the place with the event, a frame after the scroll.
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        addEventListener("scroll", () => requestAnimationFrame(() => done()), { once: true });
        scrollTo(0, 150);
      }),
  );
  // Where the rows stand. The header above them has another line as soon as an urgent case waits.
  const place = () => page.locator("#main").evaluate((main) => main.getBoundingClientRect().top);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(150);
  const left = await place();
  await openFirst();
  await expect(page).toHaveURL(/\/desk\/cases\//);
  await expect.poll(() => page.evaluate(() => scrollY)).toBe(0);
  await page.goBack();
  await expect(page).toHaveURL(`${desk.url}/desk?country=VE`);
  await expect.poll(place).toBeCloseTo(left, 0);

  await openFirst();
  await expect(page).toHaveURL(/\/desk\/cases\//);
  // As if the header had another line.
  await page.setViewportSize({ width: 800, height: 300 });
  await page.getByRole("navigation", { name: "Principal" }).getByRole("link", { name: "Cola" }).click();
  await expect(page).toHaveURL(`${desk.url}/desk?country=VE`);
  await expect.poll(place).toBeCloseTo(left, 0);

  await page.getByRole("link", { name: "Colombia" }).click();
  await expect(page).toHaveURL(`${desk.url}/desk?country=CO`);
  await expect.poll(() => page.evaluate(() => scrollY), "another view begins at its top").toBe(0);
});

for (const address of [
  "/desk?status=lost",
  "/desk?country=XX",
  "/desk?whose=yours",
  "/desk/mails?state=lost",
  "/desk/survey/results?from=2026-05&to=2026-01",
  "/desk/survey/follow-ups?list=all",
  "/desk/reports/pauses?reason=lunch",
  "/desk/reports/promises?country=XX",
  "/desk/reports/promises?priority=P9",
  "/desk/reports/promises?contract=nuestro",
  "/desk/reports/promises/missed?clock=lunch",
]) {
  test(`a filter that cannot be parsed shows nothing, and says why: ${address}`, async ({ page, watched }) => {
    watched.allow(/status of 422/);
    await signIn(page, SUPERVISOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    await page.goto(address);
    await expect(page.getByRole("alert").filter({ hasText: "No se muestra nada" })).toBeVisible();
    await expect(page.getByRole("table")).toHaveCount(0);
    await accessible(page);
    const file = address.replace(/(pauses|promises|missed)\?/, "$1.csv?");
    if (file !== address) expect((await page.request.get(file)).status()).toBe(422);
  });
}
