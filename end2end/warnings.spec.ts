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
  const subjects = desk.mailbox.mails
    .filter((mail) => RUNS_OUT.test(mail.subject ?? ""))
    .map((mail) => `${recipients(mail).join()} ${mail.subject}`);
  expect(new Set(subjects).size).toBe(subjects.length);

  await signIn(page, SUPERVISOR);
  await page.getByRole("link", { name: "Correos", exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: SUPERVISOR.mail }).filter({ hasText: RUNS_OUT });
  await expect(row.first()).toBeVisible();
  await page.goto("/desk/mails/kinds");
  await expect(page.getByRole("heading", { level: 2, name: /90 % del plazo usado/ })).toBeVisible();
  await expect(page.getByRole("heading", { level: 2, name: /plazos que apremian/ })).toBeVisible();
});
