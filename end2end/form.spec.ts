import type { Page } from "@playwright/test";
import { recipients } from "./support/mailbox";
import { CaseForm } from "./support/form";
import { CARACAS, CaseNumber, UNKNOWN_SERIAL, WRONG_CHECK } from "./support/report";
import { accessible, expect, test, visit } from "./support/test";

/** For each field: a wrong value, its error, and a right value. */
const SLIPS = [
  { field: "contract", wrong: WRONG_CHECK, says: /El número no cuadra/, right: CARACAS.contract },
  { field: "contract", wrong: "hola", says: /No conocemos números de contrato así|Faltan/, right: CARACAS.contract },
  { field: "reporter", wrong: "4711", says: /al menos una letra/, right: "Ana Teresa Rivas" },
  { field: "contactName", wrong: "A", says: /al menos 2 caracteres/, right: "Luis Peña" },
  { field: "phone", wrong: "0212 555", says: /Faltan cifras/, right: "0212 555 0142" },
  { field: "phone", wrong: "0212 555 O142", says: /¿Quiso escribir 0\?/, right: "0212 555 0142" },
  { field: "mail", wrong: "ana.rivas", says: /Falta la arroba/, right: "ana.rivas@cumbre.example" },
  { field: "mail", wrong: "ana@cumbre", says: /Falta la terminación/, right: "ana.rivas@cumbre.example" },
  { field: "serial", wrong: "FO", says: /al menos 4 caracteres/, right: CARACAS.serial },
  { field: "location", wrong: "A", says: /al menos 3 caracteres \(faltan 2\)/, right: "Torre Ávila, piso 12" },
  { field: "fault", wrong: "Falla", says: /al menos 10 caracteres \(faltan 5\)/, right: "No enciende desde ayer." },
] as const;

test("an error shows at its field when it is left, and disappears once corrected", async ({ page }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.field("country").selectOption("VE");
  for (const { field, wrong, says, right } of SLIPS) {
    const input = form.field(field);
    await input.fill(wrong);
    await input.blur();
    await expect(input, `${field}: ${wrong}`).toHaveAccessibleDescription(says);
    await expect(input).toHaveAttribute("aria-invalid", "true");
    await input.fill(right);
    await expect(input, `${field}: ${right}`).not.toHaveAccessibleDescription(says);
    await expect(input).not.toHaveAttribute("aria-invalid", "true");
  }
});

test("an empty form lists its missing fields, with links to them", async ({ page }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.send.click();
  const list = page.getByRole("alert").filter({ hasText: "Falta corregir 12 datos" });
  await expect(list.getByRole("listitem")).toHaveCount(12);
  await expect(form.field("reporter")).toHaveAccessibleDescription(/Escriba su nombre y apellido/);
  await expect(form.field("country")).toHaveAccessibleDescription(/Elija una opción/);
  await expect(form.choice("urgency", "low")).toHaveAccessibleDescription(/Elija una opción/);
  await accessible(page);
  await list.getByRole("link", { name: /^Ubicación física/ }).click();
  await expect(form.field("location")).toBeFocused();
  await form.field("location").fill("Torre Ávila, piso 12");
  await expect(page.getByRole("alert").filter({ hasText: "Falta corregir 11 datos" })).toBeVisible();
});

test("a case in Spanish: coverage, SLA preview, number, mail, tracking", async ({ page, desk }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await expect(page.getByText("Contrato vigente.")).toBeVisible();
  await expect(page.getByRole("status").filter({ hasText: /Cisco.*Cubierto por su contrato\./s })).toBeVisible();
  await expect(form.preview).toContainText("Prioridad máxima");
  await expect(form.preview).toContainText(/Un técnico lo contactará (mañana )?antes de las \d\d:\d\d \(hora de Caracas\)/);
  await accessible(page);
  await form.send.click();

  const { number, opened } = await confirmation(page, {
    title: "Caso abierto · Vigía",
    heading: /^Número de caso/,
    opened: /Abierto el (.+) \(hora de Caracas\)\./,
    promise: "Primer contacto",
    spoken: /Por teléfono:.*Venezuela, dos [a-z]+, /,
  });
  const mail = await desk.mailbox.first(form.mail);
  expect(recipients(mail)).toEqual([form.mail]);
  expect(mail.subject).toMatch(new RegExp(`^Caso ${number.written} abierto · `));
  const text = (mail.text ?? "").replace(/\s+/g, " ");
  expect(text).toContain(`Abierto el ${opened} (hora de Caracas, UTC-04:00)`);
  expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
  const link = new RegExp(`${desk.url}/track/\\S+`).exec(mail.text ?? "")?.[0] ?? "";
  expect(String(mail.html)).toContain(link);

  await visit(page, link);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Recibido");
  await expect(page.getByText("Usted abrió el caso")).toBeVisible();
  await expect(page.getByRole("region", { name: "Resolución" }).getByRole("timer")).toHaveText(/\d:\d\d/);
});

