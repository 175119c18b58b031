import { ADMINISTRATOR, AGENT, SUPERVISOR } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("a team is put right and saved, and its members are offered first", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Equipos de trabajo" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Equipos de trabajo" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Equipo nuevo" }).click();
  await page.getByLabel("Nombre").fill("Redes de prueba");
  await page.getByRole("group", { name: "Miembros" }).getByLabel(new RegExp(AGENT.name)).check();
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const countries = page.getByRole("group", { name: "Países" });
  await expect(countries).toHaveAccessibleDescription(/Elija al menos un país/);
  await expect(page.getByLabel("Nombre")).toHaveValue("Redes de prueba");
  await expect(page.getByRole("group", { name: "Miembros" }).getByLabel(new RegExp(AGENT.name))).toBeChecked();
  await accessible(page);
  await countries.getByLabel("Venezuela").check();
  for (const skill of await page.getByRole("group", { name: "Plataformas" }).getByRole("checkbox").all()) await skill.check();
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "El equipo quedó guardado" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Redes de prueba/ })).toContainText("Venezuela");

  await page.goto("/desk");
  const file = await CaseFile.open(page, number);
  await page.getByRole("button", { name: "Asignar" }).click();
  const give = file.sheet("¿Quién lo atiende?");
  const fitting = give.locator("optgroup").first();
  await expect(fitting).toHaveAttribute("label", /^Equipos de .*, Venezuela$/);
  await expect(fitting.locator("option")).toHaveText([new RegExp(`^${AGENT.name}.* · Redes de prueba$`)]);
});

test("an absence is put right, said when the person is chosen, and removed", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, SUPERVISOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Personas" }).first().click();
  await page.getByRole("link", { name: ADMINISTRATOR.name }).click();
  await page.getByRole("region", { name: "Horario y ausencias" }).getByRole("link", { name: "Ver y cambiar" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Horario y ausencias" })).toBeVisible();
  const schedule = page.url();
  await accessible(page);
  const [first, last] = [page.getByLabel("Primer día"), page.getByLabel("Último día")];
  const today = (await first.getAttribute("min")) ?? "";
  await first.fill(today);
  await last.fill("2020-01-01");
  await page.getByRole("radio", { name: "Vacaciones" }).check();
  await page.getByLabel("Nota", { exact: true }).fill("Vuelve descansada");
  await page.getByRole("button", { name: "Anotar una ausencia" }).click();
  await expect(last).toHaveAccessibleDescription(/anterior al primero/);
  await expect(page.getByLabel("Nota", { exact: true })).toHaveValue("Vuelve descansada");
  await accessible(page);
  await last.fill(today);
  await page.getByRole("button", { name: "Anotar una ausencia" }).click();
  await expect(page.getByRole("status").filter({ hasText: "La ausencia quedó anotada" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Ausencias" })).toContainText("Vuelve descansada");

  await page.goto("/desk");
  const file = await CaseFile.open(page, number);
  await page.getByRole("button", { name: "Asignar" }).click();
  const give = file.sheet("¿Quién lo atiende?");
  const option = give.locator("option", { hasText: ADMINISTRATOR.name });
  await expect(option).toContainText("ausente hasta");
  await give.getByLabel("A quién").selectOption((await option.getAttribute("value")) ?? "");
  await expect(give.getByRole("status").filter({ hasText: "Puede darle el caso igual" })).toBeVisible();
  await accessible(page);
  await give.getByRole("button", { name: "Pasar el caso" }).click();
  await file.told(/El caso cambió de manos/);

  await page.goto(schedule);
  await page.getByRole("button", { name: /^Quitar la ausencia/ }).click();
  await expect(page.getByRole("status").filter({ hasText: "La ausencia quedó quitada" })).toBeVisible();
});

test("everybody enters their own absences", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/account");
  await page.getByRole("link", { name: "Ver y anotar ausencias" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Mi horario y mis ausencias" })).toBeVisible();
  await page.getByLabel("Primer día").fill("2099-12-21");
  await page.getByLabel("Último día").fill("2099-12-31");
  await page.getByRole("radio", { name: "Formación" }).check();
  await page.getByRole("button", { name: "Anotar una ausencia" }).click();
  await expect(page.getByRole("status").filter({ hasText: "La ausencia quedó anotada" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: /^Quitar la ausencia/ }).click();
  await expect(page.getByText("No hay ausencias desde hoy.")).toBeVisible();
});
