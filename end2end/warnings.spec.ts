import { recipients } from "./support/mailbox";
import { SUPERVISOR } from "./support/desk";
import { signIn } from "./support/staff";
import { expect, test } from "./support/test";
import { until } from "./support/until";

const RUNS_OUT = /plazo vencido|del plazo usado|plazos que apremian/;

test("a supervisor is warned of targets at risk, and finds the mail in the list", async ({ page, desk, watched }) => {
  // The preview's sandbox blocks even scripts of the browser under test.
  watched.allow(/Blocked script execution in '[^']+\/body'/);
  // Some cases of the demonstration were breached at its start, under plans of day and night.
  const mail = await until("a warning to the supervisor", () =>
    desk.mailbox.to(SUPERVISOR.mail).find((mail) => RUNS_OUT.test(mail.subject ?? "")),
  );
  expect(mail.subject).toMatch(/^Caso [A-Z]{2}\d{2}-\d{6}-\d{2}/);
  expect(mail.text).toContain(`${desk.url}/desk`);
  expect(recipients(mail)).toEqual([SUPERVISOR.mail]);
  // Each once: no two mails to one person have the same subject.
  // A list of several cases may press for the same one twice, at other levels.
  const subjects = desk.mailbox.mails
    .filter((mail) => RUNS_OUT.test(mail.subject ?? "") && !/plazos que apremian/.test(mail.subject ?? ""))
    .map((mail) => `${recipients(mail).join()} ${mail.subject}`);
  expect(new Set(subjects).size).toBe(subjects.length);

  await signIn(page, SUPERVISOR);
  await page.getByRole("link", { name: "Correos", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Correos" })).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: SUPERVISOR.mail }).filter({ hasText: RUNS_OUT });
  // Other tests cause mails as well: it may stand on a later page.
  await expect(async () => {
    for (let number = 1; number <= 8; number++) {
      await page.goto(`/desk/mails?page=${number}`);
      if ((await row.count()) > 0) return;
    }
    throw new Error("not in the list");
  }).toPass();
  await page.goto("/desk/mails/kinds");
  await expect(page.getByRole("heading", { level: 2, name: /90 % del plazo usado/ })).toBeVisible();
  await expect(page.getByRole("heading", { level: 2, name: /plazos que apremian/ })).toBeVisible();
});
