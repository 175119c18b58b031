import { createHmac, randomInt } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMINISTRATOR, AGENT } from "./support/desk";
import { CaseNumber, open } from "./support/report";
import { CaseFile, signIn } from "./support/staff";
import { accessible, expect, test } from "./support/test";
import { until } from "./support/until";

const SECRET = "0123456789abcdef0123456789abcdef";

/** A stand-in for the Graph API on this machine, with the messages that it got. */
async function graph() {
  const got: { token: string | undefined; body: Record<string, any> }[] = [];
  const server = createServer((request, answer) => {
    let body = "";
    request.on("data", (data) => (body += data));
    request.on("end", () => {
      const known = { verified_name: "Vigía", display_phone_number: "+58 212 555 0100" };
      if (request.method === "POST") got.push({ token: request.headers.authorization, body: JSON.parse(body) });
      const said = request.method === "POST" ? { messages: [{ id: "wamid.OURS" }] } : known;
      answer.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(said));
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v23.0`, got, close: () => server.close() };
}

test("a customer writes by WhatsApp, the agent sees the channel and answers, and WhatsApp gets the answer", async ({
  page,
  another,
  desk,
}) => {
  const telephone = `58414555${1000 + randomInt(9000)}`;
  const numberId = String(100_000_000 + randomInt(900_000_000));
  const stand = await graph();
  const number = new CaseNumber(await open(desk.url, { contact_phone: `+${telephone}` }));

  const administrator = (await another({})).page;
  await signIn(administrator, ADMINISTRATOR);
  await administrator.getByRole("link", { name: "Administración" }).click();
  await administrator.getByRole("main").getByRole("link", { name: "WhatsApp" }).click();
  await expect(administrator.getByRole("heading", { level: 1, name: "WhatsApp" })).toBeVisible();
  await accessible(administrator);
  await administrator.getByRole("textbox", { name: "Nombre" }).fill("Mesa de ayuda");
  await administrator.getByRole("textbox", { name: "Identificador del número" }).fill(numberId);
  await administrator.getByLabel("Token de acceso").fill("EAAG-access-token");
  await administrator.getByLabel("Secreto de la aplicación").fill(SECRET);
  await administrator.getByRole("textbox", { name: "Dirección de la Graph API" }).fill(stand.url);
  await administrator.getByRole("button", { name: "Añadir número" }).click();
  await expect(administrator.getByRole("status").filter({ hasText: "El número está listo" })).toBeVisible();
  await administrator.getByRole("button", { name: "Probar" }).click();
  await expect(administrator.getByText("Vigía +58 212 555 0100")).toBeVisible();
  await expect(administrator.getByText("EAAG-access-token")).toHaveCount(0);
  await accessible(administrator);
  const hook = new URL(administrator.url()).pathname.split("/").pop();

  await signIn(page, AGENT);
  await until("the case is found by its telephone", async () => {
    const found = await page.request.get(`/desk/search?q=${encodeURIComponent(`+${telephone}`)}`);
    return (await found.text()).includes(`/desk/cases/${number.compact}`);
  });
  const file = await CaseFile.open(page, number);
  const message = {
    from: telephone,
    id: `wamid.${numberId}`,
    timestamp: String(Math.floor(Date.now() / 1000)),
    type: "text",
    text: { body: "Ya llegó la corriente, pero sigue sin red." },
  };
  const value = {
    messaging_product: "whatsapp",
    metadata: { display_phone_number: "582125550100", phone_number_id: numberId },
    contacts: [{ profile: { name: "Ana" }, wa_id: telephone }],
    messages: [message],
  };
  const entry = [{ id: "1", changes: [{ field: "messages", value }] }];
  const body = JSON.stringify({ object: "whatsapp_business_account", entry });
  const signature = `sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`;
  const headers = { "Content-Type": "application/json", "X-Hub-Signature-256": signature };
  const taken = await fetch(`${desk.url}/hooks/whatsapp/${hook}`, { method: "POST", headers, body });
  expect(taken.status).toBe(200);

  // The open page hears of it by itself.
  const entryOf = (text: string) => file.history.filter({ hasText: text });
  await expect(entryOf("Ya llegó la corriente")).toContainText("WhatsApp");
  await accessible(page);

  const news = await file.begin("Dar novedades", "Novedades para el cliente");
  await news.getByLabel("Qué le decimos").fill("Gracias, el técnico revisa la red a las diez.");
  await news.getByRole("button", { name: "Enviar novedades" }).click();
  await file.told(/Novedades enviadas/);
  await expect.poll(() => stand.got.length).toBe(1);
  const [{ token, body: sent }] = stand.got;
  expect(token).toBe("Bearer EAAG-access-token");
  expect(sent).toMatchObject({ to: telephone, type: "text" });
  expect(sent.text.body).toContain("el técnico revisa la red a las diez");
  await expect(async () => {
    await page.reload();
    await expect(entryOf("revisa la red a las diez")).toContainText("WhatsApp: enviado", { timeout: 500 });
  }).toPass();
  await accessible(page);

  await administrator.locator("summary", { hasText: "Eliminar" }).click();
  await administrator.getByRole("button", { name: "Sí, eliminar" }).click();
  await expect(administrator.getByRole("status").filter({ hasText: "fue eliminado" })).toBeVisible();
  stand.close();
});
