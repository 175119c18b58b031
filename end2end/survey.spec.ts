import type { Page } from "@playwright/test";
import { AGENT, type Desk, SUPERVISOR } from "./support/desk";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { answer, MONTERREY } from "./support/survey";
import { accessible, expect, test } from "./support/test";

const WIDTHS = [390, 820, 1440];

/** A case that the agent of `page` closed after the customer's verification; its survey is due when the mail comes. */
async function closed(page: Page, desk: Desk): Promise<{ number: CaseNumber; invitation: string }> {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { ...MONTERREY, contact_mail: mail }));
  await page.goto("/desk");
  const file = await CaseFile.open(page, number);
  await file.logContact();
  await file.resolve("Se cambió la fuente de poder.");
  const verify = await file.begin("Registrar verificación", "Registrar verificación");
  await verify.getByRole("radio", { name: "Funciona", exact: true }).check();
  await verify.getByRole("button", { name: "Guardar la respuesta" }).click();
  await file.told(/Verificación registrada/);
  return { number, invitation: await desk.mailbox.text(mail, "¿cómo le fue?") };
}

async function fits(page: Page): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await accessible(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, `${page.url()} at ${width}`).toBe(false);
  }
}

test("a survey is answered by telephone and by link, followed up and counted", async ({ page, another, desk }) => {
  test.slow();
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const called = await closed(page, desk);
  const alone = await closed(page, desk);

  // An agent does not survey their own cases.
  await page.goto(`/desk/survey/calls/${called.number.compact}`);
  await expect(page.getByRole("status")).toContainText("Usted trabajó en este caso");
  await expect(page.getByRole("button", { name: "Guardar respuestas" })).toHaveCount(0);
  await page.getByRole("link", { name: "Encuestas por llamar" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Encuestas por llamar" })).toBeVisible();
  await expect(page.getByText("quedan para sus compañeros")).toBeVisible();
  await expect(page.getByRole("link", { name: called.number.grouped })).toHaveCount(0);

  const supervised = await another({});
  supervised.allow(/status of 422/);
  const supervisor = supervised.page;
  await signIn(supervisor, SUPERVISOR);
  await expect(supervisor.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await supervisor.getByRole("link", { name: "Encuestas", exact: true }).click();
  await expect(supervisor.getByRole("heading", { level: 1, name: "Encuestas por llamar" })).toBeVisible();
  await fits(supervisor);
  await supervisor.getByRole("link", { name: called.number.grouped }).click();

  await expect(supervisor.getByRole("heading", { level: 1 })).toContainText(called.number.grouped);
  await expect(supervisor.getByRole("link", { name: /8555 0142/ })).toHaveAttribute("href", /^tel:/);
  await supervisor.getByRole("button", { name: "No contesta" }).click();
  await expect(supervisor.getByRole("status").filter({ hasText: "Intento registrado." })).toBeVisible();
  await expect(supervisor.getByRole("region", { name: "Historia" })).toContainText("No contesta");
  await fits(supervisor);
  // A refused form comes back as it was typed.
  await answer(supervisor, ["5", "5", "4", "5"], "10");
  await supervisor.getByLabel("¿Quién responde?").fill("7");
  await supervisor.getByRole("button", { name: "Guardar respuestas" }).click();
  await expect(supervisor.getByRole("alert").first()).toBeVisible();
  await expect(supervisor.getByRole("group", { name: "el trato" }).getByRole("radio", { name: "4" })).toBeChecked();
  await supervisor.getByLabel("¿Quién responde?").fill("Ana Teresa Rivas");
  await supervisor.getByRole("button", { name: "Guardar respuestas" }).click();
  await expect(supervisor.getByRole("status").filter({ hasText: "Respuestas guardadas." })).toBeVisible();
  await expect(supervisor.getByRole("link", { name: called.number.grouped })).toHaveCount(0);

  // The other customer by the mail's link: reading the page changes nothing.
  const link = /\S+(\/survey\/\S+)/.exec(alone.invitation)?.[1];
  expect(link).toBeDefined();
  const customer = (await another({})).page;
  for (let look = 0; look < 2; look += 1) {
    await customer.goto(link!);
    await expect(customer.getByRole("heading", { level: 1, name: "¿Cómo le fue con su caso?" })).toBeVisible();
  }
  await fits(customer);
  await answer(customer, ["2", "3", "4", "2"], "3");
  await customer.getByLabel("¿Algo más que debamos saber?").fill("Tardaron toda la mañana.");
  await customer.getByRole("button", { name: "Enviar mis respuestas" }).click();
  await expect(customer.getByRole("heading", { level: 1, name: "Gracias por responder" })).toBeVisible();
  await customer.goto(link!);
  await expect(customer.getByRole("button", { name: "Enviar mis respuestas" })).toHaveCount(0);

  // Low scores are for supervisors.
  await supervisor.getByRole("link", { name: "Seguimientos" }).click();
  const card = supervisor.getByRole("region", { name: alone.number.grouped });
  await expect(card).toContainText("Tardaron toda la mañana.");
  await expect(card).toContainText("2,75");
  await card.getByText("Registrar seguimiento").click();
  await fits(supervisor);
  await card.getByRole("radio", { name: "Hablamos y quedó conforme" }).check();
  await card.getByLabel("Qué se habló y qué se hizo").fill("Se le explicó el retraso y lo aceptó.");
  await card.getByRole("button", { name: "Guardar seguimiento" }).click();
  await expect(supervisor.getByRole("status").filter({ hasText: "Seguimiento guardado." })).toBeVisible();
  await expect(card).toHaveCount(0);
  await supervisor.getByRole("link", { name: "Atendidos" }).click();
  await expect(card).toContainText("Hablamos y quedó conforme");

  await supervisor.getByRole("link", { name: "Resultados" }).click();
  await expect(supervisor.getByRole("heading", { level: 1, name: "Resultados de las encuestas" })).toBeVisible();
  const plans = supervisor.getByRole("table", { name: "Por plan" });
  const plan = plans.getByRole("row", { name: /^9x5 México/ });
  await expect(plan.getByRole("cell")).toHaveText(["2", "2", "100 %", "3,75", "0"]);
  await expect(supervisor.getByRole("table", { name: "Por quien resolvió" })).toContainText(AGENT.name);
  await fits(supervisor);
  await supervisor.getByLabel("Desde").fill("2020-01");
  await supervisor.getByLabel("Hasta").fill("2020-02");
  await supervisor.getByRole("button", { name: "Mostrar" }).click();
  await expect(supervisor).toHaveURL(/from=2020-01&to=2020-02/);
  await expect(supervisor.getByText("Sin encuestas en este período")).toBeVisible();
});

test("the pages of mails show the list, one mail, and every kind", async ({ page, desk, watched }) => {
  // The preview's sandbox blocks even scripts of the browser under test.
  watched.allow(/Blocked script execution in '[^']+\/body'/);
  const mail = freshMail();
  await open(desk.url, { contact_mail: mail });
  await desk.mailbox.first(mail);
  await signIn(page, SUPERVISOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.getByRole("link", { name: "Correos", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Correos" })).toBeVisible();
  await page.getByRole("navigation", { name: "Filtros" }).getByRole("link", { name: "Enviado" }).click();
  await expect(page).toHaveURL(/state=sent/);
  const row = page.getByRole("row").filter({ hasText: mail });
  await expect(row).toContainText("Enviado");
  await fits(page);

  await row.getByRole("link", { name: /abierto/ }).click();
  const preview = page.getByTitle("El correo como lo ve quien lo recibe");
  await expect(preview).toHaveAttribute("sandbox", "");
  const body = await page.request.get((await preview.getAttribute("src")) ?? "");
  expect(body.headers()["content-security-policy"]).toContain("default-src 'none'");
  expect(body.headers()["content-security-policy"]).toContain("sandbox");
  expect(await body.text()).toContain("Ana Teresa Rivas");
  await page.getByText("Versión de texto").click();
  await expect(page.locator("pre")).toContainText("Ana Teresa Rivas");

  await page.goto("/desk/mails/kinds?in=pt");
  const languages = page.getByRole("navigation", { name: "Idioma del correo" });
  await expect(languages.getByRole("link", { name: "Português" })).toHaveAttribute("aria-current", "true");
  await expect(languages.getByRole("link", { name: "English" })).toHaveAttribute("href", "/desk/mails/kinds?in=en");
  await expect(page.getByRole("heading", { level: 2, name: /como foi\?/ })).toBeVisible();
  const previews = page.getByTitle("El correo como lo ve quien lo recibe");
  const kinds = await page.getByRole("heading", { level: 2 }).count();
  expect(kinds).toBeGreaterThan(15);
  await expect(previews, "one of each kind").toHaveCount(kinds);
  for (const one of await previews.all()) {
    const shown = await page.request.get((await one.getAttribute("src")) ?? "");
    expect(shown.status()).toBe(200);
    expect(await shown.text()).toContain('<html lang="pt">');
  }
  await page.goto("/desk/mails?state=dead");
  await expect(page.getByText("No hay correos con este filtro")).toBeVisible();
});

test("agents do not see mails", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Correos", exact: true })).toHaveCount(0);
  for (const path of ["/desk/mails/1/body", "/desk/mails/kinds/opening/es/body"]) {
    expect((await page.request.get(path)).status(), path).toBe(403);
  }
});
