import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { Browser, Locator, Page } from "@playwright/test";
import { AGENT, TECHNICIAN } from "./support/desk";
import { isDrawn, png } from "./support/picture";
import { CaseNumber, freshMail, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";
import { until } from "./support/until";
import { agendaEntry, VisitOf } from "./support/visit";

const TABLET = { viewport: { width: 820, height: 1180 }, hasTouch: true };

const PHOTO = { name: "tablero.png", mimeType: "image/png", buffer: png(64) };
const MINUTES = { name: "Acta de visita.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4\n%%EOF\n") };
const DISGUISED = { name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.from("<svg onload='alert(1)'/>") };

/** The local time of the site in `hours` hours, as a date field takes it. */
function inHours(hours: number): string {
  const zone = { timeZone: "America/Caracas", dateStyle: "short", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat("sv-SE", zone).format(Date.now() + hours * 3_600_000).replace(" ", "T");
}

/** Agrees a visit by telephone, in one dialog. */
async function agree(page: Page): Promise<void> {
  const card = page.getByRole("region", { name: "Visita", exact: true });
  await new VisitOf(page).agree(inHours(1));
  await expect(card).toContainText("Ana Teresa Rivas · Teléfono");
}

/** A case's entry in the agenda: its window is in an hour, today or tomorrow at the site. */
async function entryOf(tablet: Page, number: CaseNumber): Promise<Locator> {
  const entry = agendaEntry(tablet, number);
  for (const day of [0, 1]) {
    await visit(tablet, `/desk/agenda?in=${day}`);
    await expect(tablet.getByRole("heading", { level: 1 })).toContainText(day ? "mañana" : "hoy");
    if (await entry.count()) break;
  }
  return entry;
}

async function onSite(tablet: Page, number: CaseNumber): Promise<Locator> {
  await signIn(tablet, TECHNICIAN);
  await expect(tablet.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  const entry = await entryOf(tablet, number);
  await entry.getByRole("button", { name: "Llegué" }).tap();
  await expect(entry.getByLabel("Agregar foto o archivo")).toBeVisible();
  return entry;
}

test("files of a visit are uploaded on the tablet and shown to staff and customer", async ({ page, another, desk, request }) => {
  const tracking = await open(desk.url, { contact_mail: freshMail() });
  const number = new CaseNumber(tracking);
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  await agree(page);

  const tablet = await another(TABLET);
  tablet.allow(/422/);
  const entry = await onSite(tablet.page, number);
  await entry.getByRole("button", { name: "Comenzar el trabajo" }).tap();
  await entry.getByLabel("Informe del trabajo").fill("Se cambió el tablero.");
  await entry.getByLabel("Tomar foto").setInputFiles(PHOTO);
  const photo = entry.getByRole("listitem").filter({ hasText: "tablero.png" });
  await expect(photo).toContainText("KB");
  await isDrawn(photo.locator("img"));
  await entry.getByLabel("Agregar foto o archivo").setInputFiles([MINUTES, DISGUISED]);
  await expect(entry.getByRole("alert")).toContainText("foto.jpg: Solo se aceptan fotos JPEG, PNG o WebP");
  await expect(entry.getByRole("link", { name: "Acta de visita.pdf" })).toBeVisible();
  await accessible(tablet.page);
  await entry.getByLabel("Agregar foto o archivo").setInputFiles(PHOTO);
  await expect(entry.getByRole("alert")).toContainText("ya está en la visita");
  await expect(entry.getByLabel("Informe del trabajo"), "what is typed stays").toHaveValue("Se cambió el tablero.");
  await entry.getByRole("button", { name: "Quitar Acta de visita.pdf" }).tap();
  await expect(entry.getByRole("link", { name: "Acta de visita.pdf" })).toHaveCount(0);
  await entry.getByLabel("Agregar foto o archivo").setInputFiles(MINUTES);
  await expect(entry.getByRole("link", { name: "Acta de visita.pdf" })).toBeVisible();
  await entry.getByLabel("Si nadie firma, diga por qué").fill("El contacto salió antes.");
  await entry.getByRole("button", { name: "Terminar la visita" }).tap();
  await expect(entry).toContainText("Sin firma");
  await expect(entry.getByLabel("Agregar foto o archivo")).toHaveCount(0);

  const card = page.getByRole("region", { name: "Visita", exact: true });
  await expect(card.getByRole("listitem").filter({ hasText: "tablero.png" })).toBeVisible();
  await accessible(page);

  const customer = (await another({ viewport: { width: 390, height: 844 } })).page;
  await visit(customer, `/track/${tracking}`);
  const theirs = customer.getByRole("region", { name: "Visita", exact: true });
  await isDrawn(theirs.locator("img"));
  await accessible(customer);
  const address = await theirs.getByRole("link", { name: "tablero.png" }).getAttribute("href");
  const given = await request.get(`${desk.url}${address}`);
  expect(given.headers()["content-type"]).toBe("image/png");
  expect(given.headers()["content-disposition"]).toMatch(/^inline; filename="tablero.png"/);
  expect(given.headers()["x-content-type-options"]).toBe("nosniff");
  expect(given.headers()["content-security-policy"]).toContain("sandbox");
  const kept = await given.body();
  expect(kept.subarray(0, 24), "drawn again, at its size").toEqual(PHOTO.buffer.subarray(0, 24));
  const minutes = await theirs.getByRole("link", { name: "Acta de visita.pdf" }).getAttribute("href");
  const document = await request.get(`${desk.url}${minutes}`);
  expect(document.headers()["content-disposition"]).toMatch(/^attachment; filename="Acta de visita.pdf"/);
  const id = address?.split("/").pop();
  const staffs = `/desk/cases/${number.compact}/files/${id}`;
  const asABrowser = { headers: { accept: "text/html" }, maxRedirects: 0 };
  const strangers = await request.get(`${desk.url}${staffs}`, asABrowser);
  expect(strangers.status(), "the staff's address is the staff's").toBe(303);
  expect(strangers.headers()["location"]).toBe(`/desk/sign-in?next=${staffs}`);
});

/** A camera's metadata: the orientation (6: turn right), and the place. */
function exif(place: string): Buffer {
  const text = Buffer.from(`${place}\0`, "ascii");
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4);
  tiff.write("II*\0", 0, "latin1");
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(2, 8);
  const entry = (at: number, tag: number, kind: number, count: number, value: number) => {
    tiff.writeUInt16LE(tag, at);
    tiff.writeUInt16LE(kind, at + 2);
    tiff.writeUInt32LE(count, at + 4);
    tiff.writeUInt32LE(value, at + 8);
  };
  entry(10, 0x010e, 2, text.length, tiff.length);
  entry(22, 0x0112, 3, 1, 6);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, text]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A telephone's photograph: twelve megapixels, on its side, with its place. */
async function fromTelephone(page: Page, place: string): Promise<Buffer> {
  const drawn = await page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [4032, 3024];
    canvas.getContext("2d")?.fillRect(0, 0, 4032, 1000);
    return canvas.toDataURL("image/jpeg", 0.9).split(",")[1] ?? "";
  });
  const jpeg = Buffer.from(drawn, "base64");
  return Buffer.concat([jpeg.subarray(0, 2), exif(place), jpeg.subarray(2)]);
}

