import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ADMINISTRATOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

/** A picture of two colours, drawn by the browser: the test needs no file. */
const DRAW = () => {
  const canvas = document.createElement("canvas");
  canvas.width = 400;
  canvas.height = 120;
  const brush = canvas.getContext("2d")!;
  brush.fillStyle = "#7a1f5c";
  brush.fillRect(0, 0, 400, 120);
  brush.fillStyle = "#ffffff";
  brush.font = "bold 64px sans-serif";
  brush.fillText("Andina", 40, 84);
  return canvas.toDataURL("image/png").split(",")[1]!;
};

test("a provider's name, logo and colour are put right, saved, and stand on the portal", async ({ page, another, desk, watched }) => {
  watched.allow(/status of 422/);
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: /^Proveedor/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Proveedor" })).toBeVisible();
  await accessible(page);
  const logo = join(desk.folder, "logo.png");
  await writeFile(logo, Buffer.from(await page.evaluate(DRAW), "base64"));

  await page.getByLabel("Nombre", { exact: true }).fill("Andina TI");
  await page.getByLabel("Color de acento").fill("#f2b705");
  await page.getByLabel("Logotipo").setInputFiles(logo);
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const accent = page.getByLabel("Color de acento");
  await expect(accent).toHaveAccessibleDescription(/1,57:1/);
  await expect(page.getByLabel("Nombre", { exact: true })).toHaveValue("Andina TI");
  await expect(page.getByRole("img", { name: "Logotipo actual" })).toBeVisible();
  await accessible(page);

  await accent.fill("#7a1f5c");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const preview = page.getByRole("region", { name: "Esto cambiaría" });
  await expect(preview.getByRole("row", { name: /Nombre/ })).toContainText("Andina TI");
  await expect(preview.getByRole("img", { name: "Logotipo" })).toBeVisible();
  await accessible(page);
  await preview.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Quedó guardado" })).toBeVisible();
  await accessible(page);

  // A hydrated page of the staff, and the portal: drawn by the server and taken over without a complaint.
  await page.goto("/desk");
  await expect(page).toHaveTitle(/· Andina TI$/);
  await expect(page.getByRole("banner").getByRole("img", { name: "Andina TI" })).toBeVisible();
  await page.getByRole("link", { name: "Agenda" }).click();
  await expect(page).toHaveTitle(/· Andina TI$/);
  await expect(page.getByRole("banner").getByRole("img", { name: "Andina TI" })).toBeVisible();
  await accessible(page);
  const portal = (await another({})).page;
  await portal.goto(desk.url);
  await expect(portal).toHaveTitle(/· Andina TI$/);
  await expect(portal.getByRole("link", { name: "Andina TI, inicio" })).toBeVisible();
  await accessible(portal);
});

for (const width of [390, 820, 1440]) {
  test(`provider and displays fit ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, ADMINISTRATOR);
    await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
    for (const address of ["provider", "displays"]) {
      await page.goto(`/desk/admin/${address}`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await accessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      expect(overflow, `${address} scrolls sideways`).toBe(0);
    }
  });
}
