import { AGENT, SUPERVISOR } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

const SECRET = "La clave del cuarto la tiene Pedro.";

test("what somebody was writing is gone at their sign-out, in every tab, and nobody else's meanwhile", async ({ page, desk, watched }) => {
  // What the other tab was following when its person left.
  watched.allow(/status of 401/);
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

test("a session that ends by itself loses nothing, and shows nothing to whoever signs in next", async ({ page, desk, watched }) => {
  // The page that is open hears of it.
  watched.allow(/status of 401/);
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

test("the form says that it keeps what is written, and clears it", async ({ page }) => {
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

test("whoever goes back after sending finds an empty form, not half of the one that was sent", async ({ page, desk }) => {
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