test("a case in English, after the switch", async ({ page, desk }) => {
  await visit(page, "/");
  await page.getByRole("link", { name: "English" }).click();
  await expect(page).toHaveURL(`${desk.url}/`);
  await expect(page.locator("html[lang=en][data-live]")).toBeAttached();
  const form = new CaseForm(page, "en");
  await form.field("mail").fill("ana.rivas");
  await form.field("mail").blur();
  await expect(form.field("mail")).toHaveAccessibleDescription(/The at sign \(@\) is missing/);
  await form.fill();
  await expect(page.getByText("Covered by your contract.")).toBeVisible();
  await expect(form.preview).toContainText(/A technician will contact you (tomorrow )?before \d/);
  await form.send.click();

  const { number, opened } = await confirmation(page, {
    title: "Case opened · Vigía",
    heading: /^Case number/,
    opened: /Opened on (.+) \(Caracas time\)\./,
    promise: "First contact",
    spoken: /On the telephone:.*Venezuela, two [a-z]+, /,
  });
  const mail = await desk.mailbox.first(form.mail);
  expect(mail.subject).toMatch(new RegExp(`^Case ${number.written} opened · `));
  expect((mail.text ?? "").replace(/\s+/g, " ")).toContain(`Opened on ${opened} (Caracas time`);
});

/** The confirmation: number, its spoken form, time of opening, and a clock that counts down. */
async function confirmation(
  page: Page,
  words: { title: string; heading: RegExp; opened: RegExp; promise: string; spoken: RegExp },
): Promise<{ number: CaseNumber; opened: string }> {
  await expect(page).toHaveTitle(words.title);
  const heading = page.getByRole("heading", { level: 1, name: words.heading });
  const number = new CaseNumber(await heading.innerText());
  const main = page.getByRole("main");
  await expect(main).toContainText(words.spoken);
  await expect(main).toContainText(words.opened);
  const opened = words.opened.exec(await main.innerText())?.[1] ?? "";
  expect(opened).toMatch(/\d\d?:\d\d/);
  const timer = page.getByRole("region", { name: words.promise }).getByRole("timer");
  const shown = await timer.innerText();
  expect(shown).toMatch(/\d\d:\d\d/);
  await expect(timer, "it counts").not.toHaveText(shown, { useInnerText: true });
  await accessible(page);
  return { number, opened };
}

test("an unknown serial is accepted, and said to be validated", async ({ page, desk }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill(UNKNOWN_SERIAL);
  await expect(page.getByText("No pudimos confirmar la cobertura con estos datos.")).toBeVisible();
  await form.send.click();
  await expect(page.getByRole("status").filter({ hasText: "Cobertura por validar" })).toBeVisible();
  expect((await desk.mailbox.first(form.mail)).text).toContain("por validar");
});

test("a country other than the contract's is corrected by one tap, or confirmed", async ({ page }) => {
  const bogota = { contract: "CPS-CO-002107-95", serial: "MXQ3410ABC" };
  await visit(page, "/");
  const form = new CaseForm(page);
  const country = form.field("country");
  const meant = page.getByRole("checkbox", { name: /en otro país que el contrato/ });
  await country.selectOption("VE");
  await form.field("contract").fill(bogota.contract);
  await expect(country).toHaveAccessibleDescription(/de Colombia\..*Venezuela/);
  await expect(country).toHaveAttribute("aria-invalid", "true");
  await accessible(page);
  await page.getByRole("button", { name: "Usar Colombia" }).click();
  await expect(country).toHaveValue("CO");
  await expect(country).not.toHaveAttribute("aria-invalid", "true");
  await expect(meant).toHaveCount(0);

  await form.fill(bogota);
  await form.send.click();
  await expect(page.getByRole("alert").filter({ hasText: "Falta corregir 1 dato" })).toBeVisible();
  await expect(country).toBeFocused();
  await meant.check();
  await expect(country).not.toHaveAttribute("aria-invalid", "true");
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\/VE/);
});

test("a draft survives a reload, and can be discarded", async ({ page }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  const kept = () => page.evaluate(() => JSON.stringify({ ...localStorage }));
  await expect.poll(kept).toContain(form.mail);
  await visit(page, "/");
  const notice = page.getByRole("status").filter({ hasText: "Recuperamos lo que había escrito" });
  await expect(notice).toBeVisible();
  await expect(form.field("mail")).toHaveValue(form.mail);
  await expect(form.field("contract")).toHaveValue(CARACAS.contract);
  await expect(form.same).toBeChecked();
  await expect(form.choice("severity", "critical")).toBeChecked();
  await accessible(page);
  await page.getByRole("button", { name: "Empezar de nuevo" }).click();
  await expect(form.field("mail")).toHaveValue("");
  await expect(form.choice("severity", "critical")).not.toBeChecked();
  await visit(page, "/");
  await expect(notice).toHaveCount(0);
});

test("a form that is sent twice at once opens one case", async ({ page, desk }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  const before = await desk.metric("vigia_cases_open");
  await form.send.dblclick();
  await expect(page).toHaveTitle("Caso abierto · Vigía");
  await desk.mailbox.first(form.mail);
  expect(await desk.metric("vigia_cases_open")).toBe(before + 1);
});
