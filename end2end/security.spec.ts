import { request } from "node:http";
import { PASSWORD, ADMINISTRATOR } from "./support/desk";
import { acknowledged, freshKey, open, post, report } from "./support/report";
import { bare as test, expect } from "./support/test";

const JSON_TYPE = { "content-type": "application/json" };

test("cross-site writes are refused, and change nothing", async ({ desk, request }) => {
  const before = await desk.metric("vigia_cases_open");
  const foreign = [
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { origin: "https://evil.example" },
    { origin: "null" },
  ];
  for (const headers of foreign) {
    const form = await request.post("/", { headers, form: report(), maxRedirects: 0 });
    expect(form.status(), JSON.stringify(headers)).toBe(403);
    for (const path of ["/api/open_case", "/api/start_form"]) {
      const data = { key: freshKey(), form: report(), who: "customer" };
      const answer = await request.post(path, { headers: { ...headers, ...JSON_TYPE }, data });
      expect(answer.status(), `${path} ${JSON.stringify(headers)}`).toBe(403);
    }
    const plain = await request.post("/api/start_form", { headers: { ...headers, "content-type": "text/plain" }, data: "{}" });
    expect(plain.status()).toBe(403);
    const signIn = await request.post("/desk/sign-in", { headers, form: { mail: "a@b.example", password: "x" } });
    expect(signIn.status()).toBe(403);
  }
  expect(await desk.metric("vigia_cases_open")).toBe(before);
  const data = { who: "customer", follows: "" };
  const own = await request.post("/api/start_form", { headers: { "sec-fetch-site": "same-origin", ...JSON_TYPE }, data });
  expect(own.status(), "a page of ours may").toBe(200);
});

test("every answer has its security headers", async ({ request }) => {
  const policies = new Set<string>();
  for (const path of ["/", "/desk/sign-in", "/desk", "/nowhere", "/track/VE2600000100-00000000000000000000000000000000"]) {
    const answer = await request.get(path);
    const headers = answer.headers();
    const policy = headers["content-security-policy"] ?? "";
    expect(policy, path).toMatch(/^default-src 'none'; script-src 'self' 'nonce-[^']{16,}' 'wasm-unsafe-eval';/);
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toMatch(/unsafe-inline|'unsafe-eval'/);
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    expect(await answer.text(), `${path}: the scripts carry the nonce`).toContain(`nonce="${nonce}"`);
    policies.add(policy);
    common(headers, path);
  }
  expect(policies.size, "a nonce each").toBe(5);
  const errors = [
    await request.post("/", { headers: { "sec-fetch-site": "cross-site" } }),
    await request.post("/nowhere"),
    await request.post("/api/start_form", { headers: JSON_TYPE, data: "{" }),
    await request.get("/healthz"),
    await request.get("/board/wrong"),
  ];
  for (const answer of errors) {
    expect(answer.headers()["content-security-policy"], answer.url()).toContain("default-src 'none'");
    common(answer.headers(), answer.url());
  }
});

function common(headers: Record<string, string>, where: string): void {
  expect(headers["x-content-type-options"], where).toBe("nosniff");
  expect(headers["referrer-policy"], where).toBe("same-origin");
  expect(headers["cache-control"], where).toBe("no-store");
  expect(headers["x-request-id"], where).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers["server"], where).toBeUndefined();
}

