import { ADMINISTRATOR, AGENT } from "./support/desk";
import { openAndFollow } from "./support/form";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("a canned reply is put right, saved, and an agent sends it to the customer", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  const portal = (await another({})).page;
  const { form, number } = await openAndFollow(portal);

  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Respuestas preparadas" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Respuestas preparadas" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Nueva respuesta" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Respuesta preparada" })).toBeVisible();
  await accessible(page);
  await page.getByLabel("Nombre", { exact: true }).fill("Repuesto en camino");
  const text = page.getByLabel("Texto · Español");
  await text.fill("El repuesto del caso {numero} va en camino.\n{agent}");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(text).toHaveAccessibleDescription(/\{numero\} no existe/);
  await expect(page.getByLabel("Nombre", { exact: true })).toHaveValue("Repuesto en camino");
  await accessible(page);
  await text.fill("El repuesto del caso {number} va en camino.\n{agent}");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Quedó guardada" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Repuesto en camino/ })).toContainText("Español");
  await accessible(page);

  const agent = (await another({})).page;
  await signIn(agent, AGENT);
  const file = await CaseFile.open(agent, number);
  const news = await file.begin("Dar novedades", "Novedades para el cliente");
  const field = news.getByLabel("Qué le decimos");
  await field.fill("Buenas tardes.");
  await news.getByRole("button", { name: "Usar una respuesta preparada" }).click();
  const choice = news.getByLabel("Respuesta preparada");
  await expect(choice).toBeFocused();
  await accessible(agent);
  await choice.selectOption({ label: "Repuesto en camino" });
  await expect(field, "what was typed stays above it").toHaveValue(
    `Buenas tardes.\n\nEl repuesto del caso ${number.grouped} va en camino.\n${AGENT.name}`,
  );
  await expect(field).toBeFocused();
  await field.press("ControlOrMeta+End");
  await field.pressSequentially(", Vigía");
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await file.told(/Novedades enviadas/);
  const mail = await desk.mailbox.text(form.mail, "novedades");
  expect(mail).toContain(`El repuesto del caso ${number.grouped} va en camino.`);
  expect(mail).toContain(`${AGENT.name}, Vigía`);
});

test("words of a mail are put right, tried with a real case, sent to oneself, saved, and taken back", async ({
  page,
  another,
  desk,
  watched,
}) => {
  watched.allow(/status of 422/);
  const portal = (await another({})).page;
  const { number } = await openAndFollow(portal);

  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Textos de correos" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Textos de correos" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Apertura", exact: true }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Apertura" })).toBeVisible();
  await accessible(page);

  const subject = page.getByLabel("Asunto · Español");
  await subject.fill("Su caso está abierto");
  await page.getByLabel("Despedida · Español").fill("Gracias por su confianza.");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(subject).toHaveAccessibleDescription(/Falta \{number\}/);
  await accessible(page);

  // The standard subject: other tests look for it.
  await subject.fill("");
  const trial = page.getByRole("region", { name: "Probar con un caso" });
  await trial.getByLabel("Número del caso").fill("0");
  await trial.getByRole("button", { name: "Ver el correo" }).click();
  await expect(trial.getByLabel("Número del caso")).toHaveAccessibleDescription(/Escriba el número de un caso/);
  await accessible(page);
  await trial.getByLabel("Número del caso").fill(number.grouped);
  await trial.getByRole("button", { name: "Ver el correo" }).click();
  const shown = trial.getByRole("region", { name: "Así lo recibe el cliente" });
  await expect(shown).toContainText(number.grouped);
  await expect(shown).toContainText("Gracias por su confianza.");
  await accessible(page);
  await trial.getByRole("button", { name: "Enviármelo" }).click();
  await expect(trial).toContainText(ADMINISTRATOR.mail);
  expect(await desk.mailbox.text(ADMINISTRATOR.mail, number.grouped)).toContain("Gracias por su confianza.");

  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Quedó guardado" })).toBeVisible();
  const next = await openAndFollow((await another({})).page);
  expect(await desk.mailbox.text(next.form.mail, "abierto")).toContain("Gracias por su confianza.");

  await page.getByRole("link", { name: "Apertura", exact: true }).click();
  await page.getByRole("link", { name: "Volver al texto estándar" }).click();
  await expect(page.getByLabel("Despedida · Español")).toHaveValue("");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("row", { name: /^Apertura Texto estándar/ })).toBeVisible();
  await accessible(page);
});

for (const width of [390, 820, 1440]) {
  test(`canned replies and words of mails fit ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["replies", "replies/new", "mail-texts", "mail-texts/opening"]) {
      await page.goto(`/desk/admin/${address}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${address} scrolls sideways`).toBe(0);
    }
  });
}
