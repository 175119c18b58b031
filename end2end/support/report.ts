import { randomBytes, randomInt } from "node:crypto";

/** Contracts and serials of the demonstration (desk/src/lab/demo/mod.rs). */
export const CARACAS = { contract: "CPS-VE-004213-58", serial: "FOC2614A1B2" };
export const UNKNOWN_SERIAL = { ...CARACAS, serial: "FOC2614Z9Z9" };
export const WRONG_CHECK = "CPS-VE-004213-59";

/** The fields of a posted form. */
export type Report = Record<string, string>;

/** A report with a mail address of its own, which identifies its case. */
export function report(other: Report = {}): Report {
  return {
    key: freshKey(),
    reporter: "Ana Teresa Rivas",
    ...CARACAS,
    platform: "network",
    country: "VE",
    location: "Torre Ávila, piso 12, sala de redes",
    contact_same: "yes",
    contact_name: "",
    contact_phone: "0212 555 0142",
    contact_mail: freshMail(),
    fault: "El conmutador del piso 12 se apaga y se enciende solo desde las siete.",
    severity: "critical",
    urgency: "critical",
    ...other,
  };
}

export function freshMail(): string {
  return `ana.${randomBytes(6).toString("hex")}@cumbre.example`;
}

/** Whether an address is one of `freshMail`. */
export function isFresh(address: string): boolean {
  return /^ana\.[0-9a-f]{12}@cumbre\.example$/.test(address);
}

export function freshKey(): string {
  return randomBytes(16).toString("hex");
}

/** Posts the plain form, as a page without a script does. */
export function post(url: string, report: Report): Promise<Response> {
  const headers = fromSomewhere();
  return fetch(`${url}/`, { method: "POST", headers, body: new URLSearchParams(report), redirect: "manual" });
}

/** The header of a request from an address of its own, as a proxy adds it: rate limits count addresses. */
export function fromSomewhere(): { "x-forwarded-for": string } {
  return { "x-forwarded-for": `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}` };
}

/** Opens a case by the plain form; the last part of its link. */
export async function open(url: string, other: Report = {}): Promise<string> {
  const response = await post(url, report(other));
  const tracking = acknowledged(response);
  if (!tracking) throw new Error(`no case: ${response.status} ${await response.text()}`);
  return tracking;
}

/** The last part of the case's link in an answer, if the case was opened. */
export function acknowledged(response: Response): string | undefined {
  if (response.status !== 303) return undefined;
  return /^\/opened\/([A-Z]{2}\d{10,12}-[0-9a-f]{32})$/.exec(response.headers.get("location") ?? "")?.[1];
}

/** A case number in its spellings. */
export class CaseNumber {
  readonly compact: string;

  /** Reads any spelling. */
  constructor(text: string) {
    const found = /[A-Z]{2}(?:[ -]?\d){10}/.exec(text)?.[0];
    if (!found) throw new Error(`no case number in ${JSON.stringify(text)}`);
    this.compact = found.replace(/[ -]/g, "");
  }

  /** `VE26-004213-92`, as mails write it. */
  get written(): string {
    return this.compact.replace(/^(....)(......)(..)$/, "$1-$2-$3");
  }

  /** The same, as pages show it. */
  get grouped(): string {
    return this.written;
  }
}
