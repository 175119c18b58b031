import { AGENT, SUPERVISOR } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

test("colleagues on a case, and who of them writes, show until their pages are closed", async ({ page, another, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const company = page.getByRole("status", { name: "Quién más tiene abierto el caso" });
  await expect(company, "no colleague, and not the reader").toBeEmpty();

  const other = (await another({})).page;
  await signIn(other, SUPERVISOR);
  const theirs = await CaseFile.open(other, number);
  await expect(company).toHaveText(`${SUPERVISOR.name} también lo tiene abierto`);
  const mine = other.getByRole("status", { name: "Quién más tiene abierto el caso" });
  await expect(mine).toHaveText(`${AGENT.name} también lo tiene abierto`);

  const note = await theirs.begin("Nota", "Nota");
  await note.getByLabel("Texto", { exact: true }).pressSequentially("Llamó");
  await expect(company).toHaveText(`${SUPERVISOR.name} está escribiendo`);
  await accessible(page);
  await expect(company, "and after a while only reads").toHaveText(`${SUPERVISOR.name} también lo tiene abierto`, {
    timeout: 40_000,
  });

  await other.goto("/desk");
  await expect(company, "gone with the page").toBeEmpty();
});

test("of two writers the later one sees what changed, and loses nothing", async ({ page, another, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  const watched = await another({});
  watched.allow(/status of 409/);
  const other = watched.page;
  await signIn(other, SUPERVISOR);
  const theirs = await CaseFile.open(other, number);

  const later = await theirs.begin("Prioridad", "Cambiar la prioridad");
  await later.getByRole("radio", { name: /P3/ }).check();
  const reason = later.getByLabel("Motivo");
  await reason.fill("Lo pide la gerencia del cliente.");
  await file.resolve("Se cambió la fuente de poder.");

  await later.getByRole("button", { name: "Cambiar", exact: true }).click();
  await expect(later.getByRole("alert")).toContainText("Se cambió la fuente de poder.");
  await expect(reason).toHaveValue("Lo pide la gerencia del cliente.");
  await accessible(other);
  await expect(theirs.history.first(), "nothing was overwritten").toContainText("Se cambió la fuente de poder.");
});

test("facts that two people add at once stand side by side", async ({ page, another, desk }) => {
  const number = new CaseNumber(await open(desk.url));
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  const other = (await another({})).page;
  await signIn(other, SUPERVISOR);
  const theirs = await CaseFile.open(other, number);
  const both = [
    [file, "Llamó la recepcionista."],
    [theirs, "El repuesto está en almacén."],
  ] as const;
  const sheets = [];
  for (const [of, text] of both) {
    const sheet = await of.begin("Nota", "Nota");
    await sheet.getByLabel("Texto", { exact: true }).fill(text);
    sheets.push(sheet);
  }
  await Promise.all(sheets.map((sheet) => sheet.getByRole("button", { name: "Guardar nota" }).click()));
  for (const [, text] of both) {
    for (const of of [file, theirs]) await expect(of.history.filter({ hasText: text })).toHaveCount(1);
  }
});
