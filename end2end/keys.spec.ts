import { AGENT, SUPERVISOR } from "./support/desk";
import { CaseForm } from "./support/form";
import { CARACAS, CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

test("a scanner's Enter goes on to the next field, and the button or Ctrl+Enter sends", async ({ page, desk }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  const before = await desk.metric("vigia_cases_open");
  const serial = form.field("serial");
  await serial.fill("");
  await serial.pressSequentially(CARACAS.serial);
  await serial.press("Enter");
  await expect(form.field("country")).toBeFocused();
  await expect(form.field("serial")).toHaveValue(CARACAS.serial);
  await form.field("reporter").press("Enter");
  await expect(form.field("contract")).toBeFocused();
  await form.choice("severity", "critical").press("Enter");
  await expect(page.getByRole("group", { name: /^Urgencia/ }).locator(":focus")).toHaveCount(1);
  await form.choice("urgency", "critical").press("Enter");
  await expect(form.send).toBeFocused();
  await expect(page).toHaveURL(`${desk.url}/`);
  expect(await desk.metric("vigia_cases_open")).toBe(before);

  await form.field("fault").press("Control+Enter");
  await expect(page).toHaveTitle("Caso abierto · Vigía");
  expect(await desk.metric("vigia_cases_open")).toBe(before + 1);
});

test("a contract number gets its hyphens, and nothing comes between two fields", async ({ page }) => {
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(page, "/desk/intake");
  const form = new CaseForm(page);
  // Typed without looking, on the telephone.
  await form.field("reporter").focus();
  await page.keyboard.type("Ana Teresa Rivas");
  await page.keyboard.press("Tab");
  await page.keyboard.type(CARACAS.contract.replaceAll("-", "").toLowerCase());
  await expect(page.getByText("Contrato vigente.")).toBeVisible();
  // Past the box for customers without a number.
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0212 555 0142");
  await expect(form.field("contract")).toHaveValue(CARACAS.contract);
  await expect(form.same).toBeChecked();
  await expect(form.field("phone")).toHaveValue("0212 555 0142");

  // A serial with look-alike letters gets a suggestion, after the next field.
  await form.field("serial").fill("F0C2614A1B2");
  const offer = page.getByRole("button", { name: /^Usar FOC/ });
  await expect(offer).toBeVisible();
  await form.field("serial").press("Tab");
  await expect(form.field("country")).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await expect(offer).toBeFocused();
  await accessible(page);
});

test("every dialog opens with the cursor in its first field, and takes text at once", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, SUPERVISOR);
  const file = await CaseFile.open(page, number);
  const openers = page.getByRole("main").locator(
    ".acts button, section button.textlink, [aria-labelledby=h-visit] button, .row > button.button:not(dialog *)",
  );
  await expect(file.act("Nota")).toBeVisible();
  let sheets = 0;
  for (const opener of await openers.all()) {
    const name = await opener.innerText();
    if (/Tomar|Deshacer/.test(name)) continue;
    await opener.click();
    const sheet = page.locator("dialog[open]");
    await expect(sheet, name).toHaveCount(1);
    const first = sheet.locator("input, select, textarea").first();
    const group = await first.getAttribute("name");
    const focused = sheet.locator(":focus");
    await expect(focused, name).toHaveCount(1);
    if ((await first.getAttribute("type")) === "radio") await expect(focused).toHaveAttribute("name", group ?? "");
    else await expect(first, name).toBeFocused();
    await page.keyboard.type("se llamó a la planta");
    await expect(sheet, `${name}: a space closes nothing`).toHaveCount(1);
    // A list or a calendar that the space opened is closed first.
    for (let times = 0; times < 3 && (await sheet.count()) > 0; times += 1) await page.keyboard.press("Escape");
    await expect(sheet).toHaveCount(0);
    await expect(opener, "the focus is back where it came from").toBeFocused();
    sheets += 1;
  }
  expect(sheets).toBeGreaterThan(8);
});

test("a dialog is closed by its own buttons alone, and after saving the focus moves on", async ({ page, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  await file.act("Nota").press("Enter");
  const note = file.sheet("Nota");
  await expect(note.getByLabel("Texto")).toBeFocused();
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.closest("dialog[open]") !== null
      || document.activeElement === document.body), "nothing of the page behind is reached").toBe(true);
  }
  await note.getByLabel("Texto").fill("Se envía una fuente.");
  await note.getByRole("button", { name: "Guardar nota" }).press("Enter");
  await file.told(/Nota guardada/);
  await expect(file.act("Nota")).toBeFocused();

  await file.act("Nota").press("Enter");
  await note.getByLabel("Texto").fill("Llega a las cuatro.");
  await note.getByLabel("Texto").press("Control+Enter");
  await expect(file.history.first()).toContainText("Llega a las cuatro.");
  await expect(file.act("Nota")).toBeFocused();

  // The button that opened the dialog has disappeared with the command.
  await file.act("Resolver").press("Enter");
  const resolve = file.sheet("Resolver el caso");
  await resolve.getByRole("radio", { name: "Equipo o repuesto" }).check();
  await resolve.getByLabel("Causa", { exact: true }).fill("Fuente de poder dañada.");
  await resolve.getByLabel("Qué se hizo").fill("Se cambió la fuente.");
  await resolve.getByRole("button", { name: "Marcar como resuelto" }).press("Enter");
  await file.told(/Caso resuelto/);
  await expect(file.act("Resolver")).toHaveCount(0);
  await expect(page.getByRole("group", { name: "Acciones" }).locator(":focus")).toHaveCount(1);
});

test("the SLA preview shows no time until the server has answered for the present values", async ({ page, watched }) => {
  watched.allow(/net::ERR_FAILED/);
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  const promised = /antes de las|a más tardar/;
  await expect(form.preview).toContainText(promised);
  let release = (): void => {};
  const waits = new Promise<void>((go) => (release = go));
  await page.route("**/api/offer", async (route) => {
    await waits;
    await route.abort();
  });
  await form.field("serial").fill("MXQ3410ABC");
  await expect(form.preview).toContainText("Calculando la hora");
  await expect(form.preview).not.toContainText(promised);
  release();
  await expect(form.preview).toContainText("Ahora no podemos decirle a qué hora");
  await expect(form.preview).not.toContainText(promised);
  await accessible(page);
  await page.unroute("**/api/offer");
  await page.getByRole("button", { name: "Reintentar" }).click();
  await expect(form.preview).toContainText(promised);
});
