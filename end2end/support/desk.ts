import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Mailbox } from "./mailbox";
import { until } from "./until";

const root = resolve(__dirname, "../..");

/** The password of the demonstration's staff (desk/src/lab/demo/mod.rs). */
export const PASSWORD = "demostracion-vigia";
export const AGENT = { name: "Marta Salas", mail: "agente@vigia.example" };
export const TECHNICIAN = { name: "Rosa Marín", mail: "tecnica@vigia.example" };
export const SUPERVISOR = { name: "Andrés Quintero", mail: "supervisor@vigia.example" };
export const ADMINISTRATOR = { name: "Lucía Ferrer", mail: "administracion@vigia.example" };

/** The release build if it exists; VIGIA_BIN names another binary. */
function binary(): string {
  const known = process.env.VIGIA_BIN
    ? [resolve(process.env.VIGIA_BIN)]
    : [join(root, "target/release/vigia"), join(root, "target/debug/vigia")];
  const found = known.find((path) => existsSync(path));
  if (!found) throw new Error(`no binary: ${known.join(", ")}; build it first (make build)`);
  return found;
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** The real binary with its own data folder and mail server, and the demonstration loaded. */
export class Desk {
  log = "";
  private process: ChildProcess | undefined;
  private ended: Promise<string> = Promise.resolve("not started");
  private hasEnded = true;

  private constructor(
    readonly mailbox: Mailbox,
    readonly folder: string,
    private readonly port: number,
    private readonly metricsPort: number,
    /** What it starts with: the demonstration, or nothing. */
    private readonly demo: "first-start" | "off",
    /** Its host in the address: browsers have passkeys at a name alone. */
    private readonly host: "127.0.0.1" | "localhost",
  ) {}

  static async start(
    demo: "first-start" | "off" = "first-start",
    host: "127.0.0.1" | "localhost" = "127.0.0.1",
  ): Promise<Desk> {
    const folder = await mkdtemp(join(tmpdir(), "vigia-end2end-"));
    const desk = new Desk(await Mailbox.open(), folder, await freePort(), await freePort(), demo, host);
    await desk.restart();
    return desk;
  }

  get url(): string {
    return `http://${this.host}:${this.port}`;
  }

  /** Adds a member of the staff, as the operator does. */
  async addPerson(who: { name: string; mail: string; password: string }, role: string): Promise<void> {
    const env = { PATH: process.env.PATH, VIGIA_DATA: this.folder, VIGIA_PUBLIC_URL: this.url };
    const of = ["--name", who.name, "--mail", who.mail, "--role", role, "--password-stdin"];
    const added = promisify(execFile)(binary(), ["user", "add", ...of], { cwd: this.folder, env });
    added.child.stdin?.end(`${who.password}\n`);
    await added;
  }

  /** The address of the metrics. */
  get metricsUrl(): string {
    return `http://127.0.0.1:${this.metricsPort}`;
  }

  /** The link of a new display, for one browser. */
  async displayLink(): Promise<string> {
    const env = { PATH: process.env.PATH, VIGIA_DATA: this.folder, VIGIA_PUBLIC_URL: this.url };
    const added = await promisify(execFile)(binary(), ["display", "add", "--name", "Sala"], { cwd: this.folder, env });
    const link = /http\S+\/board\/\S+/.exec(added.stdout)?.[0];
    if (!link) throw new Error(`no link: ${added.stdout}${added.stderr}`);
    return link;
  }

  /** Takes a mail in, as a pipe of the mail server does. */
  async deliver(mail: string): Promise<void> {
    const env = {
      PATH: process.env.PATH,
      VIGIA_DATA: this.folder,
      VIGIA_PUBLIC_URL: this.url,
      VIGIA_MAIL_SMTP_HOST: "127.0.0.1",
      VIGIA_MAIL_SMTP_PORT: String(this.mailbox.port),
      VIGIA_MAIL_SMTP_TLS: "none",
      VIGIA_MAIL_FROM_ADDRESS: "casos@vigia.example",
    };
    const delivered = promisify(execFile)(binary(), ["deliver"], { cwd: this.folder, env });
    delivered.child.stdin?.end(mail);
    await delivered;
  }

  /** The link of the log that makes the first administrator of an empty desk. */
  firstLink(): string {
    const link = /http\S+\/desk\/start\/\w+/.exec(this.log)?.[0];
    if (!link) throw new Error(`no link: ${this.log}`);
    return link;
  }

  /** The path of a customer's page, made with the desk's own key: no page of the staff has it. */
  async customersPage(number: string): Promise<string> {
    const files = ["vigia.db", "vigia.db-wal"].map((name) => readFile(join(this.folder, name), "latin1").catch(() => ""));
    const key = /links([0-9a-f]{64})/.exec((await Promise.all(files)).join("\n"))?.[1];
    if (!key) throw new Error("no key in the database");
    const code = createHmac("sha256", key).update(`track:${number}`).digest("hex").slice(0, 32);
    return `/track/${number}-${code}`;
  }

  /** Starts the process on the same folder and port, and waits until it is ready. */
  async restart(): Promise<void> {
    if (!this.hasEnded) throw new Error("it is still running");
    // A clean environment: an unknown VIGIA_ variable stops the start.
    const child = spawn(binary(), ["serve"], {
      cwd: this.folder,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        PATH: process.env.PATH,
        LANG: "es_VE.UTF-8",
        VIGIA_LISTEN: `127.0.0.1:${this.port}`,
        VIGIA_METRICS_LISTEN: `127.0.0.1:${this.metricsPort}`,
        VIGIA_PUBLIC_URL: this.url,
        VIGIA_DATA: this.folder,
        VIGIA_DEMO: this.demo,
        // Each test names its sender's address: customers are not all behind one.
        VIGIA_TRUSTED_PROXIES: "127.0.0.1",
        // Receivers of webhooks stand on this machine.
        VIGIA_WEBHOOKS_ALLOWED_NETWORKS: "127.0.0.1",
        VIGIA_SITE: process.env.VIGIA_SITE ?? join(root, "dist"),
        VIGIA_MAIL_SMTP_HOST: "127.0.0.1",
        VIGIA_MAIL_SMTP_PORT: String(this.mailbox.port),
        VIGIA_MAIL_SMTP_TLS: "none",
        VIGIA_MAIL_FROM_ADDRESS: "casos@vigia.example",
      },
    });
    this.process = child;
    this.hasEnded = false;
    child.stdout?.resume();
    child.stderr?.on("data", (data) => (this.log += data));
    this.ended = new Promise((told) => {
      const end = (how: string) => {
        this.hasEnded = true;
        told(how);
      };
      child.once("error", (error) => end(String(error)));
      child.once("exit", (code, signal) => end(signal ?? `code ${code}`));
    });
    // A debug build takes long to hash the demonstration's passwords.
    await until("the desk is ready", () => this.isReady(), 120_000);
  }

  private async isReady(): Promise<boolean> {
    if (this.hasEnded) throw new Error(`the desk ended at once: ${await this.ended}\n${this.log}`);
    return fetch(`${this.url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
  }

  /** Kills the process, like a power cut. */
  async kill(): Promise<void> {
    this.process?.kill("SIGKILL");
    const how = await this.ended;
    if (how !== "SIGKILL") throw new Error(`it was not the kill that ended the desk: ${how}\n${this.log}`);
  }

  /** Stops the process as an operator would; it must end by itself, with success. */
  async stop(): Promise<void> {
    if (this.hasEnded) throw new Error(`the desk had ended: ${await this.ended}\n${this.log}`);
    this.process?.kill("SIGTERM");
    const tooLong = setTimeout(() => this.process?.kill("SIGKILL"), 25_000);
    const how = await this.ended;
    clearTimeout(tooLong);
    await this.mailbox.close();
    await rm(this.folder, { recursive: true, force: true });
    if (how !== "code 0") throw new Error(`the desk did not end well: ${how}\n${this.log}`);
  }

  /** The value of a metric. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.metricsUrl}/metrics`)).text();
    const value = new RegExp(`^${name} (\\d+)$`, "m").exec(text)?.[1];
    if (value === undefined) throw new Error(`no ${name} in:\n${text}`);
    return Number(value);
  }
}
