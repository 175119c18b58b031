import type { Page } from "@playwright/test";
import { ADMINISTRATOR, AGENT, type Desk } from "./support/desk";
import { CaseForm } from "./support/form";
import { CARACAS, CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { until } from "./support/until";

/** A telephone that no other test uses, as E.164 writes it. */
function freshTelephone(): string {
  return `+58414555${1000 + Math.floor(Math.random() * 9000)}`;
}

/** A token that reports calls. */
async function exchange(page: Page): Promise<string> {
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/integrations");
  await page.getByRole("textbox", { name: "Nombre" }).fill("Central telefónica");
  await page.getByRole("checkbox", { name: "informar llamadas telefónicas" }).check();
  await page.getByRole("button", { name: "Crear token" }).click();
  const shown = page.getByRole("status").filter({ hasText: "Cópielo ahora" });
  return (await shown.innerText()).match(/vigia_[0-9a-f]+/)?.[0] ?? "";
}

/** Reports a call at the agent's extension. */
async function report(desk: Desk, token: string, call: Record<string, string>): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const response = await fetch(`${desk.url}/api/v1/calls`, { method: "POST", headers, body: JSON.stringify(call) });
  expect(response.status).toBe(201);
}

test("a caller pops up for the agent: the call is logged, a new case is filled in, and Escape closes it", async ({
  page,
  another,
  desk,
}) => {
  const telephone = freshTelephone();
  const name = "Carmen Ortiz";
  const number = new CaseNumber(
    await open(desk.url, { contact_same: "", contact_name: name, contact_phone: telephone }),
  );
  const administrator = (await another({})).page;
  const token = await exchange(administrator);

  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(page, "/desk/account");
  await page.getByRole("textbox", { name: "Extensión" }).fill("204");
  await page.locator("form", { hasText: "Extensión telefónica" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "La extensión quedó guardada" })).toBeVisible();
  await until("the case is found by its telephone", async () => {
    const found = await page.request.get(`/desk/search?q=${encodeURIComponent(telephone)}`);
    return (await found.text()).includes(`/desk/cases/${number.compact}`);
  });

  await visit(page, "/desk");
  const find = page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" });
  await find.focus();
  const call = { id: telephone, number: telephone, line: "0800 2776390", extension: "204" };
  await report(desk, token, { ...call, state: "ringing" });
  const popUp = page.getByRole("region", { name: telephone.replace(/^\+58(\d{3})(\d{3})/, "+58 $1 $2 ") });
  await expect(popUp).toContainText("Está sonando");
  await expect(popUp).toContainText(name);
  await expect(find, "the focus stays where the agent types").toBeFocused();
  await accessible(page);

  await report(desk, token, { ...call, state: "answered" });
  await expect(popUp).toContainText("En llamada");
  await popUp.getByRole("button", { name: `Registrar contacto ${number.grouped}` }).click();
  await expect(popUp).toContainText(`Contacto registrado en ${number.grouped}`);
  await accessible(page);

  await popUp.getByRole("link", { name: "Abrir un caso", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Abrir un caso por teléfono" })).toBeVisible();
  const form = new CaseForm(page);
  await expect(form.field("phone")).toHaveValue(/^\+58 414/);
  await expect(form.field("contract")).toHaveValue(CARACAS.contract);
  await expect(form.field("contactName")).toHaveValue(name);

  await popUp.getByRole("button", { name: "Cerrar la llamada en pantalla" }).focus();
  await page.keyboard.press("Escape");
  await expect(popUp).toHaveCount(0);

  await visit(page, "/desk");
  const file = await CaseFile.open(page, number);
  await expect(file.history.first()).toContainText(`${AGENT.name} habló con el cliente`);

  const row = administrator.getByRole("row", { name: /Central telefónica/ });
  await row.locator("summary").click();
  await row.getByRole("button", { name: "Sí, revocar" }).click();
  await expect(administrator.getByRole("status").filter({ hasText: "revocada" })).toBeVisible();
});
