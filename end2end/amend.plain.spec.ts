import { CaseNumber, open } from "./support/report";
import { expect, test } from "./support/test";

// Without a script, preloaded files stay unused.
const UNUSED = /was preloaded using link preload but not used/;

test("without a script the customer amends the report", async ({ page, desk, watched }) => {
  watched.allow(UNUSED);
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
  await page.goto(`/track/${tracking}`);
  await page.getByText("¿Hay un dato equivocado?").press("Enter");
  await page.getByLabel("Teléfono", { exact: true }).fill("0212-5550177 ext. 3");
  await page.getByLabel("Por qué se corrige").fill("Cambió la extensión");
  await page.getByRole("button", { name: "Guardar los cambios" }).press("Enter");
  await expect(page).toHaveURL(new RegExp(`/track/${tracking}$`));
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
  await expect(page.getByText("+58 212 555 0177 ext. 3").first()).toBeVisible();
});

test("without a script a wrong amendment comes back with what was typed and the error at its field", async ({ page, desk, watched }) => {
  watched.allow(UNUSED);
  watched.allow(/status of 422/);
  const tracking = await open(desk.url);
  await page.goto(`/track/${tracking}`);
  await page.getByText("¿Hay un dato equivocado?").press("Enter");
  const [phone, why] = [page.getByLabel("Teléfono", { exact: true }), page.getByLabel("Por qué se corrige")];
  await phone.fill("12");
  await why.fill("Cambió la extensión");
  await page.getByRole("button", { name: "Guardar los cambios" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toContainText(new CaseNumber(tracking).grouped);
  await expect(page.getByText("Faltan datos por corregir")).toBeVisible();
  await expect(phone).toHaveValue("12");
  await expect(phone).toHaveAccessibleDescription(/./);
  await expect(why).toHaveValue("Cambió la extensión");
  await phone.fill("0212-5550177");
  await page.getByRole("button", { name: "Guardar los cambios" }).press("Enter");
  await expect(page).toHaveURL(new RegExp(`/track/${tracking}$`));
  await expect(page.getByText("+58 212 555 0177").first()).toBeVisible();
});
