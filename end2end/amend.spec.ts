import { AGENT } from "./support/desk";
import { openAndFollow } from "./support/form";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("agents amend contact, place and fault; customers all but the place", async ({
  page,
  another,
  desk,
}) => {
  const portal = (await another({})).page;
  const { form, number } = await openAndFollow(portal);

  // The agent was told another telephone, with an extension, and the right place.
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const person = page.getByRole("region", { name: "Contacto", exact: true });
  await page.getByRole("button", { name: /^Corregir contacto, ubicación o falla/ }).first().click();
  const sheet = file.sheet("Corregir contacto, ubicación o falla");
  await expect(sheet).toBeVisible();
  await expect(sheet.getByLabel("Nombre del contacto")).toHaveValue("Ana Teresa Rivas");
  await sheet.getByLabel("Teléfono", { exact: true }).fill("0212-5550199 ext. 12");
  await sheet.getByLabel("Otro teléfono (opcional)").fill("0424 555 0198");
  await sheet.getByLabel("Ubicación física").fill("Torre Sur, sótano 2");
  await sheet.getByRole("button", { name: "Guardar la corrección" }).click();
  await expect(sheet.getByLabel("Por qué se corrige")).toHaveAccessibleDescription(/Escriba/);
  await accessible(page);
  await sheet.getByLabel("Por qué se corrige").fill("Lo dijo al llamar");
  await sheet.getByRole("button", { name: "Guardar la corrección" }).click();
  await file.told(/Datos corregidos/);
  await expect(page.getByRole("link", { name: "0212-5550199 ext. 12" }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "0424-5550198" }).first()).toBeVisible();
  await expect(page.getByText("Torre Sur, sótano 2").first()).toBeVisible();
  await expect(file.history.first()).toContainText("0212 555 0142".replace(/^0/, "+58 "));
  await expect(file.history.first()).toContainText("Motivo: Lo dijo al llamar");
  await expect(person.or(page.locator("#h-person")).first()).toBeVisible();
  expect(await desk.mailbox.text(form.mail, "datos corregidos")).toContain("ext. 12");

  // The customer's page shows it without a reload. The customer may amend the fault, but not the place.
  await expect(portal.getByText("Torre Sur, sótano 2").first()).toBeVisible();
  await portal.getByText("¿Hay un dato equivocado?").click();
  await expect(portal.getByLabel("Ubicación física")).toHaveCount(0);
  await expect(portal.getByLabel("Teléfono", { exact: true })).toHaveValue("+58 212 555 0199 ext. 12");
  await portal.getByLabel("Descripción de la falla").fill("El conmutador del piso 12 ya no enciende en absoluto.");
  await portal.getByLabel("Por qué se corrige").fill("Empeoró");
  await accessible(portal);
  await portal.getByRole("button", { name: "Guardar los cambios" }).click();
  await expect(portal.getByText("Guardado. Quien atiende su caso lo ve de inmediato.")).toBeVisible();
  await expect(page.getByText("El conmutador del piso 12 ya no enciende en absoluto.").first()).toBeVisible();
  await expect(file.history.first()).toContainText("Empeoró");
});

test("an amendment that conflicts with another keeps what the agent typed and takes over the rest", async ({ page, another, watched }) => {
  watched.allow(/status of 422/);
  const portal = (await another({})).page;
  const { number } = await openAndFollow(portal);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await page.getByRole("button", { name: /^Corregir contacto, ubicación o falla/ }).first().click();
  const sheet = file.sheet("Corregir contacto, ubicación o falla");
  const [phone, second] = [sheet.getByLabel("Teléfono", { exact: true }), sheet.getByLabel("Otro teléfono (opcional)")];
  await phone.fill("0212-5550199");
  await sheet.getByLabel("Por qué se corrige").fill("Lo dijo al llamar");

  await portal.getByText("¿Hay un dato equivocado?").click();
  await portal.getByLabel("Otro teléfono (opcional)").fill("0424 555 0198");
  await portal.getByLabel("Por qué se corrige").fill("Me llaman allí");
  await portal.getByRole("button", { name: "Guardar los cambios" }).click();

  // The dialog shows the other correction at once, and changes no field.
  await expect(sheet.getByText("Otra persona cambió estos datos mientras usted escribía.")).toBeVisible();
  await expect(second).toHaveValue("");
  await accessible(page);

  // Refused for it, the fields rest on the report as it is now.
  await sheet.getByRole("button", { name: "Guardar la corrección" }).click();
  await expect(sheet.getByRole("alert")).toBeVisible();
  await expect(sheet.getByText("Esto cambió mientras usted escribía.")).toBeVisible();
  await expect(second).toHaveValue(/424 555 0198/);
  await expect(phone).toHaveValue("0212-5550199");
  await accessible(page);
  await sheet.getByRole("button", { name: "Guardar la corrección" }).click();
  await file.told(/Datos corregidos/);
  await expect(page.getByRole("link", { name: "0212-5550199" }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "0424-5550198" }).first()).toBeVisible();
});
