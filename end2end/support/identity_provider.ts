import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { freePort } from "./desk";

/** What the provider says of a person. */
export interface Claims {
  name: string;
  email: string;
  groups?: string[];
}

/** A real identity provider, for as long as a test's worker runs. */
export class IdentityProvider {
  private constructor(
    private readonly process: ChildProcess,
    readonly issuer: string,
  ) {}

  /** Starts it for the desk at an address. */
  static async start(desk: string): Promise<IdentityProvider> {
    const port = await freePort();
    const script = join(__dirname, "identity_provider.mjs");
    const child = spawn(process.execPath, [script, desk, String(port)], { stdio: ["ignore", "pipe", "pipe"] });
    let log = "";
    child.stderr?.on("data", (data) => (log += data));
    await new Promise<void>((ready, failed) => {
      child.stdout?.on("data", (data) => String(data).includes("ready") && ready());
      child.on("exit", (code) => failed(new Error(`the identity provider ended with ${code}: ${log}`)));
    });
    return new IdentityProvider(child, `http://127.0.0.1:${port}`);
  }

  /** From now on it says this of a person. */
  async says(id: string, claims: Claims): Promise<void> {
    const answer = await fetch(`${this.issuer}/people`, { method: "POST", body: JSON.stringify({ id, ...claims }) });
    if (answer.status !== 204) throw new Error(`the identity provider answered ${answer.status}`);
  }

  stop(): void {
    this.process.kill();
  }
}
