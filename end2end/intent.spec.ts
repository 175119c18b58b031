import type { Page } from "@playwright/test";
import { AGENT } from "./support/desk";
import { CaseForm } from "./support/form";
import { CaseNumber, freshMail } from "./support/report";
import { signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

// The browser's messages about a lost answer, and about one that asks back.
const LOST = /net::ERR_FAILED/;
const ASKED = /status of 409/;
const ASKS = "Este formulario ya se envió con otros datos";

/** The server executes the next submission, and its answer is lost. */
async function loseTheAnswer(page: Page): Promise<void> {
  await page.route("**/api/open_case", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
}

async function sendInVain(page: Page, form: CaseForm): Promise<void> {
  await loseTheAnswer(page);
  await form.send.click();
  await expect(page.getByRole("alert").filter({ hasText: "Inténtelo otra vez" })).toBeVisible();
}

test("a form whose answer was lost, sent again, opens one case", async ({ page, desk, watched }) => {
  watched.allow(LOST);
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await sendInVain(page, form);
  const first = new CaseNumber((await desk.mailbox.first(form.mail)).subject ?? "");
  await form.send.click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(first.grouped);
});

test("a form that was corrected after a lost answer is asked about, and not dropped", async ({ page, desk, watched }) => {
  watched.allow(LOST);
  watched.allow(ASKED);
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await sendInVain(page, form);
  const first = new CaseNumber((await desk.mailbox.first(form.mail)).subject ?? "");

  await form.field("phone").fill("0212 555 0199");
  await form.send.click();
  const question = page.getByRole("alert").filter({ hasText: ASKS });
  await expect(question).toBeVisible();
  await expect(question, "whose case it is is not told").not.toContainText(first.grouped);
  await accessible(page);
  await page.getByRole("button", { name: "Enviar como un caso nuevo" }).click();
  await expect(page).toHaveURL(/\/opened\//);
  await expect(page.getByRole("heading", { level: 1 })).not.toContainText(first.grouped);
});

test("a draft at a shared computer does not show its writer's case to the next person", async ({ page, desk, watched }) => {
  watched.allow(LOST);
  await visit(page, "/");
  const form = new CaseForm(page);
  await form.fill();
  await sendInVain(page, form);
  const first = new CaseNumber((await desk.mailbox.first(form.mail)).subject ?? "");

  await visit(page, "/");
  await expect(form.field("mail")).toHaveValue(form.mail);
  const mail = freshMail();
  await form.field("reporter").fill("Pedro Mora");
  await form.field("mail").fill(mail);
  await form.send.click();
  await expect(page).toHaveURL(/\/opened\//);
  await expect(page.getByRole("heading", { level: 1 })).not.toContainText(first.grouped);
  expect((await desk.mailbox.first(mail)).subject).not.toContain(first.written);
});

test("an agent is led to the case that the form opened before", async ({ page, desk, watched }) => {
  watched.allow(LOST);
  watched.allow(ASKED);
  await signIn(page, AGENT);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await visit(page, "/desk/intake");
  const form = new CaseForm(page);
  await form.fill();
  await sendInVain(page, form);
  const first = new CaseNumber((await desk.mailbox.first(form.mail)).subject ?? "");
  await form.field("phone").fill("0212 555 0199");
  await form.send.click();
  const question = page.getByRole("alert").filter({ hasText: ASKS });
  await question.getByRole("link", { name: `Ver el caso ${first.written}` }).click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(first.grouped);
});
