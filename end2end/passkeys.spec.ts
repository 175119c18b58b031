import type { Page } from "@playwright/test";
import { Desk } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test as base } from "./support/test";

const ANA = { name: "Ana Rivas", mail: "ana@proveedor.example", password: "yegua verde chica" };

// A desk at a host name: browsers have no passkeys at 127.0.0.1.
const test = base.extend<object, { desk: Desk }>({
  desk: [
    async ({}, use) => {
      const desk = await Desk.start("off", "localhost");
      await desk.addPerson(ANA, "agent");
      await use(desk);
      await desk.stop();
    },
    { scope: "worker", timeout: 150_000 },
  ],
});

/** A device that holds passkeys, and whose owner has unlocked it. */
async function plugIn(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

async function signOut(page: Page): Promise<void> {
  await page.goto("/desk");
  await page.getByRole("button", { name: "Salir" }).click();
  await expect(page).toHaveURL(/\/desk\/sign-in/);
}

const queue = (page: Page) => page.getByRole("heading", { level: 1, name: "Cola de casos" });

test("an agent adds a passkey, signs in by it alone and after the password, and trusts the browser", async ({ page, watched }) => {
  watched.allow(/status of 4/);
  await plugIn(page);
  await signIn(page, ANA, ANA.password);
  await expect(queue(page)).toBeVisible();
  await page.goto("/desk/account/passkeys");
  await expect(page.getByText("Todavía no tiene ninguna.")).toBeVisible();
  const add = page.getByRole("form", { name: "Agregar una llave de acceso" });
  await add.getByLabel("Nombre de la llave").fill("Teléfono");
  await add.getByLabel("Contraseña actual").fill("yegua azul");
  await add.getByRole("button", { name: "Continuar" }).click();
  await expect(add.getByText(/No es su contraseña actual/)).toBeVisible();
  await expect(add.getByLabel("Nombre de la llave")).toHaveValue("Teléfono");
  await add.getByLabel("Contraseña actual").fill(ANA.password);
  await add.getByRole("button", { name: "Continuar" }).click();
  await accessible(page);
  await page.getByRole("button", { name: "Crear la llave de acceso" }).click();
  await expect(page.getByText("La llave de acceso quedó agregada.")).toBeVisible();
  await expect(page.getByRole("region", { name: "Códigos de recuperación" }).getByRole("listitem")).toHaveCount(10);
  const keys = page.getByRole("region", { name: "Llaves de acceso" }).getByRole("listitem");
  await expect(keys).toContainText("Sin usar");
  await accessible(page);

  await signOut(page);
  await accessible(page);
  await page.getByRole("button", { name: "Entrar con una llave de acceso" }).click();
  await expect(queue(page)).toBeVisible();

  await signOut(page);
  await signIn(page, ANA, ANA.password);
  await expect(page.getByRole("heading", { level: 1, name: "Llave de acceso" })).toBeVisible();
  await page.getByRole("checkbox", { name: /durante 30 días/ }).check();
  await accessible(page);
  await page.getByRole("button", { name: "Usar una llave de acceso" }).click();
  await expect(queue(page)).toBeVisible();

  await signOut(page);
  await signIn(page, ANA, ANA.password);
  await expect(queue(page)).toBeVisible();
  await page.goto("/desk/account/passkeys");
  await expect(keys).toContainText("Último uso");
  const devices = page.getByRole("region", { name: "Dispositivos de confianza" });
  await devices.getByRole("button", { name: /^Ya no confiar/ }).click();
  await expect(page.getByText("Ese navegador vuelve a pedir el segundo factor.")).toBeVisible();
  await expect(devices.getByRole("listitem")).toHaveCount(0);

  // The password alone changes no way to sign in: the browser was a trusted one.
  await keys.getByRole("link", { name: "Quitar Teléfono" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Confirme que es usted" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Usar una llave de acceso" }).click();
  await expect(page).toHaveURL(/\/desk\/account\/passkeys$/);
  await keys.getByText("Quitar", { exact: true }).click();
  await keys.getByLabel("Contraseña actual").fill(ANA.password);
  await keys.getByRole("button", { name: "Quitar la llave de acceso" }).click();
  await expect(page.getByText("La llave de acceso quedó quitada.")).toBeVisible();
  await signOut(page);
  await page.getByRole("button", { name: "Entrar con una llave de acceso" }).click();
  await expect(page.getByText(/La mesa no conoce esta llave de acceso/)).toBeVisible();
});
