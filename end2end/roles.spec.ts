import { ADMINISTRATOR, AGENT } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

const BOGOTA = {
  contract: "CPS-CO-002107-95",
  serial: "MXQ3410ABC",
  platform: "servers",
  country: "CO",
  location: "Torre Central, piso 9",
  contact_phone: "+58 212 555 0142",
};

test("an administrator composes a role for an agency, whose agent sees its customers alone", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 404/);
  const here = new CaseNumber(await open(desk.url));
  const there = new CaseNumber(await open(desk.url, BOGOTA));
  const other = await another({ viewport: { width: 1440, height: 900 } });
  other.allow(/status of 422/);
  const boss = other.page;
  await signIn(boss, ADMINISTRATOR);
  await expect(boss.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await boss.goto("/desk/admin/roles");
  await accessible(boss);
  await boss.getByRole("link", { name: "Agentes de una agencia" }).click();
  await boss.getByLabel("Nombre del rol").fill("Agencia Ávila");
  await boss.getByRole("checkbox", { name: "Leer informes" }).check();
  await boss.getByLabel("Buscar clientes por nombre").fill("cumbre");
  await boss.getByRole("button", { name: "Buscar", exact: true }).click();
  await boss.getByRole("checkbox", { name: "Banco Cumbre del Ávila" }).check();
  await boss.getByRole("button", { name: "Guardar" }).click();
  await expect(boss.getByText("Con un alcance no se pueden dar: Leer informes")).toBeVisible();
  await accessible(boss);
  await boss.getByRole("checkbox", { name: "Leer informes" }).uncheck();
  await boss.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(boss.getByText("Al guardar, cambia para las personas que tienen el rol: 0.")).toBeVisible();
  await boss.getByRole("button", { name: "Guardar" }).click();
  await expect(boss.getByText("El rol quedó guardado.")).toBeVisible();

  // The agent has a page open while the role is given.
  await signIn(page, AGENT);
  await page.goto(`/desk/cases/${there.compact}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(there.grouped);
  const agent = await boss.getByLabel("Dar el rol a").locator("option").filter({ hasText: AGENT.name }).getAttribute("value");
  await boss.getByLabel("Dar el rol a").selectOption(agent);
  await boss.getByRole("button", { name: "Dar el rol" }).click();
  await expect(boss.getByRole("region", { name: "Quién lo tiene" }).getByRole("link", { name: AGENT.name })).toBeVisible();
  await accessible(boss);

  await page.reload();
  await expect(page.getByRole("heading", { name: "No hay ningún caso con este número" })).toBeVisible();
  await page.goto(`/desk/cases/${here.compact}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(here.grouped);
  await page.goto("/desk");
  await expect(page.getByText(`${AGENT.name} · Agencia Ávila`)).toBeVisible();
  await expect(page.getByText(here.grouped).first()).toBeVisible();
  await expect(page.getByText("Seguros Cordillera")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Abrir caso" })).toBeHidden();
  await page.goto(`/desk/search?q=${there.compact}`);
  await expect(page.getByText(there.grouped)).toHaveCount(0);

  // Other tests know the agent by the standing role.
  await boss.getByRole("button", { name: `Quitar · ${AGENT.name}` }).click();
  await expect(boss.getByText("El rol fue quitado.")).toBeVisible();
  await page.goto(`/desk/cases/${there.compact}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(there.grouped);
});
