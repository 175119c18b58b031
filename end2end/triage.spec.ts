import { randomBytes } from "node:crypto";
import { freshMail, open } from "./support/report";
import { AGENT } from "./support/desk";
import { letter } from "./support/mailbox";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

const SIZES = [
  { width: 390, height: 844 },
  { width: 820, height: 1180 },
  { width: 1440, height: 900 },
];

test("a reply of the contact is in the case, and a stranger's waits until an agent decides", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  const own = freshMail();
  const number = (await open(desk.url, { contact_mail: own })).split("-")[0];
  const opening = await desk.mailbox.first(own);
  await desk.deliver(letter(own, "Re: su caso", "Ya volvió la corriente.", { answers: opening.messageId }));
  const guessed = `Caso ${number}`;
  await desk.deliver(letter(own, guessed, "Ya no hace falta que vengan."));
  const stranger = freshMail();
  const subject = `Corriente ${randomBytes(4).toString("hex")}`;
  await desk.deliver(letter(stranger, subject, "Soy la vecina: allí no hay corriente."));

  await signIn(page, AGENT);
  await page.goto(`/desk/cases/${number}`);
  await expect(page.getByText("Ya volvió la corriente.").first()).toBeVisible();

  await expect(page.getByText("Ya no hace falta que vengan.")).toHaveCount(0);

  await page.goto("/desk/triage");
  await expect(page.getByRole("heading", { level: 1, name: "Mensajes por clasificar" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: guessed })).toContainText("Solo el número lo prueba");
  await accessible(page);
  await page.getByRole("link", { name: subject }).click();
  await expect(page.getByText("Soy la vecina: allí no hay corriente.")).toBeVisible();
  await accessible(page);
  const field = page.getByLabel("Número del caso");
  await field.fill("VE26-1");
  await page.getByRole("button", { name: "Añadir" }).click();
  await expect(field).toHaveValue("VE26-1");
  await expect(page.getByRole("alert")).toBeVisible();
  await accessible(page);
  await field.fill(number ?? "");
  await page.getByRole("button", { name: "Añadir" }).click();
  await expect(page.getByText(`Correo de Otra Persona <${stranger}>:`).first()).toBeVisible();
  await page.goto("/desk/triage");
  await expect(page.getByRole("link", { name: subject })).toHaveCount(0);
});

test("a hostile mail runs nothing and asks no other host, in the list and in the case", async ({ page, desk }) => {
  const number = (await open(desk.url, { contact_mail: freshMail() })).split("-")[0] ?? "";
  const foreign: string[] = [];
  page.on("request", (request) => {
    if (request.url().includes("canary.example")) foreign.push(request.url());
  });
  page.on("dialog", (dialog) => {
    foreign.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const mark = randomBytes(4).toString("hex");
  const canary = "https://canary.example/";
  const body = [
    `<p>Sin corriente ${mark}.</p>`,
    `<p>&lt;script&gt;alert(9)&lt;/script&gt;&lt;img src=x onerror=alert(10)&gt;</p>`,
    `<script>alert(1);fetch("${canary}script")</script>`,
    `<img src="${canary}picture" onerror="alert(2)"><img src=x onerror="alert(3)">`,
    `<svg onload="alert(4)"><a xlink:href="javascript:alert(5)"><text>a</text></a></svg>`,
    `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=alert(6)&gt;">`,
    `<iframe srcdoc="<script>alert(7)</script>"></iframe><object data="${canary}object"></object>`,
    `<link rel=stylesheet href="${canary}style"><style>@import "${canary}import";</style>`,
    `<form action="${canary}form"><input autofocus onfocus="alert(8)"></form><meta http-equiv=refresh content="0;url=${canary}meta">`,
  ].join("\r\n");
  const subject = `Hostil ${mark} <img src=${canary}subject onerror=alert(11)>`;
  await desk.deliver(letter(freshMail(), subject, body, { type: "text/html" }));

  await signIn(page, AGENT);
  await page.goto("/desk/triage");
  await page.getByRole("link", { name: `Hostil ${mark}` }).click();
  await expect(page.getByText(`Sin corriente ${mark}.`).first()).toBeVisible();
  await page.getByLabel("Número del caso").fill(number);
  await page.getByRole("button", { name: "Añadir" }).click();
  await expect(page.getByText("Correo de Otra Persona").first(), "a note of the case").toBeVisible();
  await expect(page.getByText(`Sin corriente ${mark}.`).first()).toBeVisible();
  await expect(page.getByText("alert(9)").first(), "markup is text").toBeVisible();
  expect(foreign).toEqual([]);
});

test("a mail fills in the form, and another is discarded", async ({ page, desk }) => {
  const sender = freshMail();
  const subject = `Equipo ${randomBytes(4).toString("hex")}`;
  await desk.deliver(letter(sender, subject, "No enciende el FOC2614A1B2."));
  await signIn(page, AGENT);
  await page.goto("/desk/triage");
  await page.getByRole("link", { name: subject }).click();
  await expect(page.getByText("FOC2614A1B2").first()).toBeVisible();
  await page.getByRole("link", { name: "Abrir un caso con estos datos" }).click();
  await expect(page.locator("[name=contact_mail]")).toHaveValue(sender);
  await expect(page.locator("[name=serial]")).toHaveValue("FOC2614A1B2");
  await page.goto("/desk/triage");
  await page.getByRole("link", { name: subject }).click();
  await page.getByRole("button", { name: "Descartar" }).click();
  await expect(page.getByText("El mensaje fue descartado.")).toBeVisible();
});

test("/desk/triage fits every screen without a script", async ({ page, browser, desk }) => {
  await signIn(page, AGENT);
  const storage = await page.context().storageState();
  const context = await browser.newContext({ storageState: storage, javaScriptEnabled: false, baseURL: desk.url });
  const plain = await context.newPage();
  for (const viewport of SIZES) {
    await plain.setViewportSize(viewport);
    await plain.goto("/desk/triage");
    await expect(plain.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(plain.locator("script[type=module]")).toHaveCount(0);
  }
  await context.close();
});
