import { ADMINISTRATOR, AGENT, SUPERVISOR } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("a cause is set, put right, chosen for a case, and counted", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Causas" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Causas" })).toBeVisible();
  await accessible(page);
  const networks = page.getByRole("region", { name: "Redes" }).getByRole("table");
  const row = networks.getByRole("row").last();
  const code = row.getByLabel(/ · Código$/);
  await code.fill("Enlace satelital");
  await row.getByLabel(/ · Español$/).fill("Enlace satelital");
  await row.getByLabel(/ · English$/).fill("Satellite link");
  await row.getByLabel(/ · Português$/).fill("Link de satélite");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const wrong = page.getByRole("textbox", { name: / · Código$/ }).and(page.locator("[aria-invalid=true]"));
  await expect(wrong).toHaveAccessibleDescription(/letras minúsculas/);
  await expect(wrong).toHaveValue("Enlace satelital");
  await accessible(page);

  await wrong.fill("satellite");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const preview = page.getByRole("region", { name: "Esto cambiaría" });
  await expect(preview.getByRole("row", { name: /Causa · satellite/ })).toContainText("Enlace satelital");
  await preview.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Quedó guardado" })).toBeVisible();

  const agent = (await another({})).page;
  await signIn(agent, AGENT);
  const file = await CaseFile.open(agent, number);
  await file.logContact();
  const sheet = await file.begin("Resolver", "Resolver el caso");
  const tree = sheet.getByLabel("Causa de la lista");
  await tree.selectOption("Enlace satelital");
  await accessible(agent);
  await sheet.getByText("Equipo o repuesto", { exact: true }).click();
  await sheet.getByLabel("Causa", { exact: true }).fill("La antena estaba desalineada");
  await sheet.getByLabel("Qué se hizo").fill("Se alineó la antena");
  await sheet.getByRole("button", { name: "Marcar como resuelto" }).click();
  await expect(file.history.filter({ hasText: "Redes › Enlace satelital" })).toBeVisible();

  const supervisor = (await another({})).page;
  await signIn(supervisor, SUPERVISOR);
  await expect(supervisor.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await supervisor.goto("/desk/reports/promises");
  await supervisor.getByRole("navigation", { name: "Informes" }).getByRole("link", { name: "Causas" }).click();
  await expect(supervisor.getByRole("heading", { level: 1, name: "Casos resueltos por causa" })).toBeVisible();
  await expect(supervisor.getByRole("row", { name: /Enlace satelital/ })).toContainText("1");
  await accessible(supervisor);
});

test("a questionnaire is made, put right, and named by a plan", async ({ page, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Cuestionarios" }).first().click();
  await page.getByRole("link", { name: "Nuevo cuestionario" }).click();
  await page.getByLabel("Nombre", { exact: true }).fill("Encuesta breve");
  const question = page.getByLabel("Pregunta 2 · English", { exact: true });
  await question.fill("");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(question).toHaveAccessibleDescription(/en cada idioma/);
  await expect(page.getByLabel("Nombre", { exact: true })).toHaveValue("Encuesta breve");
  await accessible(page);
  await question.fill("Does it work again?");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Todo quedó guardado" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Encuesta breve/ })).toBeVisible();
  await accessible(page);
  await page.goto("/desk/admin/plans/1");
  const asked = page.getByLabel("Cuestionario", { exact: true });
  await asked.selectOption("Encuesta breve");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(page.getByRole("region", { name: "Esto cambiaría" })).toContainText("Encuesta breve");
  await expect(asked).toHaveValue("Encuesta breve");
});

test("a waiting reason of one's own is set, put right, and written as the detail of a wait", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/waiting");
  const row = page.getByRole("table").getByRole("row").last();
  await row.getByLabel(/ · Código$/).fill("customs");
  await row.getByLabel(/ · Español$/).fill("Repuesto en aduana");
  await row.getByLabel(/ · English$/).fill("Part at customs");
  await row.getByLabel(/ · Tipo de espera$/).selectOption("spare_part");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const wrong = page.getByRole("textbox").and(page.locator("[aria-invalid=true]"));
  await expect(wrong).toHaveAccessibleDescription(/en cada idioma/);
  await accessible(page);
  await wrong.fill("Peça na alfândega");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Todo quedó guardado" })).toBeVisible();

  const agent = (await another({})).page;
  await signIn(agent, AGENT);
  const file = await CaseFile.open(agent, number);
  await file.logContact();
  const sheet = await file.begin("Pausar", "Pausar el caso");
  await sheet.getByText("En espera de un repuesto", { exact: true }).click();
  await sheet.getByLabel("Motivo de la lista").selectOption("Repuesto en aduana");
  await expect(sheet.getByLabel("Detalle (opcional)")).toHaveValue("Repuesto en aduana");
  await accessible(agent);
});

for (const width of [390, 820, 1440]) {
  test(`the pages of causes fit ${width} pixels`, async ({ page, desk }) => {
    const number = new CaseNumber(await open(desk.url));
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["/desk/admin/causes", "/desk/admin/questionnaires/new", "/desk/admin/waiting", "/desk/reports/causes", `/desk/cases/${number.compact}/resolve`]) {
      await page.goto(address);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${address} scrolls sideways`).toBe(0);
    }
  });
}
