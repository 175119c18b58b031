import type { Page } from "@playwright/test";
import { AGENT, SUPERVISOR } from "./support/desk";
import { openAndFollow } from "./support/form";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

/** Pages ask every fifteen seconds. */
const soon = expect.configure({ timeout: 60_000 });

/** Counts the sounds. */
async function listen(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const counted = window as typeof window & { rung: number };
    counted.rung = 0;
    const Real = window.AudioContext;
    window.AudioContext = class extends Real {
      override createOscillator(): OscillatorNode {
        counted.rung += 1;
        return super.createOscillator();
      }
    };
  });
  return () => page.evaluate(() => (window as typeof window & { rung: number }).rung);
}

test("a new P1 shows on every open page, with a sound where it is turned on", async ({ page, another, desk }) => {
  const rung = await listen(page);
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  // With an urgent case from before, the badge tells when the page has its first answer: what comes after is news.
  await open(desk.url);
  await visit(page, "/desk/agenda");
  const badge = page.getByRole("link", { name: /^P1 sin nadie: \d+$/ });
  await expect(badge).toBeVisible();
  // The last number: the first is that of the priority.
  const waiting = async (): Promise<number> => Number(/\d+$/.exec((await badge.innerText()).trim())?.[0]);
  const before = await waiting();
  const title = await page.title();
  expect(title).not.toMatch(/^\(/);
  const sound = page.getByRole("button", { name: "Sonido cuando entra un P1" });
  await expect(sound).toHaveAttribute("aria-pressed", "false");

  const portal = (await another({})).page;
  const { number } = await openAndFollow(portal);
  await soon(page).toHaveTitle(`(1) ${title}`);
  expect(await waiting()).toBe(before + 1);
  await expect(page.getByText(/^Entró un caso P1 que nadie lleva: /)).toContainText(number.written);
  expect(await rung(), "the sound is off").toBe(0);
  await accessible(page);

  await sound.click();
  await expect(sound).toHaveAttribute("aria-pressed", "true");
  expect(await rung(), "it is heard once as it is turned on").toBe(1);
  const second = new CaseNumber(await open(desk.url));
  await soon(page).toHaveTitle(`(2) ${title}`);
  await expect.poll(rung).toBe(2);
  expect(await waiting()).toBe(before + 2);

  // Another person claims it.
  const supervisor = (await another({})).page;
  await signIn(supervisor, SUPERVISOR);
  const file = await CaseFile.open(supervisor, second);
  await supervisor.getByRole("button", { name: "Tomar el caso" }).click();
  await file.told(/Usted atiende el caso/);
  await soon(page).toHaveTitle(`(1) ${title}`);
  expect(await waiting()).toBe(before + 1);
  expect(await rung(), "who goes makes no sound").toBe(2);

  // Cases from before the page was opened are no news; the sound's switch belongs to the browser.
  await visit(page, "/desk/agenda");
  await expect(badge).toHaveText(`P1 sin nadie: ${before + 1}`);
  await expect(page).toHaveTitle(title);
  await expect(sound).toHaveAttribute("aria-pressed", "true");
  expect(await rung()).toBe(0);
  await sound.click();
  await expect(sound).toHaveAttribute("aria-pressed", "false");
  expect(await rung(), "to turn it off makes no sound").toBe(0);
});
