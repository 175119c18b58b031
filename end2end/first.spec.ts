import { Desk } from "./support/desk";
import { deviceCode } from "./support/device";
import { CaseForm } from "./support/form";
import { CaseNumber } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test as ordinary, visit } from "./support/test";
import { until } from "./support/until";
import { DRAWN_BY_THE_BROWSER, WALL } from "./support/wall";

/** A desk that starts empty. */
const test = ordinary.extend<object, { desk: Desk }>({
  desk: [
    async ({}, use) => {
      const desk = await Desk.start("off");
      await use(desk);
      await desk.stop();
    },
    { scope: "worker", timeout: 150_000 },
  ],
});

const ANA = { name: "Ana Rivas", mail: "ana@proveedor.example", password: "caballo azul grande" };
const LUIS = { name: "Luis Mora", mail: "luis@proveedor.example", password: "yegua verde chica" };
const EQUIPMENT = { contract: "CPS-VE-004377-51", serial: "FOC2614A1B2" };

test("an empty desk is set up by its first administrator, and a customer's first case is answered", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  const setup = page.getByRole("main").getByRole("list").last();
  const step = (name: string) => setup.getByRole("listitem").filter({ hasText: name });

  // The portal serves already, and says that nobody works here yet.
  await page.goto("/");
  await expect(page.getByText("Esta mesa se está preparando")).toBeVisible();

  await page.goto(desk.firstLink());
  await page.getByLabel("Su nombre").fill(ANA.name);
  await page.getByLabel("Correo", { exact: true }).fill(ANA.mail);
  await page.getByLabel("Contraseña", { exact: true }).fill("corta");
  await page.getByRole("button", { name: "Crear mi cuenta" }).click();
  await expect(page.getByLabel("Contraseña", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Su nombre")).toHaveValue(ANA.name);
  await accessible(page);
  await page.getByLabel("Contraseña", { exact: true }).fill(ANA.password);
  await page.getByRole("button", { name: "Crear mi cuenta" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Active el segundo factor" })).toBeVisible();
  await accessible(page);
  await page.getByLabel("Código", { exact: true }).fill(deviceCode(await page.locator("code").innerText()));
  await page.getByRole("button", { name: "Entrar", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Códigos de recuperación" })).toBeVisible();
  await page.getByRole("link", { name: "Entrar a la mesa" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Puesta en marcha" })).toBeVisible();
  await expect(page.getByText("1 de 7 pasos resueltos")).toBeVisible();

  await step("Proveedor y países").getByRole("link", { name: /^Hacer/ }).click();
  await page.getByLabel("Nombre", { exact: true }).fill("Andina TI");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Quedó guardado" })).toBeVisible();

  await page.goto("/desk/admin/setup");
  await step("Horario y planes").getByRole("button", { name: /^Así está bien/ }).click();
  await expect(page.getByText("3 de 7 pasos resueltos")).toBeVisible();

  await step("Servidor de correo").getByRole("link", { name: /^Hacer/ }).click();
  await page.getByRole("button", { name: "Enviarme un correo de prueba" }).click();
  await expect(page.getByRole("status").filter({ hasText: ANA.mail })).toBeVisible();
  await desk.mailbox.first(ANA.mail);

  await page.goto("/desk/admin/setup");
  await step("Primer contrato").getByRole("link", { name: /^Hacer/ }).click();
  await expect(page.getByRole("heading", { name: "Todavía no hay nada aquí" })).toBeVisible();
  await accessible(page);
  await page.getByRole("link", { name: "Agregar un cliente" }).click();
  await page.getByLabel("Nombre").fill("Clínica Cumbre");
  await page.getByLabel("País").selectOption("VE");
  await page.getByRole("button", { name: "Agregar", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Clínica Cumbre" })).toBeVisible();
  await page.getByRole("link", { name: "Agregar un contrato" }).click();
  await page.getByLabel("Número de contrato").fill("CPS-VE-004377-52");
  await page.getByLabel("Primer día").fill("2026-01-01");
  await page.getByLabel("Último día").fill("2030-12-31");
  await page.getByRole("button", { name: "Agregar", exact: true }).click();
  await expect(page.getByLabel("Número de contrato")).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await page.getByLabel("Número de contrato").fill(EQUIPMENT.contract);
  await page.getByRole("button", { name: "Agregar", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: EQUIPMENT.contract })).toBeVisible();
  await page.getByRole("link", { name: "Agregar un equipo" }).click();
  await page.getByRole("main").getByRole("link", { name: "Agregar un sitio" }).click();
  await page.getByLabel("Nombre").fill("Torre Ávila");
  await page.getByLabel("Dirección").fill("Av. Francisco de Miranda, piso 12");
  await page.getByRole("button", { name: "Agregar", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Torre Ávila" })).toBeVisible();
  await page.getByRole("link", { name: "Agregar un equipo" }).click();
  await page.getByLabel("Serial").fill(EQUIPMENT.serial);
  await page.getByLabel("Fabricante").fill("Cisco");
  await page.getByLabel("Plataforma").selectOption("network");
  await page.getByRole("button", { name: "Agregar", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: EQUIPMENT.serial })).toBeVisible();

  await page.goto("/desk/admin/setup");
  await step("Quién atiende").getByRole("link", { name: /^Hacer/ }).click();
  const invitation = page.getByRole("form", { name: "Una persona" });
  await expect(page.locator("html[data-live]")).toBeAttached();
  await invitation.getByLabel("Nombre").fill(LUIS.name);
  await invitation.getByLabel("Correo").fill(LUIS.mail);
  await invitation.getByRole("radio", { name: "Agente" }).check();
  await invitation.getByRole("button", { name: "Enviar la invitación" }).click();
  await expect(page.getByText("Las invitaciones salieron por correo.")).toBeVisible();

  const screen = await another(WALL);
  screen.allow(DRAWN_BY_THE_BROWSER);
  await screen.page.goto(`${desk.url}/wall`);
  const shown = await screen.page.locator(".pair__code [aria-hidden]").innerText();
  await page.goto("/desk/admin/setup");
  await step("Primera pantalla").getByRole("link", { name: /^Hacer/ }).click();
  await page.getByRole("textbox", { name: "Código" }).fill(shown);
  await page.getByRole("textbox", { name: "Nombre" }).fill("Sala");
  await page.getByRole("button", { name: "Vincular" }).click();
  await expect(screen.page).toHaveURL(`${desk.url}/board`);

  await page.goto("/desk/admin/setup");
  await expect(page.getByText("La mesa está lista")).toBeVisible();
  await accessible(page);

  // The colleague comes by the mailed link.
  const colleague = (await another({ baseURL: desk.url })).page;
  const invited = await until("an invitation", () => /http\S+\/desk\/password\/\S+/.exec(desk.mailbox.to(LUIS.mail)[0]?.text ?? "")?.[0]);
  await colleague.goto(invited);
  await colleague.getByLabel("Contraseña nueva").fill(LUIS.password);
  await colleague.getByRole("button", { name: "Guardar la contraseña" }).click();
  await expect(colleague.getByText("La contraseña quedó guardada.")).toBeVisible();
  await signIn(colleague, LUIS, LUIS.password);
  await expect(colleague.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();

  // The customer.
  const customer = (await another({ baseURL: desk.url })).page;
  await visit(customer, "/");
  await expect(customer.getByText("Esta mesa se está preparando")).toHaveCount(0);
  await expect(customer).toHaveTitle(/Andina TI/);
  const form = new CaseForm(customer);
  await form.fill(EQUIPMENT);
  await form.send.click();
  await expect(customer).toHaveURL(/\/opened\//);
  const number = new CaseNumber(await customer.getByRole("heading", { level: 1 }).innerText());
  expect(await desk.mailbox.text(form.mail, number.grouped)).toContain("Andina TI");

  await expect(screen.page.getByRole("row").filter({ hasText: number.grouped })).toBeVisible();
  const file = await CaseFile.open(colleague, number);
  await expect(file.clock("Primer contacto")).toContainText(/En plazo|Por vencer/);
  await file.logContact();
  await expect(file.clock("Primer contacto")).toContainText("Cumplido");
});
