import { AGENT, type Desk, SUPERVISOR } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";
import { until } from "./support/until";

const WIDTHS = [390, 820, 1440];

/** The server's second: what happens in a later one is later. */
async function second(desk: Desk): Promise<number> {
  return Math.floor(Number(await (await fetch(`${desk.url}/time`)).text()) / 1000);
}

test("a wait that ran on after the customer had answered is told, with who set it", async ({ page, another, desk }) => {
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

  // Not for agents: neither the page nor the file.
  await expect(page.getByRole("link", { name: "Informes", exact: true })).toHaveCount(0);
  expect((await page.request.get("/desk/reports/pauses.csv")).status()).toBe(403);

  const supervisor = (await another({})).page;
  await signIn(supervisor, SUPERVISOR);
  await supervisor.getByRole("link", { name: "Informes", exact: true }).click();
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
  expect(download.suggestedFilename()).toBe("vigia-pauses.csv");
  const csv = await supervisor.request.get("/desk/reports/pauses.csv?reason=customer");
  expect(csv.headers()["content-type"]).toContain("text/csv");
  expect(await csv.text()).toContain(`${number.written},VE,`);
  expect(await (await supervisor.request.get("/desk/reports/pauses.csv?reason=spare_part")).text()).not.toContain(
    number.written,
  );

  await supervisor.getByLabel("Se esperaba").selectOption("En espera de un repuesto");
  await supervisor.getByRole("button", { name: "Mostrar" }).click();
  await expect(supervisor).toHaveURL(/reason=spare_part/);
  await expect(supervisor.getByText("Ninguna espera de más en este período")).toBeVisible();
});