test("a telephone's photograph is sent upright, smaller, and without its place", async ({ page, another, desk }) => {
  const number = new CaseNumber(await open(desk.url, { contact_mail: freshMail() }));
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  await agree(page);
  const tablet = await another(TABLET);
  const entry = await onSite(tablet.page, number);
  const taken = await fromTelephone(page, "POSITION 10.4806 -66.9036");
  await entry.getByLabel("Tomar foto").setInputFiles({ name: "IMG_0142.jpg", mimeType: "image/jpeg", buffer: taken });
  const line = entry.getByRole("listitem").filter({ hasText: "IMG_0142.jpg" });
  await isDrawn(line.locator("img"));
  const address = await line.getByRole("link", { name: "IMG_0142.jpg" }).getAttribute("href");
  const kept = await (await tablet.page.request.get(`${desk.url}${address}`)).body();
  expect(kept.subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  expect(kept.includes("POSITION"), "the position is gone").toBe(false);
  const size = await tablet.page.evaluate(async (source) => {
    const picture = await createImageBitmap(await (await fetch(source)).blob(), { imageOrientation: "none" });
    return [picture.width, picture.height];
  }, address ?? "");
  expect(size, "turned upright and scaled").toEqual([1920, 2560]);

  tablet.allow(/422/);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 0x1c]), Buffer.from("ftypheic")]);
  await entry.getByLabel("Agregar foto o archivo").setInputFiles({ name: "IMG_0143.HEIC", mimeType: "image/heic", buffer: heic });
  await expect(entry.getByRole("alert"), "what cannot be read here is refused, with what to do").toContainText("El más compatible");
});

