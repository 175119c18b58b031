import { AGENT, PASSWORD, SUPERVISOR } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, fromSomewhere, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, hydrated, test, visit } from "./support/test";

const SECRET = "La clave del cuarto la tiene Pedro.";

test("a sign-out removes its person's drafts from every tab, and no others", async ({ page, desk, watched }) => {
  // The event stream of the other tab ends with the session.
  watched.allow(/status of 40[13]/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const sheet = await file.begin("Nota", "Nota");
  await sheet.getByLabel("Texto").fill(SECRET);
  const kept = () => page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  await expect.poll(kept).toContain(SECRET);

  await page.reload();
  await file.begin("Nota", "Nota");
  await expect(sheet.getByLabel("Texto"), "a reload loses nothing").toHaveValue(SECRET);

  const intake = await page.context().newPage();
  await visit(intake, "/desk/intake");
  const form = new CaseForm(intake);
  await form.field("reporter").fill("Ana Teresa Rivas");
  await form.field("fault").fill(SECRET);
  await expect.poll(() => intake.evaluate(() => JSON.stringify({ ...localStorage }))).toContain(SECRET);

  const away = await page.context().newPage();
  await visit(away, "/desk");
  await away.getByRole("button", { name: "Salir" }).click();
  await expect(away).toHaveURL(`${desk.url}/desk/sign-in`);
  for (const tab of [page, intake]) {
    await expect(tab.getByRole("heading", { level: 1, name: "Entrar" })).toBeVisible();
    expect(await tab.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]))).not.toContain(SECRET);
  }

  await signIn(page, SUPERVISOR);
  const theirs = await CaseFile.open(page, number);
  await theirs.begin("Nota", "Nota");
  await expect(sheet.getByLabel("Texto")).toHaveValue("");
  await visit(page, "/desk/intake");
  await expect(new CaseForm(page).field("fault")).toHaveValue("");
  await intake.close();
  await away.close();
});

test("an expired session loses no draft, and shows none to the next person", async ({ page, desk, watched }) => {
  // The open page hears of it.
  watched.allow(/status of 40[13]/);
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const sheet = await file.begin("Nota", "Nota");
  await sheet.getByLabel("Texto").fill(SECRET);
  await expect.poll(() => page.evaluate(() => JSON.stringify({ ...sessionStorage }))).toContain(SECRET);

  await page.context().clearCookies();
  await signIn(page, SUPERVISOR);
  await (await CaseFile.open(page, number)).begin("Nota", "Nota");
  await expect(sheet.getByLabel("Texto")).toHaveValue("");

  await page.context().clearCookies();
  await signIn(page, AGENT);
  await (await CaseFile.open(page, number)).begin("Nota", "Nota");
  await expect(sheet.getByLabel("Texto")).toHaveValue(SECRET);
});

test("a long note that is sent after the session expired is there after signing in again", async ({ page, desk, watched }) => {
  watched.allow(/status of 40[13]/);
  const note = Array.from({ length: 60 }, (_, at) => `${at + 1}. Se revisó el conmutador y se midió la fuente.`).join("\n");
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const sheet = await file.begin("Nota", "Nota");
  await sheet.getByLabel("Texto").fill(note);
  await page.context().clearCookies();
  const refused = page.waitForResponse((response) => response.request().method() === "POST" && response.status() === 401);
  await sheet.getByRole("button", { name: "Guardar nota" }).click();
  await refused;

  await page.goto(`/desk/cases/${number.compact}`);
  await expect(page).toHaveURL(/\/desk\/sign-in\?next=/);
  await page.getByLabel("Correo", { exact: true }).fill(AGENT.mail);
  await page.getByLabel("Contraseña", { exact: true }).fill(PASSWORD);
  await page.getByLabel("Contraseña", { exact: true }).press("Enter");
  const again = await CaseFile.on(page, number);
  await hydrated(page);
  await again.begin("Nota", "Nota");
  await expect(sheet.getByLabel("Texto")).toHaveValue(note);
});

test("the form says that its draft is stored, and removes it", async ({ page }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.field("reporter").fill("Ana Teresa Rivas");
  await expect.poll(() => page.evaluate(() => JSON.stringify({ ...localStorage }))).toContain("Ana Teresa Rivas");
  await expect(page.getByText("queda guardado en este equipo")).toBeVisible();
  await accessible(page);
  await page.getByRole("button", { name: "Borrar lo escrito" }).click();
  await expect(form.field("reporter")).toHaveValue("");
  await expect.poll(() => page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain("Ana Teresa Rivas");
});

test("going back after sending shows an empty form, not half of the sent one", async ({ page, desk }) => {
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
  const alive = page.waitForResponse((response) => new URL(response.url()).pathname === "/time");
  await page.goBack();
  await expect(page).toHaveURL(`${desk.url}/`);
  await alive;
  for (const field of ["reporter", "contract", "phone", "mail", "serial", "location", "fault"] as const) {
    await expect(form.field(field), field).toHaveValue("");
  }
  await expect(form.same).not.toBeChecked();
  await expect(form.choice("severity", "critical")).not.toBeChecked();
});

test("a draft of an amendment survives a closed dialog, a reload, and another amendment", async ({ page, desk }) => {
  const tracking = await open(desk.url);
  const number = new CaseNumber(tracking);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const sheet = file.sheet("Corregir contacto, ubicación o falla");
  const begin = () => page.getByRole("button", { name: /^Corregir contacto, ubicación o falla/ }).first().click();
  const [phone, place] = [sheet.getByLabel("Teléfono", { exact: true }), sheet.getByLabel("Ubicación física")];
  const why = sheet.getByLabel("Por qué se corrige");
  await begin();
  await phone.fill("0212-5550199 ext. 12");
  await place.fill("Torre Sur, sótano 2");
  await why.fill("Lo dijo al llamar");
  await sheet.getByRole("button", { name: "Volver", exact: true }).click();
  await expect(sheet).toBeHidden();
  await begin();
  for (const when of ["closed and opened", "read again"]) {
    if (when === "read again") {
      await visit(page, `/desk/cases/${number.compact}`);
      await begin();
    }
    await expect(phone, when).toHaveValue("0212-5550199 ext. 12");
    await expect(place, when).toHaveValue("Torre Sur, sótano 2");
    await expect(why, when).toHaveValue("Lo dijo al llamar");
  }

  // A correction by the customer, while the page is closed, shows beside the draft.
  const mail = await sheet.getByLabel("Correo electrónico").inputValue();
  await visit(page, "/desk");
  const body = new URLSearchParams({
    seen: "1",
    name: "Ana Teresa Rivas",
    phone: "0212 555 0142",
    mail,
    fault: "Ya no enciende en absoluto.",
    reason: "Empeoró",
  });
  const amended = await fetch(`${desk.url}/track/${tracking}/amend`, { method: "POST", body, headers: fromSomewhere(), redirect: "manual" });
  expect(amended.status).toBe(303);
  await visit(page, `/desk/cases/${number.compact}`);
  await begin();
  await expect(sheet.getByText("Otra persona cambió estos datos mientras usted escribía.")).toBeVisible();
  await expect(sheet.getByRole("blockquote")).toContainText("Ya no enciende en absoluto.");
  await expect(phone).toHaveValue("0212-5550199 ext. 12");
  await expect(why).toHaveValue("Lo dijo al llamar");
  await accessible(page);
  await sheet.getByRole("button", { name: "Guardar la corrección" }).click();
  await file.told(/Datos corregidos/);
  await visit(page, `/desk/cases/${number.compact}`);
  await begin();
  await expect(why, "the draft is removed").toHaveValue("");
});
