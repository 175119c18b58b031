import { Desk } from "./support/desk";
import { acknowledged, isFresh, post, report, type Report } from "./support/report";
import { recipients } from "./support/mailbox";
import { bare as test, expect } from "./support/test";
import { until } from "./support/until";

const ROUNDS = 10;
const CUSTOMERS = 8;
/** The fewest cases of a round before the power goes; further ones are left to chance. */
const ENOUGH = 15;

type Sent = { report: Report; tracking: string | undefined };

test("killed under load ten times, the desk loses and doubles nothing that it acknowledged", async () => {
  // A mail that was being sent is free again two minutes later (desk/src/outbox/worker.rs).
  test.setTimeout(420_000);
  const desk = await Desk.start();
  const before = await desk.metric("vigia_cases_open");
  const sent: Sent[] = [];
  let met = 0;
  for (let round = 1; round <= ROUNDS; round++) {
    const [taken, cutOff] = await killedUnderLoad(desk);
    expect(taken.length, `round ${round}: cases were taken before the kill`).toBeGreaterThanOrEqual(ENOUGH);
    await desk.restart();
    for (const { tracking } of taken) {
      expect((await fetch(`${desk.url}/track/${tracking}`)).status, `round ${round}: ${tracking}`).toBe(200);
    }
    // A customer without an answer sends again, with the same key.
    for (const cut of cutOff) cut.tracking = acknowledged(await post(desk.url, cut.report));
    sent.push(...taken, ...cutOff);
    met += cutOff.length;
  }

  expect(met, "kills that met work under way").toBeGreaterThan(0);
  const trackings = sent.map(({ tracking }) => tracking ?? "none");
  expect(trackings).not.toContain("none");
  const numbers = trackings.map((tracking) => tracking.split("-")[0]);
  expect(new Set(numbers).size, "one number each").toBe(sent.length);
  expect(await desk.metric("vigia_cases_open"), "one case each").toBe(before + sent.length);
  for (const { report, tracking } of sent.slice(-CUSTOMERS)) {
    expect(acknowledged(await post(desk.url, report)), "the same submission is the same case").toBe(tracking);
  }

  await until("no mail waits", async () => (await desk.metric("vigia_mails_queued")) === 0, 240_000);
  // The demonstration's own customers get mails meanwhile: their surveys fall due.
  const mails = desk.mailbox.mails.filter((mail) => recipients(mail).every(isFresh));
  const ids = new Map<string, Set<string>>();
  for (const mail of mails) {
    for (const address of recipients(mail)) {
      ids.set(address, (ids.get(address) ?? new Set()).add(mail.messageId ?? "none"));
    }
  }
  for (const { report, tracking } of sent) {
    const address = report.contact_mail ?? "";
    expect(ids.get(address)?.size, `mails of ${tracking}`).toBe(1);
  }
  expect(ids.size, "no other mails").toBe(sent.length);
  // The one window: the mail server accepted a mail, and the power went before that was recorded. The mail is then sent again
  // under the same Message-ID; at most eight are being sent at once.
  const again = mails.length - sent.length;
  expect(again, "mails that came twice").toBeLessThanOrEqual(ROUNDS * 8);
  console.info(`${sent.length} cases, ${ROUNDS} kills, ${again} mails that came twice under the same Message-ID`);
  await desk.stop();
});

/** Customers open cases in parallel until the process is killed; the accepted reports, and those without an answer. */
async function killedUnderLoad(desk: Desk): Promise<[Sent[], Sent[]]> {
  const taken: Sent[] = [];
  const cutOff: Sent[] = [];
  const enough = ENOUGH + Math.floor(Math.random() * 40);
  let killing: Promise<void> | undefined;
  const customer = async () => {
    while (!killing) {
      const own = report();
      const answer = await post(desk.url, own).catch(() => undefined);
      if (answer === undefined) {
        cutOff.push({ report: own, tracking: undefined });
        continue;
      }
      const tracking = acknowledged(answer);
      if (!tracking) throw new Error(`refused: ${answer.status} ${await answer.text()}`);
      taken.push({ report: own, tracking });
      if (taken.length >= enough) killing ??= desk.kill();
    }
  };
  await Promise.all(Array.from({ length: CUSTOMERS }, customer));
  await killing;
  return [taken, cutOff];
}
