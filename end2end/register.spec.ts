import { ADMINISTRATOR, AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

const SIZES = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

test("an administrator finds a contract, mends what was typed wrong, and reads who changed it", async ({ page, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/register/contracts");
  await page.getByLabel("Buscar en esta lista").fill("cumbre");
  await page.getByRole("main").getByRole("button", { name: "Buscar" }).click();
  await accessible(page);
  await page.getByRole("link", { name: "CPS-VE-004213-58" }).click();
  await page.getByLabel("Correo del contacto").fill("ana@");
  await page.getByLabel("Contacto", { exact: false }).first().fill("Ana Rivas");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByLabel("Correo del contacto")).toHaveValue("ana@");
  await expect(page.getByLabel("Correo del contacto")).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await page.getByLabel("Correo del contacto").fill("ana@cumbre.example");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Los cambios quedaron guardados.")).toBeVisible();
  const history = page.getByRole("region", { name: "Historial de cambios" });
  await expect(history.getByRole("listitem").first()).toContainText(ADMINISTRATOR.name);
  await expect(history).toContainText("ana@cumbre.example");
  await accessible(page);
});

test("an agent reads equipment with its cases and changes nothing", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/register/equipment/FOC2614A1B2");
  await expect(page.getByRole("heading", { level: 1, name: "FOC2614A1B2" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Guardar" })).toHaveCount(0);
  await accessible(page);
});

for (const viewport of SIZES) {
  test(`the register fits ${viewport.width} pixels`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["", "/contracts", "/sites", "/equipment", "/organisations/1", "/equipment/FOC2614A1B2", "/organisations/1/merge", "/organisations/1/people"]) {
      await page.goto(`/desk/admin/register${address}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(wide, address).toBe(0);
      await accessible(page);
    }
  });
}

test("an import is shown, put right, confirmed and undone", async ({ page, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/import");
  await accessible(page);
  const send = async (text: string, name = "contratos.csv") => {
    await page.getByLabel("Elija el archivo").setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.getByRole("button", { name: "Ver qué cambiaría" }).click();
  };
  await send("");
  await expect(page.getByLabel("Elija el archivo")).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  const head = "Contrato;Cliente;País;Plan SLA;valid_from;valid_to";
  await send(`${head}\nCPS-VE-004377-51;Clínica Nueva;VE;Estándar Venezuela;2026-01-01;2026-02-30\n`);
  await expect(page.getByRole("heading", { name: "¿Cuál columna es cuál?" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Ver qué cambiaría" }).click();
  await expect(page.getByLabel(/^Número de contrato/)).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await page.getByLabel(/^Número de contrato/).selectOption("Contrato");
  await page.getByRole("button", { name: "Ver qué cambiaría" }).click();
  await expect(page.getByText("línea 2, valid_to")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Enviar otro archivo" }).click();
  await send("number,organisation,country,plan,valid_from,valid_to\nCPS-VE-004377-51,Clínica Nueva,VE,Estándar Venezuela,2026-01-01,2026-12-31\n");
  await expect(page.getByRole("heading", { name: "Esto cambiaría" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Todo quedó guardado.")).toBeVisible();
  await page.getByRole("button", { name: "Deshacer esta importación" }).click();
  await expect(page.getByText("La importación se deshizo.")).toBeVisible();
  await accessible(page);
});

test("a label's form keeps what was typed over a reload, and apart from another draft", async ({ page }) => {
  const LABEL = "/?serial=FOC2614A1B2&contract=CPS-VE-004213-58";
  const stored = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
  const form = new CaseForm(page);
  await visit(page, "/");
  await form.field("fault").fill("La impresora del piso 3 no imprime.");
  await expect.poll(stored).toContain("piso 3");

  await visit(page, LABEL);
  await expect(form.field("serial")).toHaveValue("FOC2614A1B2");
  await expect(form.field("fault")).toHaveValue("");
  await form.field("fault").fill("El equipo se apaga solo.");
  await expect.poll(stored).toContain("se apaga solo");
  await visit(page, LABEL);
  await expect(form.field("fault"), "a reload loses nothing").toHaveValue("El equipo se apaga solo.");
  await expect(form.field("serial")).toHaveValue("FOC2614A1B2");

  await visit(page, "/");
  await expect(form.field("fault"), "the other draft is as it was").toHaveValue("La impresora del piso 3 no imprime.");
  await expect(form.field("serial")).toHaveValue("");
});
