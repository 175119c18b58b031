import { AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

const TABLET = { viewport: { width: 820, height: 1180 }, hasTouch: true };

test("from the form to the closing mail, refused once: portal and tablet side by side", async ({
  page,
  another,
  desk,
}) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
  const heading = page.getByRole("heading", { level: 1 });
  await expect(heading, "whoever sent the form goes on at the number").toBeFocused();
  const number = new CaseNumber(await heading.innerText());
  await page.getByRole("link", { name: "Ver el seguimiento" }).click();
  await expect(page).toHaveURL(/\/track\//);

  const tablet = (await another(TABLET)).page;
  await signIn(tablet, AGENT);
  const file = await CaseFile.open(tablet, number);
  await file.logContact();
  await file.resolve("Se cambió la fuente de poder.");
  await accessible(tablet);

  const question = page.getByRole("region", { name: "¿Funciona?" });
  await expect(question, "without a reload").toContainText("Se cambió la fuente de poder.");
  await accessible(page);
  const asked = await desk.mailbox.text(form.mail, "¿quedó resuelto?");
  expect(asked).toContain("Se cambió la fuente de poder.");
  expect(asked).toContain(new URL(page.url()).pathname);

  await question.getByLabel("Algo que debamos saber (opcional)").fill("Se apaga cada diez minutos.");
  await question.getByRole("button", { name: "Sigue fallando" }).click();
  await expect(question).toHaveCount(0);
  await expect(page.getByRole("status").filter({ hasText: "En atención" })).toBeVisible();
  await expect(file.head, "the tablet hears it").toContainText("En curso");
  await expect(file.history.first()).toContainText("Se apaga cada diez minutos.");
  await expect(file.promise("Resolución")).toContainText(/En plazo/);

  await file.resolve("Se cambió la tarjeta madre.");
  await expect(question).toContainText("Se cambió la tarjeta madre.");
  await question.getByRole("button", { name: "Sí, funciona" }).click();
  const account = page.getByRole("region", { name: "Su caso, de principio a fin" });
  await expect(account).toContainText("Confirmado por el cliente");
  await expect(account.getByRole("row", { name: /^Primer contacto/ })).toContainText("Cumplido");
  await expect(account.getByRole("row", { name: /^Resolución, vez 2/ })).toContainText("Cumplido");
  await accessible(page);
  await expect(file.head).toContainText("Cerrado");
  await accessible(tablet);

  const closing = await desk.mailbox.text(form.mail, "cerrado");
  for (const words of ["Primer contacto", "Resolución, vez 2", "En horas de servicio", "En tiempo corrido", "Cumplido"]) {
    expect(closing.toLowerCase()).toContain(words.toLowerCase());
  }
});

test("an agent writes the customer's word down, and a closed case comes back", async ({ page, another, desk }) => {
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
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

  const watched = await another({});
  watched.allow(/status of 422/);
  const customer = watched.page;
  await visit(customer, `/track/${tracking}`);
  await customer.getByText("¿Volvió la falla?").click();
  await customer.getByRole("button", { name: "Reabrir el caso" }).click();
  await expect(customer.getByText("Escriba", { exact: false }).first()).toBeVisible();
  await customer.getByLabel("Qué falla ahora").fill("Otra vez sin red en el piso 12.");
  await customer.getByRole("button", { name: "Reabrir el caso" }).click();
  await expect(customer.getByRole("status").filter({ hasText: "En atención" })).toBeVisible();
  await expect(file.head).toContainText("En curso");
  await expect(file.history.first()).toContainText("Otra vez sin red en el piso 12.");
});
