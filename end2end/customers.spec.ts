import type { Page } from "@playwright/test";
import { ADMINISTRATOR, AGENT, type Desk } from "./support/desk";
import { CaseForm } from "./support/form";
import { isDrawn, png } from "./support/picture";
import { CARACAS, CaseNumber, freshMail, fromSomewhere, open } from "./support/report";
import { signIn } from "./support/staff";
import { accessible, expect, hydrated, test, visit } from "./support/test";
import { until } from "./support/until";

/** Waits until a case is known by its contact's address, which it is shortly after its opening. */
async function known(staff: Page, mail: string, number: CaseNumber): Promise<void> {
  await signIn(staff, AGENT);
  await until("the case is found", async () => {
    const found = await staff.request.get(`/desk/search?q=${encodeURIComponent(mail)}`);
    return (await found.text()).includes(`/desk/cases/${number.compact}`);
  });
}

/** Asks for a code; gives the text of its mail. */
async function askForCode(page: Page, desk: Desk, mail: string): Promise<string> {
  await page.goto("/my/sign-in");
  await page.getByLabel("Correo", { exact: true }).fill(mail);
  await page.getByRole("button", { name: "Enviarme el código" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Revise su correo" })).toBeVisible();
  return desk.mailbox.text(mail, "Su código para entrar");
}

test("a customer signs in by a code and finds their cases, on a phone", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  await page.setExtraHTTPHeaders(fromSomewhere());
  await page.setViewportSize({ width: 390, height: 844 });
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  await known((await another({})).page, mail, number);
  await page.goto("/");
  await page.getByRole("link", { name: "Ver mis casos" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Entrar a mis casos" })).toBeVisible();
  await accessible(page);
  const text = await askForCode(page, desk, mail);
  const code = /^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? "";
  expect(code, text).not.toBe("");

  const field = page.getByLabel("Código", { exact: true });
  await field.fill("1");
  await field.press("Enter");
  await expect(field).toHaveAccessibleDescription(/no es correcto/);
  await accessible(page);
  await field.fill(code);
  await field.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Mis casos" })).toBeVisible();
  await expect(page.getByRole("link", { name: number.grouped })).toBeVisible();
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(wider, "nothing scrolls sideways").toBe(false);
  await accessible(page);

  await page.getByLabel("Número de caso, serial o palabras").fill(number.written);
  await page.getByRole("button", { name: "Buscar" }).click();
  await page.getByRole("link", { name: number.grouped }).click();
  await expect(page).toHaveURL(`${desk.url}/track/${tracking}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);

  await page.goto("/my/equipment");
  await expect(page.getByRole("heading", { level: 2, name: "Aquí no hay equipos a su nombre" })).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Salir", exact: true }).click();
  await expect(page).toHaveURL(`${desk.url}/my/sign-in`);
  await page.goto("/my/cases");
  await expect(page).toHaveURL(`${desk.url}/my/sign-in`);
});

test("the link of the mail signs in on another device", async ({ page, another, desk }) => {
  const mail = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: mail }));
  await known((await another({})).page, mail, number);
  await page.setExtraHTTPHeaders(fromSomewhere());
  const link = /\/my\/enter\/[0-9a-f-]+/.exec(await askForCode(page, desk, mail))?.[0] ?? "";
  const phone = (await another({})).page;
  await phone.goto(`${desk.url}${link}`);
  await expect(phone.getByText(mail)).toBeVisible();
  await accessible(phone);
  await phone.getByRole("button", { name: "Entrar" }).click();
  await expect(phone.getByRole("heading", { level: 1, name: "Mis casos" })).toBeVisible();
  await phone.goto(`${desk.url}${link}`);
  await expect(phone.getByRole("heading", { level: 1, name: "El enlace ya no sirve" })).toBeVisible();
});

/** Signs a customer in by the code in their mail. */
async function enter(page: Page, desk: Desk, mail: string): Promise<void> {
  await page.setExtraHTTPHeaders(fromSomewhere());
  const text = await askForCode(page, desk, mail);
  const field = page.getByLabel("Código", { exact: true });
  await field.fill(/^\s*(\d{6})\s*$/m.exec(text)?.[1] ?? "");
  await field.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Mis casos" })).toBeVisible();
}

/** Lets an address act for the company of the demonstration's equipment; the page is signed in as an administrator. */
async function giveAccess(staff: Page, mail: string, what: "administrator" | "member"): Promise<void> {
  await expect(staff.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await staff.goto(`/desk/admin/register/equipment/${CARACAS.serial}`);
  await staff.getByRole("main").locator("a[href*='/register/organisations/']").first().click();
  await staff.getByRole("link", { name: "Personas y dominios" }).click();
  await staff.getByLabel("Correo", { exact: true }).fill(mail);
  await staff.getByLabel("Qué puede hacer").selectOption(what);
  await staff.getByRole("button", { name: "Dar acceso" }).click();
  await expect(staff.getByRole("listitem").filter({ hasText: mail })).toBeVisible();
}

test("a customer's first code leads to a case of their equipment, opened with a photograph", async ({ page, another, desk }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const mail = freshMail();
  const staff = (await another({})).page;
  await signIn(staff, ADMINISTRATOR);
  await giveAccess(staff, mail, "member");

  await enter(page, desk, mail);
  await page.goto("/my/equipment");
  await accessible(page);
  await page.getByRole("link", { name: `Reportar una falla ${CARACAS.serial}` }).click();
  await page.waitForURL(/\/\?serial=/);
  await hydrated(page);
  const form = new CaseForm(page);
  await expect(form.field("serial"), "one tap names the equipment").toHaveValue(CARACAS.serial);
  await expect(form.field("contract")).toHaveValue(CARACAS.contract);
  await form.fill();
  await form.field("mail").fill(mail);
  await page.getByLabel("Fotos y archivos (opcional)").setInputFiles([{ name: "panel.png", mimeType: "image/png", buffer: png(64) }]);
  await expect(page.getByRole("list", { name: "Archivos elegidos" }).getByRole("listitem")).toHaveText([/panel\.png/]);
  await form.send.click();
  await page.waitForURL(/\/opened\//);
  const tracking = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await visit(page, `/track/${tracking}`);
  const happened = page.getByRole("region", { name: "Qué ha pasado" });
  await isDrawn(happened.getByRole("listitem").filter({ hasText: "panel.png" }).last().locator("img"));

  const number = new CaseNumber(tracking);
  await until("the case is among their own", async () => {
    const listed = await page.request.get("/my/cases");
    return (await listed.text()).includes(number.grouped);
  });
  await page.goto("/my/cases");
  await expect(page.getByRole("link", { name: number.grouped })).toBeVisible();
});

test("a company's administrator invites a colleague, and removes them while their page is open", async ({ page, another, desk }) => {
  const [chief, colleague] = [freshMail(), freshMail()];
  const number = new CaseNumber(await open(desk.url));
  const staff = (await another({})).page;
  await signIn(staff, ADMINISTRATOR);
  await giveAccess(staff, chief, "administrator");
  await expect(staff.getByRole("listitem").filter({ hasText: chief })).toContainText("Administra la empresa");
  await accessible(staff);

  await enter(page, desk, chief);
  await page.getByRole("link", { name: "Mis colegas" }).click();
  await page.getByLabel("Correo", { exact: true }).fill(colleague);
  await page.getByRole("button", { name: "Invitar" }).click();
  const theirs = page.getByRole("listitem").filter({ hasText: colleague });
  await expect(theirs).toContainText("Todavía no ha entrado");
  await accessible(page);
  expect(await desk.mailbox.text(colleague, "Ya puede ver los casos de")).toContain(chief);

  const phone = (await another({ viewport: { width: 390, height: 844 } })).page;
  await enter(phone, desk, colleague);
  await phone.goto("/my/cases?of=company");
  await expect(phone.getByRole("link", { name: number.grouped })).toBeVisible();
  await expect(phone.getByRole("link", { name: "Mis colegas" })).toHaveCount(0);
  await theirs.getByRole("button", { name: "Quitar" }).click();
  await expect(page.getByText("Esa persona ya no ve lo de la empresa.")).toBeVisible();
  await expect(theirs).toHaveCount(0);
  // The open page ends by itself.
  await expect(phone.getByRole("heading", { level: 1, name: "Entrar a mis casos" })).toBeVisible();
  await expect(phone).toHaveURL(`${desk.url}/my/sign-in`);
});
