import { SUPERVISOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";
import { DRAWN_BY_THE_BROWSER, overflowing, WALL } from "./support/wall";

test("a screen is paired by its code, shows the wall by itself, and leaves it when it is revoked", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  const display = await another(WALL);
  display.allow(DRAWN_BY_THE_BROWSER);
  const screen = display.page;
  await screen.goto(`${desk.url}/wall`);
  await expect(screen).toHaveURL(`${desk.url}/pair`);
  const code = screen.locator(".pair__code [aria-hidden]");
  await expect(code).toHaveText(/^[2-9B-Z]{3} [2-9B-Z]{3}$/);
  const shown = await code.innerText();
  await expect.poll(() => screen.evaluate(overflowing)).toEqual([]);
  await accessible(screen);

  await signIn(page, SUPERVISOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Pantallas" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Pantallas" })).toBeVisible();
  await page.getByRole("textbox", { name: "Código" }).fill("ABC");
  await page.getByRole("textbox", { name: "Nombre" }).fill("Sala norte");
  await page.getByRole("button", { name: "Vincular" }).click();
  await expect(page.getByRole("textbox", { name: "Código" })).toHaveAccessibleDescription(/seis letras o cifras/);
  await expect(page.getByRole("textbox", { name: "Nombre" })).toHaveValue("Sala norte");
  await accessible(page);
  await page.getByRole("textbox", { name: "Código" }).fill(shown.toLowerCase());
  await page.getByRole("button", { name: "Vincular" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Listo" })).toBeVisible();

  // Nobody touches the screen.
  await expect(screen).toHaveURL(`${desk.url}/board`);
  await expect(screen.getByRole("status")).toContainText("En vivo");
  await page.reload();
  const row = page.getByRole("row", { name: /Sala norte/ });
  await expect(row).toContainText("En línea");
  await accessible(page);
  await row.locator("summary").click();
  await row.getByRole("button", { name: "Sí, revocar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "revocada" })).toBeVisible();
  await expect(screen).toHaveURL(`${desk.url}/pair`);
  await expect(code).not.toHaveText(shown);
});
