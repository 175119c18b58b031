import { AGENT, type Desk, SUPERVISOR } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";
import { until } from "./support/until";

const WIDTHS = [390, 820, 1440];

/** Waits for the server's next second, so that later events have a later time. */
async function second(desk: Desk): Promise<number> {
  return Math.floor(Number(await (await fetch(`${desk.url}/time`)).text()) / 1000);
}

test("a wait that ran on after the customer's answer is reported, with its author", async ({ page, another, desk }) => {
  await signIn(page, AGENT);
  const number = new CaseNumber(await open(desk.url));
  const file = await CaseFile.open(page, number);
  await file.logContact();
  const pause = await file.begin("Pausar", "Pausar el caso");
  await pause.getByRole("radio", { name: "En espera del cliente" }).check();
  await pause.getByRole("button", { name: "4 h" }).click();
  await pause.getByRole("button", { name: "Pausar", exact: true }).click();
  await file.told(/Caso en pausa/);
  const paused = await second(desk);
  await until("the second after the pause", async () => (await second(desk)) > paused);
  await file.logContact();

  // Agents see neither the page nor the file.
  await expect(page.getByRole("link", { name: "Informes", exact: true })).toHaveCount(0);
  expect((await page.request.get("/desk/reports/pauses.csv")).status()).toBe(403);

  const supervisor = (await another({})).page;
  await signIn(supervisor, SUPERVISOR);
  await supervisor.getByRole("link", { name: "Informes", exact: true }).click();
  await supervisor.getByRole("link", { name: "Esperas de más" }).click();
  await expect(supervisor.getByRole("heading", { level: 1, name: /Esperas que siguieron/ })).toBeVisible();
  const row = supervisor.getByRole("row").filter({ hasText: number.grouped });
  await expect(row).toContainText(AGENT.name);
  await expect(row).toContainText("En espera del cliente");
  await expect(row).toContainText("Contacto registrado");
  await expect(row).toContainText("sigue en pausa");
  for (const width of WIDTHS) {
    await supervisor.setViewportSize({ width, height: 900 });
    await accessible(supervisor);
    const wider = await supervisor.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, `at ${width}`).toBe(false);
  }

  const [download] = await Promise.all([
    supervisor.waitForEvent("download"),
    supervisor.getByRole("link", { name: "Descargar CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^vigia-esperas-de-mas-\d{4}-\d\d-\d{4}-\d\d\.csv$/);
  const csv = await supervisor.request.get("/desk/reports/pauses.csv?reason=customer");
  expect(csv.headers()["content-type"]).toContain("text/csv");
  expect(await csv.text()).toContain(`${number.written};VE;`);
  expect(await (await supervisor.request.get("/desk/reports/pauses.csv?reason=spare_part")).text()).not.toContain(
    number.written,
  );

  await supervisor.getByLabel("Se esperaba").selectOption("En espera de un repuesto");
  await supervisor.getByRole("button", { name: "Mostrar" }).click();
  await expect(supervisor).toHaveURL(/reason=spare_part/);
  await expect(supervisor.getByText("Ninguna espera de más en este período")).toBeVisible();
});

/** The date in `fromNow` days, as addresses write it. */
function day(fromNow: number): string {
  return new Date(Date.now() + fromNow * 24 * 3600 * 1000).toISOString().slice(0, 10);
}

test("SLA compliance is reported, and each breach leads to its case", async ({ page, another, desk }) => {
  // Agents see neither the pages nor the files.
  await signIn(page, AGENT);
  const number = new CaseNumber(await open(desk.url));
  const file = await CaseFile.open(page, number);
  await file.logContact();
  for (const address of ["/desk/reports/promises.csv", "/desk/reports/promises/missed.csv?clock=attention"]) {
    expect((await page.request.get(address)).status(), address).toBe(403);
  }
  for (const address of ["/desk/reports/promises", "/desk/reports/promises/missed?clock=attention"]) {
    const refused = await (await page.request.get(address)).text();
    expect(refused, address).not.toMatch(/Cómo se cuenta|Volver a las cifras/);
  }

  // Some cases of the demonstration are breached; the scheduler records it soon after the start.
  const supervisor = (await another({})).page;
  await signIn(supervisor, SUPERVISOR);
  await expect(supervisor.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const period = `from=${day(-60)}&to=${day(1)}`;
  const missed = `/desk/reports/promises/missed.csv?clock=attention&${period}`;
  await until("a contact that came too late", async () =>
    /;Primer contacto;P\d;/.test(await (await supervisor.request.get(missed)).text()),
  );

  await supervisor.getByRole("link", { name: "Informes", exact: true }).click();
  await expect(supervisor.getByRole("heading", { level: 1, name: "Cumplimiento de SLA (ANS)" })).toBeVisible();
  await supervisor.getByLabel("Desde").fill(day(-60));
  await supervisor.getByLabel("Hasta").fill(day(1));
  await supervisor.getByRole("button", { name: "Mostrar" }).click();
  await expect(supervisor).toHaveURL(new RegExp(`from=${day(-60)}`));
  const contacts = supervisor.getByRole("region", { name: "Primer contacto: por prioridad" });
  const total = contacts.getByRole("row", { name: /^Total/ });
  await expect(total).toContainText("%");
  await expect(total.getByRole("cell").nth(1), "this test's own was kept").not.toHaveText("0");
  for (const width of WIDTHS) {
    await supervisor.setViewportSize({ width, height: 900 });
    await accessible(supervisor);
    const wider = await supervisor.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, `at ${width}`).toBe(false);
  }
  const [download] = await Promise.all([
    supervisor.waitForEvent("download"),
    supervisor.getByRole("link", { name: "Descargar CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe(`vigia-cumplimiento-de-sla-ans-${day(-60)}-${day(1)}.csv`);

  // From the figure to its cases, and to one of them.
  const link = total.getByRole("link", { name: /ver los casos/ });
  const count = Number(/\d+/.exec(await link.innerText())?.[0]);
  await link.click();
  await expect(supervisor.getByRole("heading", { level: 1, name: "Promesas incumplidas" })).toBeVisible();
  const told = await supervisor.getByText(/Incumplidas en el período .*: \d+$/).innerText();
  expect(Number(/(\d+)$/.exec(told.trim())?.[1]), "more may be breached meanwhile").toBeGreaterThanOrEqual(count);
  for (const width of WIDTHS) {
    await supervisor.setViewportSize({ width, height: 900 });
    await accessible(supervisor);
  }
  const first = supervisor.getByRole("rowheader").first().getByRole("link");
  const behind = (await first.innerText()).trim();
  await first.click();
  await expect(supervisor.getByRole("heading", { level: 1 })).toContainText(behind);

  // A period without data has no rate.
  await supervisor.goto("/desk/reports/promises?from=2001-01-01&to=2001-01-31");
  await expect(supervisor.getByText("sin datos", { exact: true })).toHaveCount(5);
  await supervisor.goto("/desk/reports/promises?from=2020-01-01&to=2026-01-01");
  await expect(supervisor.getByText(/pasa de un año/)).toBeVisible();
});
