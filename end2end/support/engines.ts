import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { Builder, Capabilities, type WebDriver } from "selenium-webdriver";
import { until } from "./until";

/** A browser that Playwright does not drive: Debian's builds of other engines. */
export interface Engine {
  goto(address: string): Promise<void>;
  /** The value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  close(): Promise<void>;
}

const WEBKIT = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";
const WPE = "/usr/lib/x86_64-linux-gnu/wpe-webkit-1.1/MiniBrowser";

/** The engines by name: Firefox ESR, WebKitGTK (the current Safari's relative), and WPE 2.38 (about Safari 16, the floor). */
export const ENGINES = { firefox, webkit, wpe } as const;

/** Firefox ESR by WebDriver BiDi. */
async function firefox(): Promise<Engine> {
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: process.env.VIGIA_FIREFOX ?? "/usr/bin/firefox-esr",
    headless: true,
    timeout: 120_000,
    protocolTimeout: 180_000,
    // Not by setViewport, whose command this Firefox does not know.
    defaultViewport: null,
    args: ["--width=1366", "--height=768"],
    extraPrefsFirefox: { "intl.accept_languages": "es-VE, es" },
  });
  const page = await browser.newPage();
  page.setDefaultNavigationTimeout(120_000);
  return {
    goto: async (address) => void (await page.goto(address, { waitUntil: "load" })),
    evaluate: <T>(expression: string) => page.evaluate(expression) as Promise<T>,
    close: () => browser.close(),
  };
}

/** WebKitGTK's MiniBrowser, on a display of its own. */
function webkit(): Promise<Engine> {
  const options = { "webkitgtk:browserOptions": { binary: WEBKIT, args: ["--automation"] } };
  return driven(["xvfb-run", "-a", "-s", "-screen 0 1400x900x24", "WebKitWebDriver"], WEBKIT, options);
}

/** WPE's MiniBrowser, without a display. */
function wpe(): Promise<Engine> {
  const options = { "wpe:browserOptions": { binary: WPE, args: ["--automation", "--headless"] } };
  return driven(["WPEWebDriver"], WPE, options);
}

/** A browser with its own WebDriver server, which ends with it. */
async function driven(command: string[], browser: string, options: object): Promise<Engine> {
  if (!existsSync(browser)) throw new Error(`${browser} is not installed: run tools/needs.sh test`);
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), "vigia-engine-"));
  const [program = "", ...rest] = command;
  const server = spawn(program, [...rest, `--port=${port}`], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home, LANG: "es_VE.UTF-8", LANGUAGE: "es" },
  });
  const session = await until("the driver", () => connect(port, options, server), 120_000).catch((error) => {
    end(server);
    throw error;
  });
  return {
    goto: (address) => session.get(address),
    evaluate: <T>(expression: string) => session.executeScript<T>(`return ${expression}`),
    close: async () => {
      await session.quit().catch(() => undefined);
      end(server);
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function connect(port: number, options: object, server: ChildProcess): Promise<WebDriver | undefined> {
  if (server.exitCode !== null) throw new Error(`the driver ended with ${server.exitCode}`);
  const address = `http://127.0.0.1:${port}`;
  const isUp = await fetch(`${address}/status`).then((answer) => answer.ok, () => false);
  if (!isUp) return undefined;
  const wanted = new Capabilities({ browserName: "MiniBrowser", ...options });
  // A browser that did not start in time is asked for again.
  return new Builder().usingServer(address).withCapabilities(wanted).build().then((session) => session, () => undefined);
}

/** Ends the driver and its child processes. */
function end(server: ChildProcess): void {
  try {
    if (server.pid) process.kill(-server.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}
