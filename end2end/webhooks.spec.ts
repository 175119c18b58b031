import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMINISTRATOR } from "./support/desk";
import { signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";

/** A receiver on this machine, with what it got. */
async function receiver() {
  const got: { headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      got.push({ headers: request.headers, body });
      answer.writeHead(204).end();
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/avisos`, got, close: () => server.close() };
}

test("an administrator adds a webhook, sends a test and sees what became of it", async ({ page, watched }) => {
  watched.allow(/status of 422/);
  const local = await receiver();
  await signIn(page, ADMINISTRATOR);
  await page.getByRole("link", { name: "Administración" }).click();
  await page.getByRole("main").getByRole("link", { name: "Webhooks" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Webhooks" })).toBeVisible();
  await accessible(page);

  await page.getByRole("textbox", { name: "Nombre" }).fill("Chat de la mesa");
  await page.getByRole("textbox", { name: "Dirección" }).fill("https://192.168.1.20/avisos");
  await page.getByRole("button", { name: "Crear webhook" }).click();
  await expect(page.getByRole("group", { name: "Eventos" })).toHaveAccessibleDescription(/al menos un evento/);
  await page.getByRole("checkbox", { name: "caso abierto" }).check();
  await page.getByRole("checkbox", { name: "caso resuelto" }).check();
  await page.getByRole("button", { name: "Crear webhook" }).click();
  await expect(page.getByRole("textbox", { name: "Dirección" })).toHaveAccessibleDescription(/red interna o reservada/);
  await expect(page.getByRole("checkbox", { name: "caso abierto" })).toBeChecked();
  await accessible(page);

  await page.getByRole("textbox", { name: "Dirección" }).fill(local.url);
  await page.getByRole("button", { name: "Crear webhook" }).click();
  const shown = page.getByRole("status").filter({ hasText: "Cópielo ahora" });
  const secret = (await shown.innerText()).match(/whsec_[A-Za-z0-9+/=]+/)?.[0] ?? "";
  expect(secret).not.toBe("");
  const row = page.getByRole("row", { name: /Chat de la mesa/ });
  await expect(row).toContainText("ninguna");
  await accessible(page);

  await row.getByRole("link", { name: "Chat de la mesa" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Chat de la mesa" })).toBeVisible();
  await expect(page.getByText(secret)).toHaveCount(0);
  await page.getByRole("button", { name: "Enviar prueba" }).click();
  await expect(page.getByRole("status").filter({ hasText: "va en camino" })).toBeVisible();
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("row", { name: /Prueba/ })).toContainText("HTTP 204", { timeout: 500 });
  }).toPass();
  await accessible(page);

  expect(local.got).toHaveLength(1);
  const { headers, body } = local.got[0];
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  expect(headers["webhook-signature"]).toBe(`v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  expect(JSON.parse(body)).toMatchObject({ type: "test", version: 1 });

  await page.getByRole("button", { name: "Pausar" }).click();
  await expect(page.getByRole("button", { name: "Enviar prueba" })).toHaveCount(0);
  await page.getByRole("button", { name: "Reanudar" }).click();
  await page.locator("summary", { hasText: "Eliminar" }).click();
  await page.getByRole("button", { name: "Sí, eliminar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "fue eliminado" })).toBeVisible();
  await expect(page.getByText("Todavía no hay webhooks.")).toBeVisible();
  local.close();
});

test("an administrator makes a webhook for Slack, changes it and sends a test", async ({ page }) => {
  const [first, second] = [await receiver(), await receiver()];
  await signIn(page, ADMINISTRATOR);
  await page.goto("/desk/admin/webhooks");
  await page.getByRole("textbox", { name: "Nombre" }).fill("Canal de guardia");
  await page.getByRole("textbox", { name: "Dirección" }).fill(`${first.url}/secreto`);
  await page.getByRole("combobox", { name: "Formato" }).selectOption("Mensaje de Slack");
  await page.getByRole("checkbox", { name: "caso abierto" }).check();
  await page.getByRole("button", { name: "Crear webhook" }).click();
  await expect(page.getByRole("status").filter({ hasText: "está listo" })).toBeVisible();
  await expect(page.getByText("/secreto")).toHaveCount(0);
  await accessible(page);

  await page.locator("summary", { hasText: "Cambiar" }).click();
  await page.getByRole("textbox", { name: "Dirección" }).fill(`${second.url}/otro`);
  await page.getByRole("combobox", { name: "Idioma de los mensajes" }).selectOption("English");
  await accessible(page);
  await page.getByRole("button", { name: "Guardar cambios" }).click();
  await expect(page.getByRole("status").filter({ hasText: "están guardados" })).toBeVisible();
  const history = page.getByRole("region", { name: "Cambios" });
  await expect(history).toContainText("Idioma de los mensajes: Español → English");

  await page.getByRole("button", { name: "Enviar prueba" }).click();
  await expect.poll(() => second.got.length).toBe(1);
  expect(JSON.parse(second.got[0].body).text).toContain("Test of Vigía");
  expect(first.got).toHaveLength(0);
  await page.locator("summary", { hasText: "Eliminar" }).click();
  await page.getByRole("button", { name: "Sí, eliminar" }).click();
  await expect(page.getByRole("status").filter({ hasText: "fue eliminado" })).toBeVisible();
  first.close();
  second.close();
});
