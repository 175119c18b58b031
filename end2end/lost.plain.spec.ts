import { CaseNumber, freshMail, fromSomewhere, open } from "./support/report";
import { expect, test } from "./support/test";

test("without a script a lost link is sent by mail alone", async ({ page, desk, watched }) => {
  watched.allow(/was preloaded using link preload but not used/);
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  await page.setExtraHTTPHeaders(fromSomewhere());
  await page.goto("/");
  await page.getByRole("link", { name: "Ya tengo un caso y perdí el enlace" }).press("Enter");
  await page.getByRole("textbox", { name: "Correo del contacto" }).fill(mail);
  await page.getByRole("textbox", { name: "Número de caso (opcional)" }).fill(new CaseNumber(tracking).written);
  await page.getByRole("button", { name: "Enviar los enlaces" }).press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Revise su correo");
  expect(await desk.mailbox.text(mail, "Los enlaces de sus")).toContain(`/track/${tracking}`);
});
