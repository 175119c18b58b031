import { AGENT, PASSWORD, TECHNICIAN } from "./support/desk";
import { type Engine, ENGINES } from "./support/engines";
import { CaseNumber, open as openCase, WRONG_CHECK } from "./support/report";
import { bare, expect } from "./support/test";
import { until } from "./support/until";

/** An expression for an element by its selector. */
const at = (selector: string): string => `document.querySelector(${JSON.stringify(selector)})`;

/** Types a text: the value, and the events of typing. */
async function type(engine: Engine, selector: string, text: string): Promise<void> {
  await engine.evaluate(`(() => {
    const field = ${at(selector)};
    field.focus();
    field.value = ${JSON.stringify(text)};
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.blur();
    // A window without a display never has the focus, and fires no blur.
    field.dispatchEvent(new FocusEvent("blur"));
    field.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  })()`);
}

async function words(engine: Engine, selector = "body"): Promise<string> {
  return engine.evaluate<string>(`(${at(selector)}?.innerText ?? "")`);
}

/** Expects that a clock ticks, which it does once the page is hydrated. */
async function ticks(engine: Engine, selector: string): Promise<void> {
  const before = await until(`words at ${selector}`, async () => (await words(engine, selector)) || undefined);
  await until(`${selector} counts on from ${before}`, async () => (await words(engine, selector)) !== before);
}

/** Expects the style: colours other than the browser's own, and no element wider than the screen. */
async function isStyled(engine: Engine): Promise<void> {
  const look = await engine.evaluate<string[]>(`(() => {
    const page = getComputedStyle(document.documentElement);
    return [page.backgroundColor, page.color, String(document.documentElement.scrollWidth <= innerWidth)];
  })()`);
  expect(look[0], "the background has a colour").not.toMatch(/rgba\(0, 0, 0, 0\)|transparent|^rgb\(255, 255, 255\)$/);
  expect(look[1], "so have words, another one").not.toBe(look[0]);
  expect(look[2], "nothing is wider than the screen").toBe("true");
}

async function signIn(engine: Engine, url: string, who: { mail: string }): Promise<void> {
  await engine.goto(`${url}/desk/sign-in?lang=es`);
  await isStyled(engine);
  await engine.evaluate(`(() => {
    ${at('input[name="mail"]')}.value = ${JSON.stringify(who.mail)};
    ${at('input[name="password"]')}.value = ${JSON.stringify(PASSWORD)};
    ${at("form.signin")}.submit();
  })()`);
  await until("the queue", async () => (await words(engine, "h1")).includes("Cola de casos"));
}

/** The pages of customers and the wall, in every engine. */
async function portalAndWall(engine: Engine, url: string, display: string): Promise<void> {
  await engine.goto(`${url}/?lang=es`);
  await isStyled(engine);
  const border = await engine.evaluate<string>(`getComputedStyle(${at('input[name="contract"]')}).borderTopColor`);
  expect(border, "a field can be seen").not.toMatch(/rgba\(0, 0, 0, 0\)|transparent/);
  const titles = await engine.evaluate<boolean[]>(`[...document.querySelectorAll("fieldset > legend")].map((legend) => {
    const [title, group] = [legend.getBoundingClientRect(), legend.parentElement.getBoundingClientRect()];
    return title.height === 0 || title.top >= group.top;
  })`);
  expect(titles.length).toBeGreaterThan(2);
  expect(titles, "no title of a group lies across its edge").not.toContain(false);
  await until("the form checks while one types", async () => {
    await type(engine, 'input[name="contract"]', WRONG_CHECK);
    return (await words(engine)).includes("El número no cuadra");
  });

  await engine.goto(`${url}/track/${await openCase(url)}`);
  await isStyled(engine);
  await ticks(engine, ".promise time, .promise output, .promise [role=timer], .promise");

  await engine.goto(display);
  await until("rows of the wall", () => engine.evaluate<boolean>("document.querySelectorAll('[role=row], tr').length > 1"));
  await isStyled(engine);
  await ticks(engine, "body");
}

for (const [name, start] of Object.entries(ENGINES)) {
  bare(`form, tracking and wall work in ${name}`, async ({ desk }) => {
    const engine = await start();
    try {
      await portalAndWall(engine, desk.url, await desk.displayLink());
    } finally {
      await engine.close();
    }
  });
}

// The workspace needs an engine as new as tablets have; WPE 2.38 is as old as kiosks have.
for (const name of ["firefox", "webkit"] as const) {
  bare(`queue, case file with a dialog, and agenda work in ${name}`, async ({ desk }) => {
    const number = new CaseNumber(await openCase(desk.url));
    const engine = await ENGINES[name]();
    try {
      await signIn(engine, desk.url, AGENT);
      await isStyled(engine);
      await engine.goto(`${desk.url}/desk/cases/${number.compact}`);
      await isStyled(engine);
      await ticks(engine, ".promise");
      await until("a dialog opens", async () => {
        await engine.evaluate(`[...document.querySelectorAll("button")].find((b) => b.innerText.trim() === "Registrar contacto").click()`);
        return engine.evaluate<boolean>(`[...document.querySelectorAll("dialog")].some((d) => d.getBoundingClientRect().height > 100)`);
      });
      await engine.evaluate(`[...document.querySelectorAll("dialog button")].find((b) => b.innerText.startsWith("Contactado")).click()`);
      await until("the contact is told", async () => (await words(engine)).includes("Contacto registrado a las"));
      await signOutAndIn(engine, desk.url);
      await engine.goto(`${desk.url}/desk/agenda`);
      await isStyled(engine);
    } finally {
      await engine.close();
    }
  });
}

async function signOutAndIn(engine: Engine, url: string): Promise<void> {
  await engine.evaluate(`fetch("/desk/sign-out", { method: "POST" }).then(() => true)`);
  await signIn(engine, url, TECHNICIAN);
}
