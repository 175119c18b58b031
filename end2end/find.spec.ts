import { AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { CARACAS, CaseNumber, WRONG_CHECK } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

const WIDTHS = [390, 820, 1440];

test("a customer without a contract number opens a case that is validated by its serial", async ({ page, another }) => {
  const portal = (await another({})).page;
  await visit(portal, "/");
  const form = new CaseForm(portal);
  await form.fill({ contract: "", serial: CARACAS.serial });
  await portal.getByLabel("No lo tengo a la mano").check();
  await form.send.click();
  await expect(portal.getByLabel("Empresa", { exact: true })).toBeFocused();
  await accessible(portal);
  await portal.getByLabel("Empresa", { exact: true }).fill("Banco Cumbre");
  await form.send.click();
  await expect(portal).toHaveURL(/\/opened\//);
  const number = new CaseNumber(await portal.getByRole("heading", { level: 1 }).innerText());

  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await expect(page.getByText("Por validar: sin número de contrato").first()).toBeVisible();
  await expect(page.getByText(`sin número a la mano (Banco Cumbre)`).first()).toBeVisible();
  await expect(page.getByText(/En el registro: Banco Cumbre del Ávila/)).toBeVisible();
  await page.getByRole("button", { name: "Validar la cobertura" }).click();
  const correct = file.sheet("Corregir contrato o serial");
  await expect(correct.getByLabel("Contrato")).toHaveValue(CARACAS.contract);
  await correct.getByLabel("Motivo").fill("Según el registro");
  await correct.getByRole("button", { name: "Corregir", exact: true }).click();
  await file.told(/Datos corregidos/);
  await expect(page.getByText("Por validar: sin número de contrato")).toHaveCount(0);
});

test("a contract number that looks wrong is accepted once confirmed", async ({ page }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill({ contract: WRONG_CHECK, serial: CARACAS.serial });
  await form.send.click();
  await expect(form.field("contract")).toBeFocused();
  await page.getByLabel("El número está bien escrito: abrir el caso por validar").check();
  await accessible(page);
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
});

test("one box finds customer, equipment and contract, and one tap fills the form", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const find = page.getByRole("textbox", { name: "Buscar clientes, equipos y casos" });

  // By data of the register: the serial's last characters.
  await find.fill("q7kz");
  await find.press("Enter");
  const equipment = page.getByRole("heading", { level: 2, name: "Equipos" }).first();
  await expect(equipment).toBeVisible();
  await expect(page.getByText("FDO2530Q7KZ").first()).toBeVisible();
  await expect(page.getByRole("heading", { level: 2, name: "Casos abiertos" })).toBeVisible();
  await expect(page.getByText("Vigente").first()).toBeVisible();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    await accessible(page);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(wider, `at ${width}`).toBe(false);
  }
  await page.getByRole("link", { name: /Abrir un caso FDO2530Q7KZ/ }).first().click();
  await expect(page).toHaveURL(/\/desk\/intake\?serial=FDO2530Q7KZ$/);
  const form = new CaseForm(page);
  await expect(form.field("contract")).toHaveValue(CARACAS.contract);
  await expect(form.field("serial")).toHaveValue("FDO2530Q7KZ");
  await expect(form.field("country")).toHaveValue("VE");
  await expect(form.field("location")).toHaveValue(/Torre Ávila, Caracas/);
  await expect(form.choice("platform", "network")).toBeChecked();

  await page.goto("/desk/search?q=cumbre");
  await page.getByRole("link", { name: "Banco Cumbre del Ávila" }).first().click();
  await expect(page).toHaveURL(/\/desk\/customers\/\d+$/);
  await expect(page.getByRole("heading", { level: 1, name: "Banco Cumbre del Ávila" })).toBeVisible();
  await accessible(page);
});
