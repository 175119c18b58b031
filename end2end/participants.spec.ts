import { freshMail, open } from "./support/report";
import { expect, test, visit } from "./support/test";

test("a contact invites a colleague, who writes, reads and leaves", async ({ page, desk, watched }) => {
  watched.allow(/status of 404/);
  const contact = await open(desk.url);
  const colleague = freshMail();
  await visit(page, `/track/${contact}`);
  await page.getByText("Invitar a otra persona").click();
  await page.locator("#invite-name").fill("Eva Díaz");
  await page.locator("#invite-mail").fill(colleague);
  await page.locator("#invite-language").selectOption("es");
  await page.getByRole("button", { name: "Enviar la invitación" }).click();
  const people = page.getByRole("region", { name: "Otras personas en el caso" });
  await expect(people.getByRole("listitem")).toContainText("Eva Díaz");
  await watched.isFine();

  const text = await desk.mailbox.text(colleague, "Le invitaron a seguir el caso");
  const theirs = /\/track\/(\S+?-p1-[0-9a-f]{32})/.exec(text)?.[1];
  await visit(page, `/track/${theirs}`);
  await page.locator("#message").fill("¿Cuándo vienen?");
  await page.getByRole("button", { name: "Enviar mensaje" }).click();
  await expect(page.getByText("Eva Díaz nos escribió")).toBeVisible();
  await expect(page.getByText("¿Ya no lo necesita?")).toHaveCount(0);
  await watched.isFine();
  await page.getByRole("button", { name: "Dejar el caso" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Dejó el caso");
  await watched.isFine();
  await page.goto(`/track/${theirs}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Esta página o este enlace no existe");
});
