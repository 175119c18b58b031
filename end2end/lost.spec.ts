import { freshMail, fromSomewhere } from "./support/report";
import { expect, test } from "./support/test";

test("the page of lost links gives the same answer for every address, in three languages", async ({
  page,
  watched,
}) => {
  watched.allow(/status of 422/);
  await page.setExtraHTTPHeaders(fromSomewhere());
  for (const [language, title, sent] of [
    ["es", "Ya tengo un caso", "Revise su correo"],
    ["en", "I have a case already", "Look into your mail"],
    ["pt", /^Já tenho um /, "Verifique seu e-mail"],
  ] as const) {
    await page.goto(`/links?lang=${language}`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(title);
    await watched.isFine();
    const mail = page.locator("#mail");
    await mail.fill("ana.rivas");
    await mail.press("Enter");
    await expect(mail).toHaveAttribute("aria-invalid", "true");
    await expect(mail).toHaveAccessibleDescription(/.{10,}/);
    await expect(mail).toHaveValue("ana.rivas");
    await watched.isFine();
    await mail.fill(freshMail());
    await page.getByRole("button").last().click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(sent);
    await expect(page.getByRole("status")).toBeVisible();
    await watched.isFine();
  }
});
