import { AGENT } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("an agent records the customer's verification", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  await file.resolve("Se reinició el switch.");

  const verify = await file.begin("Registrar verificación", "Registrar verificación");
  await verify.getByRole("button", { name: "Guardar la respuesta" }).click();
  await expect(verify.getByRole("alert").first()).toBeVisible();
  await verify.getByRole("radio", { name: "Funciona", exact: true }).check();
  await verify.getByLabel("¿Quién lo dijo?").fill("Ana Rivas");
  await verify.getByRole("button", { name: "Guardar la respuesta" }).click();
  await file.told(/Verificación registrada/);
  await expect(file.head).toContainText("Cerrado");
  await expect(page.getByRole("region", { name: "El caso, de principio a fin" })).toContainText("Confirmado");
  await accessible(page);
});
