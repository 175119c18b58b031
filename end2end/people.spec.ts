import type { Page } from "@playwright/test";
import { ADMINISTRATOR, type Desk } from "./support/desk";
import { deviceCode } from "./support/device";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";
import { until } from "./support/until";

// Once people of the desk's own have come, the demonstration's password opens nothing: the tests are one story.
test.describe.configure({ mode: "serial" });

const BOSS = { name: "Eva Paz", mail: "eva@proveedor.example", password: "tres caballos y un tren" };
const ANA = { name: "Ana Rivas", mail: "ana@proveedor.example", password: "yegua verde chica" };

const sizes = [
  { name: "phone", width: 390, height: 844 },
  { name: "tablet", width: 820, height: 1180 },
  { name: "desktop", width: 1440, height: 900 },
];

/** The newest link by which an address chooses a password. */
async function link(desk: Desk, mail: string, before = ""): Promise<string> {
  return until(`a link to ${mail}`, () => {
    const links = desk.mailbox.to(mail).flatMap((one) => /http\S+\/desk\/password\/\S+/.exec(one.text ?? "") ?? []);
    const last = links.at(-1);
    return last === before ? undefined : last;
  });
}

async function enter(page: Page, who: { mail: string; password: string }): Promise<void> {
  await signIn(page, who, who.password);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
}

async function alive(page: Page): Promise<void> {
  await expect(page.locator("html[data-live]")).toBeAttached();
}

test("an administrator invites one person and several, and is told what is wrong", async ({ page, desk, watched }) => {
  watched.allow(/status of 4/);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/people");
  await alive(page);
  await page.getByRole("link", { name: "Invitar" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Invitar personas" })).toBeVisible();
  const one = page.getByRole("form", { name: "Una persona" });
  await one.getByLabel("Nombre").fill(BOSS.name);
  await one.getByLabel("Correo").fill("eva");
  await one.getByRole("button", { name: "Enviar la invitación" }).click();
  await expect(one.getByText("Elija un rol.")).toBeVisible();
  await expect(one.getByLabel("Nombre")).toHaveValue(BOSS.name);
  await accessible(page);
  await alive(page);
  await one.getByLabel("Correo").fill(BOSS.mail);
  await one.getByRole("radio", { name: "Administrador" }).check();
  await one.getByRole("button", { name: "Enviar la invitación" }).click();
  await expect(page.getByText("Las invitaciones salieron por correo.")).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: BOSS.mail })).toContainText("Invitada");

  await page.goto("/desk/admin/people/invite");
  await alive(page);
  const many = page.getByRole("form", { name: "Varias a la vez" });
  await many.getByLabel("Lista").fill(`Nombre;Correo;Rol\n${ANA.name};${ANA.mail};Agente\nLuis Peña;luis;Agente`);
  await many.getByRole("button", { name: "Enviar las invitaciones" }).click();
  await expect(many.getByText(/Línea 3:/)).toBeVisible();
  await alive(page);
  await many.getByLabel("Lista").fill(`${ANA.name};${ANA.mail};Agente\nLuis Peña;luis@proveedor.example;Técnico de campo`);
  await many.getByRole("button", { name: "Enviar las invitaciones" }).click();
  await expect(page.getByRole("row").filter({ hasText: ANA.mail })).toContainText("Invitada");
  expect(await link(desk, "luis@proveedor.example")).toContain(desk.url);
});