test("without a script files are uploaded by a plain form", async ({ page, browser, another, desk }) => {
  const number = new CaseNumber(await open(desk.url, { contact_mail: freshMail() }));
  await signIn(page, AGENT);
  await CaseFile.open(page, number);
  await agree(page);
  const tablet = (await another(TABLET)).page;
  await onSite(tablet, number);

  const plain = await plainTablet(browser, desk.url, tablet);
  const entry = agendaEntry(plain, number);
  await entry.getByLabel("Agregar foto o archivo").setInputFiles([PHOTO]);
  await entry.getByRole("button", { name: "Agregar a la visita" }).press("Enter");
  await expect(entry.getByRole("link", { name: "tablero.png" })).toBeVisible();
  const live = agendaEntry(tablet, number);
  await expect(live.getByRole("link", { name: "tablero.png" }), "and everywhere else").toBeVisible();
  await entry.getByLabel("Agregar foto o archivo").setInputFiles([DISGUISED]);
  await entry.getByRole("button", { name: "Agregar a la visita" }).press("Enter");
  await expect(entry.getByRole("alert")).toContainText("Solo se aceptan");
  await entry.getByRole("button", { name: "Quitar tablero.png" }).press("Enter");
  await expect(entry.getByRole("link", { name: "tablero.png" })).toHaveCount(0);
  await plain.context().close();
});

/** The same page of the same person, in a browser without scripts. */
async function plainTablet(browser: Browser, url: string, like: Page): Promise<Page> {
  const storageState = await like.context().storageState();
  const context = await browser.newContext({ ...TABLET, storageState, javaScriptEnabled: false, baseURL: url });
  const page = await context.newPage();
  await page.goto(like.url());
  return page;
}

test("the closing report is a PDF", async ({ page, another, desk }) => {
  const mail = freshMail();
  const tracking = await open(desk.url, { contact_mail: mail });
  const number = new CaseNumber(tracking);
  await signIn(page, AGENT);
  const file = await CaseFile.open(page, number);
  await file.logContact();
  await file.resolve("Se cambió la fuente de poder.");
  const customer = (await another({})).page;
  await visit(customer, `/track/${tracking}`);
  await customer.getByRole("button", { name: "Sí, funciona" }).click();
  const theirs = customer.getByRole("region", { name: "Su caso, de principio a fin" });
  await expect(theirs).toContainText("No hubo pausas.");
  await accessible(customer);
  await customer.setViewportSize({ width: 390, height: 844 });
  const wider = await customer.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  expect(wider, "on a telephone the times stand below each other").toBe(false);
  await accessible(customer);
  await customer.setViewportSize({ width: 1440, height: 900 });
  const ours = page.getByRole("region", { name: "El caso, de principio a fin" });
  await expect(ours, "not the customer's heading").toBeVisible();

  const name = `${number.compact}.pdf`;
  for (const account of [theirs, ours]) {
    const link = account.getByRole("link", { name: "Descargar en PDF" });
    const [download] = await Promise.all([link.page().waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe(name);
    const bytes = await readFile(await download.path());
    expect(bytes.subarray(0, 5).toString()).toBe("%PDF-");
    const { stdout } = await promisify(execFile)("pdftotext", [await download.path(), "-"]);
    expect(stdout, "readable text").toContain("Cumplido");
  }
  const closing = await until("the closing mail", () =>
    desk.mailbox.to(mail).find((one) => one.attachments.some((attachment) => attachment.filename === name)),
  );
  expect(closing.subject).toContain("cerrado");
});
