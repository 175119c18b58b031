import { readFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { AGENT } from "./support/desk";
import { isDrawn, png } from "./support/picture";
import { CaseForm } from "./support/form";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };
const PHOTO = { name: "panel.png", mimeType: "image/png", buffer: png(64) };
const MINUTES = { name: "Acta.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") };
const DISGUISED = { name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.from("<svg onload='alert(1)'/>") };

test("a customer sends a photograph from a telephone, and the agent sees it and answers with one", async ({ page, another, desk, request }) => {
  const tracking = await open(desk.url, { contact_mail: freshMail() });
  const number = new CaseNumber(tracking);
  const phone = await another(PHONE);
  phone.allow(/422/);
  const customer = phone.page;
  await visit(customer, `/track/${tracking}`);
  const form = customer.getByRole("region", { name: "Escríbanos" });
  const [text, files] = [form.getByLabel("Su mensaje"), form.getByLabel("Fotos y archivos (opcional)")];
  await expect(files, "a telephone offers its camera").toHaveAttribute("accept", /image\/jpeg/);
  await text.fill("Así está el panel.");
  await files.setInputFiles([PHOTO, DISGUISED]);
  await form.getByRole("button", { name: "Enviar mensaje" }).tap();
  await expect(form.getByRole("alert")).toContainText("foto.jpg: Solo se aceptan fotos JPEG, PNG o WebP");
  await expect(text, "what was written stays").toHaveValue("Así está el panel.");
  await accessible(customer);
  await files.setInputFiles([PHOTO, MINUTES]);
  await expect(form.getByRole("alert")).toHaveCount(0);
  await form.getByRole("button", { name: "Enviar mensaje" }).tap();
  await expect(form.getByText("Mensaje enviado.")).toBeVisible();
  await expect(text).toHaveValue("");
  await expect(files).toHaveValue("");
  const theirs = customer.getByRole("region", { name: "Qué ha pasado" });
  const photo = theirs.getByRole("listitem").filter({ hasText: "panel.png" }).last();
  await isDrawn(photo.locator("img"));
  await expect(photo).toContainText("PNG · 1 KB");
  await accessible(customer);

  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const history = page.getByRole("region", { name: "Historia" });
  const seen = history.getByRole("listitem").filter({ hasText: "panel.png" }).last();
  await isDrawn(seen.locator("img"));
  await accessible(page);
  const download = page.waitForEvent("download");
  await history.getByRole("link", { name: "Acta.pdf" }).click();
  const minutes = await (await download).path();
  expect(await readFile(minutes)).toEqual(MINUTES.buffer);

  await page.getByRole("button", { name: "Nota", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Nota" });
  await dialog.getByLabel("Texto").fill("Pieza por cambiar.");
  await dialog.getByLabel("Fotos y archivos (opcional)").setInputFiles({ ...PHOTO, name: "interna.png" });
  await accessible(page);
  await dialog.getByRole("button", { name: "Guardar nota" }).click();
  await expect(dialog).toBeHidden();
  await expect(history.getByRole("link", { name: "interna.png" })).toBeVisible();
  await expect(theirs.getByRole("link", { name: "panel.png" })).toBeVisible();
  await expect(customer.getByText("interna.png"), "a note of the staff").toHaveCount(0);

  const address = await theirs.getByRole("link", { name: "panel.png" }).getAttribute("href");
  const given = await request.get(`${desk.url}${address}`);
  expect(given.headers()["content-disposition"]).toMatch(/^attachment; filename="panel.png"/);
  expect(given.headers()["content-security-policy"]).toContain("sandbox");
});

test("a case is opened with a photograph, which the draft keeps over a reload", async ({ page, another }) => {
  const phone = await another(PHONE);
  const customer = phone.page;
  await visit(customer, "/");
  const form = new CaseForm(customer);
  await form.fill();
  const files = customer.getByLabel("Fotos y archivos (opcional)");
  await expect(files, "a telephone offers its camera").toHaveAttribute("accept", /image\/jpeg/);
  await files.setInputFiles([PHOTO, MINUTES]);
  const chosen = customer.getByRole("list", { name: "Archivos elegidos" });
  await expect(chosen.getByRole("listitem")).toHaveText([/panel\.png/, /Acta\.pdf/]);
  await accessible(customer);
  await chosen.getByRole("button", { name: "Quitar Acta.pdf" }).tap();
  await expect(chosen.getByRole("listitem")).toHaveText([/panel\.png/]);
  const kept = () => customer.evaluate(() => localStorage.getItem("vigia.draft") ?? "");
  await expect.poll(kept).not.toContain("Acta.pdf");
  await customer.reload();
  await expect(chosen.getByRole("listitem"), "a reload loses no photograph").toHaveText([/panel\.png/]);
  await form.send.tap();
  await customer.waitForURL(/\/opened\//);
  await expect.poll(() => customer.evaluate(() => caches.keys()), "nothing is kept of a case that is open").toEqual([]);
  const tracking = new URL(customer.url()).pathname.split("/").at(-1) ?? "";
  await visit(customer, `/track/${tracking}`);
  const theirs = customer.getByRole("region", { name: "Qué ha pasado" });
  await isDrawn(theirs.getByRole("listitem").filter({ hasText: "panel.png" }).last().locator("img"));

  await signIn(page, AGENT);
  await CaseFile.open(page, new CaseNumber(tracking));
  const history = page.getByRole("region", { name: "Historia" });
  await isDrawn(history.getByRole("listitem").filter({ hasText: "panel.png" }).last().locator("img"));
  await expect(history.getByText("Acta.pdf")).toHaveCount(0);
});

test("a photograph of a mail stands beside its words, and what is no picture is named", async ({ page, desk }) => {
  const own = freshMail();
  const number = new CaseNumber(await open(desk.url, { contact_mail: own }));
  const opening = await desk.mailbox.first(own);
  const part = (name: string, content: Buffer) =>
    [
      "--b",
      `Content-Type: application/octet-stream; name="${name}"`,
      `Content-Disposition: attachment; filename="${name}"`,
      "Content-Transfer-Encoding: base64",
      "",
      content.toString("base64"),
    ].join("\r\n");
  await desk.deliver(
    [
      `From: Ana Teresa Rivas <${own}>`,
      "To: casos@vigia.example",
      `Message-ID: <${randomBytes(8).toString("hex")}@cumbre.example>`,
      `In-Reply-To: ${opening.messageId}`,
      "Subject: Re: su caso",
      "Content-Type: multipart/mixed; boundary=b",
      "",
      "--b",
      "Content-Type: text/plain; charset=utf-8",
      "",
      "Les mando la foto.",
      part("panel.png", PHOTO.buffer),
      part("programa.exe", Buffer.from("MZ")),
      "--b--",
      "",
    ].join("\r\n"),
  );
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  const history = page.getByRole("region", { name: "Historia" });
  const entry = history.getByRole("listitem").filter({ hasText: "Les mando la foto." }).first();
  await expect(entry).toContainText("Sin guardar: 1 (programa.exe: tipo no admitido)");
  await isDrawn(entry.locator("img"));
});