test("invited people choose a password by their link, once", async ({ page, desk, watched }) => {
  watched.allow(/status of 4/);
  for (const who of [BOSS, ANA]) {
    const address = await link(desk, who.mail);
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Le damos la bienvenida, ${who.name}`);
    await accessible(page);
    await page.getByLabel("Contraseña nueva").fill("corta");
    await page.getByRole("button", { name: "Guardar la contraseña" }).click();
    await expect(page.getByLabel("Contraseña nueva")).toHaveAttribute("aria-invalid", "true");
    await page.getByLabel("Contraseña nueva").fill(who.password);
    await page.getByRole("button", { name: "Guardar la contraseña" }).click();
    await expect(page.getByText("La contraseña quedó guardada.")).toBeVisible();
    await expect(page.getByLabel("Correo", { exact: true })).toHaveValue(who.mail);
    const again = await page.goto(address);
    expect(again?.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Este enlace ya no sirve");
  }
  await enter(page, ANA);
});

test("an agent changes their password, and ends another session", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 4/);
  await enter(page, ANA);
  const { page: other } = await another({ viewport: { width: 1440, height: 900 }, baseURL: desk.url });
  await enter(other, ANA);
  await page.goto("/desk/account");
  await alive(page);
  const sessions = page.getByRole("region", { name: "Sesiones abiertas" });
  await expect(sessions.getByText("Esta sesión")).toHaveCount(1);
  await expect(sessions.getByText(/^Chrome · Linux$/).first()).toBeVisible();
  const form = page.getByRole("form", { name: "Contraseña" });
  await form.getByLabel("Contraseña actual").fill("no es esta");
  await form.getByLabel("Contraseña nueva").fill("caballo azul grande");
  await form.getByRole("button", { name: "Cambiar la contraseña" }).click();
  await expect(form.getByText(/No es su contraseña actual/)).toBeVisible();
  await accessible(page);
  await alive(page);
  await form.getByLabel("Contraseña actual").fill(ANA.password);
  await form.getByLabel("Contraseña nueva").fill("caballo azul grande");
  await form.getByRole("button", { name: "Cambiar la contraseña" }).click();
  await expect(page.getByText(/La contraseña cambió/)).toBeVisible();
  await expect(page.getByRole("region", { name: "Sesiones abiertas" }).getByRole("listitem")).toHaveCount(1);
  await other.goto("/desk/account");
  await expect(other).toHaveURL(/\/desk\/sign-in/);
  ANA.password = "caballo azul grande";
});

test("a forgotten password is replaced by a mailed link", async ({ page, desk, watched }) => {
  watched.allow(/status of 4/);
  const before = await link(desk, ANA.mail);
  await page.goto("/desk/sign-in");
  await page.getByRole("link", { name: "Olvidé mi contraseña" }).click();
  await page.getByLabel("Correo", { exact: true }).fill(ANA.mail);
  await page.getByRole("button", { name: "Enviar el enlace" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Revise su correo");
  await accessible(page);
  await page.goto(await link(desk, ANA.mail, before));
  await page.getByLabel("Contraseña nueva").fill("yegua verde chica");
  await page.getByRole("button", { name: "Guardar la contraseña" }).click();
  ANA.password = "yegua verde chica";
  await enter(page, ANA);
});

test("an administrator changes a role, deactivates and takes back, and the history says so", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 4/);
  await enter(page, BOSS);
  const { page: theirs } = await another({ viewport: { width: 1440, height: 900 }, baseURL: desk.url });
  await enter(theirs, ANA);
  await page.goto("/desk/admin/people");
  await alive(page);
  await page.getByRole("link", { name: ANA.name }).click();
  const account = page.getByRole("form", { name: "Datos y rol" });
  await account.getByRole("radio", { name: "Supervisor" }).check();
  await account.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Los cambios quedaron guardados.")).toBeVisible();
  await alive(page);
  const history = page.getByRole("region", { name: "Cambios" });
  await expect(history.getByRole("listitem").first()).toContainText(/de Agente a Supervisor/);
  await expect(history.getByRole("listitem").first()).toContainText(BOSS.name);
  await page.getByRole("button", { name: "Dar de baja" }).click();
  await expect(page.getByText("De baja", { exact: true })).toBeVisible();
  await accessible(page);
  await alive(page);
  await theirs.goto("/desk");
  await expect(theirs).toHaveURL(/\/desk\/sign-in/);
  await page.getByRole("button", { name: "Reincorporar" }).click();
  await expect(page.getByText("La persona puede entrar de nuevo.")).toBeVisible();
});

test("an agent sets a second factor up, and signs in with a code and with a recovery code", async ({ page, watched }) => {
  watched.allow(/status of 4/);
  await enter(page, ANA);
  await page.goto("/desk/account");
  await alive(page);
  const form = page.getByRole("form", { name: "Segundo factor" });
  await form.getByRole("button", { name: "Activar" }).click();
  await expect(form.getByText(/No es su contraseña actual/)).toBeVisible();
  await accessible(page);
  await alive(page);
  for (const next of ["Cancelar", "Confirmar"]) {
    await form.getByLabel("Contraseña actual").fill(ANA.password);
    await form.getByRole("button", { name: "Activar" }).click();
    await expect(form.getByRole("button", { name: next })).toBeVisible();
    await alive(page);
    if (next === "Cancelar") {
      await form.getByRole("button", { name: next }).click();
      await expect(form.getByRole("button", { name: "Activar" })).toBeVisible();
      await alive(page);
    }
  }
  await expect(form.getByRole("img", { name: "Código QR de la clave" })).toBeVisible();
  const secret = await form.locator("code").innerText();
  await form.getByLabel("Código", { exact: true }).fill("000000");
  await form.getByRole("button", { name: "Confirmar" }).click();
  await expect(form.getByText(/El código no es correcto/)).toBeVisible();
  await accessible(page);
  await alive(page);
  await form.getByLabel("Código", { exact: true }).fill(deviceCode(secret));
  await form.getByRole("button", { name: "Confirmar" }).click();
  await expect(form.getByText("Activado")).toBeVisible();
  const recovery = await form.getByRole("listitem").allInnerTexts();
  expect(recovery).toHaveLength(10);
  await page.goto("/desk/account");
  await alive(page);
  await expect(form.getByText("Códigos de recuperación sin usar: 10")).toBeVisible();
  await expect(form.getByRole("listitem")).toHaveCount(0);

  for (const code of [deviceCode(secret, 1), recovery[0] ?? ""]) {
    await page.getByRole("button", { name: "Salir" }).click();
    await expect(page).toHaveURL(/\/desk\/sign-in/);
    await signIn(page, ANA, ANA.password);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Código de verificación");
    await accessible(page);
    await page.getByLabel("Código", { exact: true }).fill(code);
    await page.getByRole("button", { name: "Entrar" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  }
});

test("an administrator removes a factor whose owner lost it, and settles which roles need one", async ({ page, watched }) => {
  watched.allow(/status of 4/);
  await enter(page, BOSS);
  await page.goto("/desk/admin/people");
  await alive(page);
  const roles = page.getByRole("form", { name: "Segundo factor obligatorio" });
  await roles.getByRole("checkbox", { name: "Técnico de campo" }).check();
  await roles.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByText("Los roles quedaron guardados.")).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "Técnico de campo" })).toBeChecked();
  await alive(page);
  await page.getByRole("link", { name: ANA.name }).click();
  await page.getByRole("button", { name: "Quitar el segundo factor" }).click();
  await expect(page.getByRole("button", { name: "Quitar el segundo factor" })).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Cambios" }).getByRole("listitem").first()).toContainText("Segundo factor retirado");
});

for (const { name, ...viewport } of sizes) {
  test(`the pages of people and of the account fit a ${name}`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await enter(page, BOSS);
    await page.goto("/desk/admin/people");
    const person = await page.getByRole("link", { name: ANA.name }).getAttribute("href");
    for (const address of ["/desk/admin/people", "/desk/admin/people/invite", person ?? "", "/desk/account"]) {
      await page.goto(address);
      await alive(page);
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${address} scrolls sideways`).toBe(0);
      if (process.env.VIGIA_PICTURES) {
        const file = `${process.env.VIGIA_PICTURES}/${address.replaceAll("/", "_")}-${name}.png`;
        await page.screenshot({ path: file, fullPage: true });
      }
    }
  });
}
