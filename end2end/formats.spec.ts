import { ADMINISTRATOR, SUPERVISOR } from "./support/desk";
import { open } from "./support/report";
import { signIn } from "./support/staff";
import { accessible, expect, test, visit } from "./support/test";

test("a contract format is put right, tried, saved, and judges a number in the portal as it is typed", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  await open(desk.url);
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Formatos de números" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Formatos de números" })).toBeVisible();
  await accessible(page);

  // A hyphen within quotes is told at its field, and nothing is lost.
  const mask = page.getByLabel("Formato 5 · Máscara", { exact: true });
  await mask.fill("'AN-9{3}-9{2}");
  await page.getByLabel("Formato 5 · Control", { exact: true }).selectOption("iso7064-97-10");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(mask).toHaveAccessibleDescription(/signo 4 de la máscara/);
  await expect(mask).toHaveValue("'AN-9{3}-9{2}");
  await accessible(page);

  // Tried before it is saved. 14 is the check of AN572 by ISO/IEC 7064 MOD 97-10.
  await mask.fill("'AN'-9{3}-9{2}");
  const tried = page.getByRole("textbox", { name: "Probar un número" });
  await tried.fill("an 572 14");
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText("Un contrato nuevo puede llevar este número: AN-572-14.")).toBeVisible();
  await tried.fill("AN-572-15");
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText("Un contrato nuevo puede llevar este número")).toHaveCount(0);
  await expect(tried).toHaveValue("AN-572-15");
  await accessible(page);

  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Los formatos quedaron guardados" })).toBeVisible();

  // The browser judges by it in the form, and writes the number as it is printed.
  await visit(page, "/");
  const contract = page.getByLabel("Número de contrato", { exact: true });
  await contract.fill("an57214");
  await contract.blur();
  await expect(contract).toHaveValue("AN-572-14");
  await contract.fill("an57215");
  await contract.blur();
  await expect(contract).toHaveValue("an57215");
});

test("a serial format is put right, tried, saved, and recognises a serial in the portal as it is typed", async ({ page, desk, watched }) => {
  watched.allow(/status of 422/);
  await open(desk.url);
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Formatos de seriales" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Formatos de seriales" })).toBeVisible();
  await accessible(page);

  // A part without a meaning is told at its field, and nothing is lost.
  await page.getByLabel("Formato 1 · Código", { exact: true }).fill("andina");
  await page.getByLabel("Formato 1 · Fabricante", { exact: true }).fill("Andina Redes");
  const mask = page.getByLabel("Formato 1 · Máscara", { exact: true });
  await mask.fill("'AND'<año:9{2}>9{5}");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(mask).toHaveAccessibleDescription(/signo 8 de la máscara/);
  await mask.fill("'AND'<week:9{2}>9{5}");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await expect(mask).toHaveAccessibleDescription(/«week» no significa nada/);
  await expect(page.getByLabel("Formato 1 · Fabricante", { exact: true })).toHaveValue("Andina Redes");
  await accessible(page);

  // Tried before it is saved.
  await mask.fill("'AND'<yy:9{2}><ww:9{2}>9{5}");
  await page.getByLabel("Formato 1 · Plataforma", { exact: true }).selectOption("network");
  await page.getByRole("checkbox", { name: "No usar fargo, de HID Fargo" }).check();
  const tried = page.getByRole("textbox", { name: "Probar un serial" });
  await tried.fill("and-2513-00042");
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText("Formato andina: Andina Redes, hecho en la semana 13 de 2025")).toBeVisible();
  await tried.fill("AND-2599-00042");
  await page.getByRole("button", { name: "Probar" }).click();
  await expect(page.getByText("Andina Redes: La semana de fabricación que indica no existe.")).toBeVisible();
  await expect(tried).toHaveValue("AND-2599-00042");
  await expect(page.getByRole("checkbox", { name: "No usar fargo, de HID Fargo" })).toBeChecked();
  await accessible(page);

  await page.getByRole("region", { name: "Esto cambiaría" }).getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Los formatos quedaron guardados" })).toBeVisible();

  // The browser recognises by it in the form, and no longer by the format that is off.
  await visit(page, "/");
  const serial = page.getByLabel("Serial del equipo", { exact: true });
  await serial.fill("AND251300042");
  await expect(page.getByText("Andina Redes, hecho en la semana 13 de 2025")).toBeVisible();
  await serial.fill("B2130042");
  await expect(page.getByText("Lenovo", { exact: true })).toBeVisible();
  await expect(page.getByText(/HID Fargo/)).toHaveCount(0);
});

test("a plan is retired once its contracts were seen, and taken back", async ({ page, desk }) => {
  await open(desk.url);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/plans/4");
  await page.getByLabel("Estado", { exact: true }).selectOption("retired");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  const preview = page.getByRole("region", { name: "Esto cambiaría" });
  await expect(preview).toContainText("Se retira el plan");
  await expect(preview.getByRole("link").first()).toHaveAttribute("href", /\/desk\/admin\/register\/contracts\//);
  await accessible(page);
  await preview.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Retirado" })).toHaveCount(1);
  await accessible(page);
  await page.goto("/desk/admin/plans/4");
  await page.getByLabel("Estado", { exact: true }).selectOption("active");
  await page.getByRole("button", { name: "Ver qué cambia" }).click();
  await preview.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Todo quedó guardado" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Retirado" })).toHaveCount(0);
});

test("closures come from an ICS file, with what cannot be one told by its line", async ({ page, desk }) => {
  await open(desk.url);
  await signIn(page, ADMINISTRATOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/calendars/1");
  const lines = [
    "BEGIN:VCALENDAR",
    "BEGIN:VEVENT",
    "DTSTART;VALUE=DATE:20310602",
    "SUMMARY:Aniversario de la sede",
    "END:VEVENT",
    "BEGIN:VEVENT",
    "DTSTART:20310603T080000Z",
    "DTEND:20310603T090000Z",
    "SUMMARY:Reunión",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  const buffer = Buffer.from(`${lines.join("\r\n")}\r\n`);
  await page.getByLabel("Archivo ICS", { exact: true }).setInputFiles({ name: "cierres.ics", mimeType: "text/calendar", buffer });
  await page.getByRole("button", { name: "Leer el archivo" }).click();
  await expect(page.getByText(/^Línea 7:/)).toBeVisible();
  await expect(page.getByRole("row", { name: /Cierre del 2031-06-02/ })).toContainText("Aniversario de la sede");
  await accessible(page);
  await page.getByRole("button", { name: "Guardar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Quedó guardado" })).toBeVisible();
  await page.goto("/desk/admin/calendars/1?year=2031");
  await expect(page.getByTitle("Aniversario de la sede")).toContainText("2");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Descargar los cierres guardados" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("closures.ics");
});

test("a supervisor reads the serial formats and changes none", async ({ page }) => {
  await signIn(page, SUPERVISOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/serial-formats");
  await expect(page.getByRole("checkbox", { name: "No usar cisco, de Cisco" })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Ver qué cambia" })).toHaveCount(0);
  await accessible(page);
});

test("a supervisor reads the formats and changes none", async ({ page }) => {
  await signIn(page, SUPERVISOR);
  await expect(page.getByRole("heading", { level: 1, name: "Cola de casos" })).toBeVisible();
  await page.goto("/desk/admin/formats");
  await expect(page.getByLabel("Formato 1 · Máscara", { exact: true })).not.toBeEditable();
  await expect(page.getByRole("button", { name: "Ver qué cambia" })).toHaveCount(0);
  await accessible(page);
});
