import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type ParsedMail, simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";
import { until } from "./until";

/** A real mail server that stores its mails. */
export class Mailbox {
  readonly mails: ParsedMail[] = [];
  private readonly server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    // Accepted only once it is stored.
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        this.mails.push(mail);
        done();
      }, done);
    },
  });

  static async open(): Promise<Mailbox> {
    const mailbox = new Mailbox();
    // A killed sender leaves a broken connection: no fault of the test.
    mailbox.server.on("error", () => {});
    await new Promise<void>((ready) => mailbox.server.listen(0, "127.0.0.1", ready));
    return mailbox;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** All mails to an address. */
  to(address: string): ParsedMail[] {
    return this.mails.filter((mail) => recipients(mail).includes(address));
  }

  /** The first mail to an address, once it has come. */
  first(address: string): Promise<ParsedMail> {
    return until(`a mail to ${address}`, () => this.to(address)[0]);
  }

  /** The text of the mail to an address with these words in its subject, once it has come. */
  async text(address: string, words: string): Promise<string> {
    const found = (mail: ParsedMail) => mail.subject?.includes(words) ?? false;
    const mail = await until(`a mail "${words}" to ${address}`, () => this.to(address).find(found));
    return mail.text ?? "";
  }

  close(): Promise<void> {
    return new Promise((closed) => this.server.close(closed));
  }
}

export function recipients(mail: ParsedMail): string[] {
  const fields = mail.to === undefined ? [] : Array.isArray(mail.to) ? mail.to : [mail.to];
  return fields.flatMap((field) => field.value.map((address) => address.address ?? ""));
}

/** A mail that a customer writes: what it answers by its Message-ID, and its type where it is no text. */
export function letter(from: string, subject: string, body: string, other: { answers?: string; type?: string } = {}): string {
  const id = randomBytes(8).toString("hex");
  const headers = [`From: Otra Persona <${from}>`, "To: casos@vigia.example", `Message-ID: <${id}@cumbre.example>`];
  if (other.answers) headers.push(`In-Reply-To: ${other.answers}`);
  return [...headers, `Subject: ${subject}`, `Content-Type: ${other.type ?? "text/plain"}; charset=utf-8`, "", body, ""].join("\r\n");
}
