import { AGENT } from "./support/desk";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { expect, test, visit } from "./support/test";

test("a renewed link takes the open page of the one before away, and arrives by mail", async ({
  page,
  desk,
  browser,
  watched,
}) => {
  watched.allow(/status of 404/);
  const mail = freshMail();
  const old = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(old);
  // The page of who holds the link besides the contact.
  await visit(page, `/track/${old}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
  await page.getByText("¿Alguien más tiene este enlace?").click();
  await watched.isFine();

  const desktop = await browser.newContext({ baseURL: desk.url });
  const staff = await desktop.newPage();
  await signIn(staff, AGENT);
  await CaseFile.open(staff, number);
  await staff.getByRole("button", { name: "Renovar el enlace del cliente" }).click();
  const sheet = staff.getByRole("dialog", { name: "Renovar el enlace del cliente" });
  await sheet.getByLabel("Motivo (el cliente no lo ve)").fill("Lo reenvió a un tercero");
  await sheet.getByRole("button", { name: "Renovar", exact: true }).click();
  await expect(sheet).toBeHidden();
  await desktop.close();

  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Esta página o este enlace no existe");
  const text = await desk.mailbox.text(mail, "Nuevo enlace");
  const next = /\/track\/(\S+?-1-[0-9a-f]{32})/.exec(text)?.[1];
  await visit(page, `/track/${next}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number.grouped);
});
