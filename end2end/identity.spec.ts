import type { Page } from "@playwright/test";
import { Desk } from "./support/desk";
import { IdentityProvider } from "./support/identity_provider";
import { signIn } from "./support/staff";
import { accessible, expect, test as base } from "./support/test";

const EVA = { name: "Eva Paz", mail: "eva@proveedor.example", password: "tres caballos y un tren" };
const ANA = { name: "Ana Rivas", mail: "ana@proveedor.example", password: "yegua verde chica" };

// The desk at a name and its provider at an address: they are two sites to a browser, as they are in life.
const test = base.extend<object, { desk: Desk; provider: IdentityProvider }>({
  desk: [
    async ({}, use) => {
      const desk = await Desk.start("off", "localhost");
      await desk.addPerson(EVA, "administrator");
      await desk.addPerson(ANA, "agent");
      await use(desk);
      await desk.stop();
    },
    { scope: "worker", timeout: 150_000 },
  ],
  provider: [
    async ({ desk }, use) => {
      const provider = await IdentityProvider.start(desk.url);
      await use(provider);
      provider.stop();
    },
    { scope: "worker", timeout: 60_000 },
  ],
});

const queue = (page: Page) => page.getByRole("heading", { level: 1, name: "Cola de casos" });
const button = (page: Page) => page.getByRole("button", { name: "Entrar con Directorio" });

/** Signs in at the provider, whose pages take any password. */
async function atProvider(page: Page, provider: IdentityProvider, login: string): Promise<void> {
  await page.waitForURL((url) => url.origin === provider.issuer);
  await page.getByPlaceholder("Enter any login").fill(login);
  await page.getByPlaceholder("and password").fill("cualquiera");
  await page.getByRole("button", { name: "Sign-in" }).click();
}

test("an administrator sets a provider up; an agent refuses, connects, signs in after a change of mail, and out", async ({
  page,
  desk,
  provider,
  watched,
}) => {
  // What the provider's own pages complain about is not ours.
  watched.allow(new RegExp(provider.issuer.replaceAll(".", "\\.")));
  watched.allow(/status of 4/);
  await page.route(/fonts\.googleapis\.com/, (route) => route.fulfill({ contentType: "text/css", body: "" }));
  await provider.says("ana-7", { name: "Ana Rivas", email: ANA.mail });

  await signIn(page, EVA, EVA.password);
  await page.goto("/desk/admin/sign-in");
  const add = page.getByRole("form", { name: "Agregar un proveedor" });
  await add.getByLabel("Nombre en el botón").fill("Directorio");
  await add.getByLabel("Emisor").fill(`${provider.issuer}/`);
  await add.getByRole("button", { name: "Agregar" }).click();
  await expect(page.getByText("El proveedor quedó agregado.")).toBeVisible();
  await expect(page.getByText(`${desk.url}/desk/sign-in/callback/1`)).toBeVisible();
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText(`El proveedor se nombra de otra manera: ${provider.issuer}.`)).toBeVisible();
  const settings = page.getByRole("form", { name: "Ajustes" });
  await settings.getByLabel("Emisor").fill(provider.issuer);
  await settings.getByLabel("Identificación de cliente").fill("mesa");
  await settings.getByLabel("Secreto de cliente").fill("un-secreto-de-prueba");
  await settings.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Los ajustes quedaron guardados.")).toBeVisible();
  await expect(page.getByText("Hay uno guardado.")).toBeVisible();
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText("El proveedor responde")).toBeVisible();
  await accessible(page);
  await page.goto("/desk");
  await page.getByRole("button", { name: "Salir" }).click();
  await expect(page).toHaveURL(/\/desk\/sign-in/);

  // Without consent there is no session, and the page that was asked for is not forgotten.
  await page.goto("/desk/sign-in?next=/desk/account");
  await accessible(page);
  await button(page).click();
  await page.waitForURL((url) => url.origin === provider.issuer);
  await page.getByRole("link", { name: "[ Cancel ]" }).click();
  await expect(page.getByText("usted no dio su permiso")).toBeVisible();
  expect(new URL(page.url()).searchParams.get("next")).toBe("/desk/account");

  // A stranger with a known mail address is a stranger.
  await button(page).click();
  await atProvider(page, provider, "ana-7");
  await page.getByRole("button", { name: "Continue" }).click();
  await expect(page.getByText("La mesa no conoce esta cuenta.")).toBeVisible();

  await signIn(page, ANA, ANA.password);
  await expect(queue(page)).toBeVisible();
  await page.goto("/desk/account/identities");
  await accessible(page);
  await page.getByRole("button", { name: "Conectar con Directorio" }).click();
  await expect(page.getByText("La cuenta quedó conectada.")).toBeVisible();
  await page.goto("/desk");
  await page.getByRole("button", { name: "Salir" }).click();
  await expect(page).toHaveURL(/\/desk\/sign-in/);

  // Another address at the provider makes no other person of her.
  await provider.says("ana-7", { name: "Ana R.", email: EVA.mail });
  await page.goto("/desk/sign-in?next=/desk/account");
  await button(page).click();
  await expect(page.getByRole("heading", { level: 1, name: "Mi cuenta" })).toBeVisible();
  await expect(page.getByText(ANA.mail)).toBeVisible();

  // The session at the provider ends as well: it asks again who comes.
  await page.goto("/desk");
  await page.getByRole("button", { name: "Salir" }).click();
  await page.getByRole("button", { name: "Yes, sign me out" }).click();
  await page.waitForURL(`${desk.url}/desk/sign-in`);
  await button(page).click();
  await page.waitForURL((url) => url.origin === provider.issuer);
  await expect(page.getByPlaceholder("Enter any login")).toBeVisible();
  await page.goto("/desk/sign-in");
});