test("files that browsers cache for ever are named after their content", async ({ request }) => {
  const page = await (await request.get("/")).text();
  const files = [...new Set(page.match(/\/pkg\/[^"']+/g))];
  expect(files.length).toBeGreaterThanOrEqual(3);
  for (const file of files) {
    const answer = await request.get(file, { headers: { "accept-encoding": "br" } });
    expect(answer.status(), file).toBe(200);
    expect(answer.headers()["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(answer.headers()["x-content-type-options"]).toBe("nosniff");
  }
});

test("a body that is too large is not read", async ({ desk }) => {
  for (const [path, type] of [
    ["/", "application/x-www-form-urlencoded"],
    ["/api/open_case", "application/json"],
  ] as const) {
    // Announced and never sent: a server that waited for the body would not answer.
    const head = { "content-type": type, "content-length": String(300 * 1024) };
    expect(await statusOfHead(desk.url + path, head), path).toBe(413);
  }
});

/** Posts the head of a request alone; the status of the answer. */
function statusOfHead(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((answered, failed) => {
    const sent = request(url, { method: "POST", headers });
    sent.on("response", (response) => {
      answered(response.statusCode);
      sent.destroy();
    });
    sent.on("error", failed);
    sent.flushHeaders();
  });
}

test("a malformed request is a client error", async ({ request }) => {
  for (const data of ["{", "[]", '{"key":1}', '{"key":"k","form":{"hacked":"1"},"who":"customer"}']) {
    const status = (await request.post("/api/open_case", { headers: JSON_TYPE, data })).status();
    expect(status, data).toBeGreaterThanOrEqual(400);
    expect(status, data).toBeLessThan(500);
  }
});

test("a link with a wrong code gives the same answer as one of no case", async ({ desk, request }) => {
  const tracking = await open(desk.url);
  const [number = "", code = ""] = tracking.split("-");
  const wrong = [
    `${number}-${flip(code)}`,
    `${number}-${"0".repeat(32)}`,
    `${number}-${code.toUpperCase()}`.replace(/[A-F]{1}.*$/, "A".repeat(8)),
    number,
    `${number}-`,
    `VE2699999999-${code}`,
    `VE2600000100-${"0".repeat(32)}`,
    "%00",
    "%",
  ];
  const seen = new Set<string>();
  for (const link of wrong) {
    for (const page of ["track", "opened"]) {
      const answer = await request.get(`/${page}/${link}`);
      expect(answer.status(), `/${page}/${link}`).toBe(404);
      if (page === "track" && !link.includes("%")) seen.add(same(await answer.text(), link));
    }
    if (link.includes("%")) continue;
    expect((await request.get(`/events/case/${link}`)).status(), `/events/case/${link}`).toBe(404);
    const read = await request.post("/api/tracked_case", { headers: JSON_TYPE, data: { tracking: link } });
    expect(read.status()).toBe(404);
  }
  expect([...seen], "one and the same answer").toHaveLength(1);
  expect((await request.get(`/track/${tracking}`)).status()).toBe(200);
});

/** An answer without the parts that differ between any two answers. */
function same(page: string, link: string): string {
  const nonce = /nonce="([^"]+)"/.exec(page)?.[1] ?? "no nonce";
  return page.replaceAll(nonce, "").replaceAll(link, "");
}

function flip(code: string): string {
  return (code.startsWith("0") ? "1" : "0") + code.slice(1);
}

test("metrics have an address of their own", async ({ request, desk }) => {
  expect((await request.get("/metrics")).status()).toBe(404);
  const figures = await request.get(`${desk.metricsUrl}/metrics`);
  expect(figures.status()).toBe(200);
  expect(await figures.text()).toContain("vigia_cases_open ");
  expect((await request.get(`${desk.metricsUrl}/desk/sign-in`)).status()).toBe(404);
});

test("a sign-in redirects to no other site", async ({ request }) => {
  for (const next of ["//evil.example", "/\\evil.example", "https://evil.example", "/desk\r\nSet-Cookie: x=1", "javascript:alert(1)"]) {
    const form = { mail: ADMINISTRATOR.mail, password: PASSWORD, next };
    const answer = await request.post("/desk/sign-in", { form, maxRedirects: 0 });
    expect(answer.status(), next).toBe(303);
    expect(answer.headers()["location"], next).toBe("/desk");
    expect(answer.headers()["set-cookie"], next).not.toContain("x=1");
    const page = await request.get(`/desk/sign-in?next=${encodeURIComponent(next)}`);
    expect(await page.text(), next).not.toContain("evil");
  }
});

test("a session belongs to one browser, and ends with the sign-out", async ({ desk, playwright, request }) => {
  const form = { mail: ADMINISTRATOR.mail, password: PASSWORD, next: "/desk" };
  const answer = await request.post("/desk/sign-in", { form, maxRedirects: 0 });
  const cookie = answer.headers()["set-cookie"] ?? "";
  expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
  const asked = { headers: JSON_TYPE, data: {} };
  expect((await request.post("/api/signed_in", asked)).status()).toBe(200);
  const held = await playwright.request.newContext({ baseURL: desk.url, extraHTTPHeaders: { cookie: cookie.split(";")[0] ?? "" } });
  expect((await held.post("/api/signed_in", asked)).status()).toBe(200);
  await request.post("/desk/sign-out");
  expect((await held.post("/api/signed_in", asked)).status(), "a copy of the cookie is worth nothing now").toBe(401);
  await held.dispose();
});

test("strangers read neither queue nor wall", async ({ request }) => {
  expect((await request.get("/events/board")).status()).toBe(403);
  expect((await request.get("/events/file/VE2600421392")).status()).toBe(403);
  const queue = { headers: JSON_TYPE, data: { state: "open", country: null, whose: "anybodys", page: 1 } };
  expect((await request.post("/api/queue_page", queue)).status()).toBe(401);
  expect((await request.get("/board", { maxRedirects: 0 })).headers()["location"]).toMatch(/^\/desk\/sign-in/);
  expect((await request.get(`/board/${"0".repeat(64)}`)).status()).toBe(404);
});

test("the same submission gives the same case to any sender", async ({ desk }) => {
  const before = await desk.metric("vigia_cases_open");
  const own = report();
  const answers = await Promise.all(Array.from({ length: 6 }, () => post(desk.url, own)));
  const trackings = new Set(answers.map(acknowledged));
  expect([...trackings]).toHaveLength(1);
  expect([...trackings][0]).toBeDefined();
  expect(await desk.metric("vigia_cases_open")).toBe(before + 1);
});
