import { ADMINISTRATOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

const SIZES = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

test("a step is left out and taken up again, and the list is put away", async ({ page }) => {
  await signIn(page, ADMINISTRATOR);
  await page.goto("/desk/admin/setup");
  await expect(page.getByRole("heading", { level: 1, name: "Puesta en marcha" })).toBeVisible();
  const list = page.getByRole("main").getByRole("list").last();
  const mail = list.getByRole("listitem").filter({ hasText: "Servidor de correo" });
  await mail.getByRole("button", { name: /^Omitir/ }).click();
  await expect(mail).toContainText("Omitido");
  await accessible(page);
  await mail.getByRole("button", { name: /^Retomar/ }).click();
  await expect(mail).toContainText("Pendiente");
  await page.getByRole("button", { name: "Mostrar la lista al entrar" }).click();
  await page.getByRole("button", { name: "Ocultar la lista" }).click();
  await expect(page.getByText("ocultó esta lista")).toBeVisible();
});

test("the server is looked at, a mail is tried, and the integrity is checked", async ({ page }) => {
  await signIn(page, ADMINISTRATOR);
  await page.goto("/desk/admin/server");
  await expect(page.getByRole("heading", { level: 2, name: "Salida de correos" })).toBeVisible();
  await page.getByRole("button", { name: "Enviarme un correo de prueba" }).click();
  await expect(page.getByRole("status").filter({ hasText: ADMINISTRATOR.mail })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Revisar la integridad" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Integridad" })).toBeVisible();
});

test("a wrong time is told at its field, and a person is found", async ({ page, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await page.goto("/desk/admin/privacy");
  const days = page.getByLabel("Días después del fin del caso");
  await days.fill("tres");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(days).toHaveValue("tres");
  await expect(days).toHaveAccessibleDescription(/número entero/);
  await accessible(page);
  await days.fill("");
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("El plazo quedó guardado.")).toBeVisible();
  await page.getByLabel("Correo", { exact: true }).fill("nadie@cumbre.example");
  await page.getByRole("button", { name: "Buscar" }).click();
  await expect(page.getByText("No hay casos con nadie@cumbre.example.")).toBeVisible();
});

for (const address of ["/desk/admin/setup", "/desk/admin/server", "/desk/admin/privacy"]) {
  test(`${address} fits every screen without a script`, async ({ page, browser, desk }) => {
    await signIn(page, ADMINISTRATOR);
    const storage = await page.context().storageState();
    const context = await browser.newContext({ storageState: storage, javaScriptEnabled: false, baseURL: desk.url });
    const plain = await context.newPage();
    for (const viewport of SIZES) {
      await plain.setViewportSize(viewport);
      await plain.goto(address);
      await expect(plain.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(plain.locator("script[type=module]")).toHaveCount(0);
    }
    await context.close();
  });
}
