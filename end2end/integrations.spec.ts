import { ADMINISTRATOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("an administrator makes a token that is shown once, a program uses it, and it is revoked", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Integraciones" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Integraciones" })).toBeVisible();
  await accessible(page);

  await page.getByRole("textbox", { name: "Nombre" }).fill("Zabbix");
  await page.getByRole("textbox", { name: "Solicitudes por minuto" }).fill("muchas");
  await page.getByRole("button", { name: "Crear token" }).click();
  await expect(page.getByRole("textbox", { name: "Solicitudes por minuto" })).toHaveAccessibleDescription(/de 1 a 60000/);
  await expect(page.getByRole("group", { name: "Permisos" })).toHaveAccessibleDescription(/al menos un permiso/);
  await expect(page.getByRole("textbox", { name: "Nombre" })).toHaveValue("Zabbix");
  await accessible(page);

  await page.getByRole("textbox", { name: "Solicitudes por minuto" }).fill("60");
  await page.getByRole("checkbox", { name: "leer casos" }).check();
  await page.getByRole("button", { name: "Crear token" }).click();
  const shown = page.getByRole("status").filter({ hasText: "Cópielo ahora" });
  await expect(shown).toBeVisible();
  const token = (await shown.innerText()).match(/vigia_[0-9a-f]+/)?.[0] ?? "";
  expect(token).not.toBe("");
  await accessible(page);

  const headers = { Authorization: `Bearer ${token}` };
  const me = await fetch(`${desk.url}/api/v1/me`, { headers });
  expect(await me.json()).toMatchObject({ name: "Zabbix", grants: ["read_cases"] });
  await page.goto(`${desk.url}/desk/admin/integrations`);
  await expect(page.getByText(token)).toHaveCount(0);

  const row = page.getByRole("row", { name: /Zabbix/ });
  await row.locator("summary").click();
  await row.getByRole("button", { name: "Sí, revocar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "revocada" })).toBeVisible();
  expect((await fetch(`${desk.url}/api/v1/me`, { headers })).status).toBe(401);

  await page.goto(`${desk.url}/api`);
  await expect(page.getByRole("heading", { level: 1, name: /^API/ })).toBeVisible();
  await accessible(page);
});
