// assets.mjs dev|release STAGING PUBLIC DIST: fills DIST as the server serves it.
//
// DIST/        the files of PUBLIC, under their own names
// DIST/pkg/    the bundles under names with the hash of their content, to be cached for ever,
//              and `manifest.json` with these names: {"form.js": "form.3f2a9c1b77.js", ...}
//
// The names follow leptos' own hashed files: NAME.HASH.js, NAME.HASH.wasm, NAME.HASH.css. A release also gets each file as
// .br and .gz beside it, where that saves anything.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const faces = ["form", "track", "workspace", "admin", "wall"];
/** Bytes that a first visit may cost (docs/decisions/0002). */
const aims = { form: 300_000, wall: 200_000 };
const compressible = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);

const [kind, staging, publicFolder, dist] = process.argv.slice(2);
/** Words in every language that `tools/words` wrote them in. */
const words = (await readdir(staging)).filter((name) => /^[a-z]+\.[a-z]+\.json$/.test(name));
const bundles = ["vigia.css", ...faces.flatMap((face) => [`${face}.js`, `${face}_bg.wasm`]), ...words];
const next = `${dist}.next`;
const old = `${dist}.old`;

await rm(next, { recursive: true, force: true });
await cp(publicFolder, next, { recursive: true });
await mkdir(join(next, "pkg"), { recursive: true });
const manifest = Object.fromEntries(await Promise.all(bundles.map(hashed)));
await copySnippets();
await writeFile(join(next, "pkg", "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
if (kind === "release") {
  await compressAll();
  await report();
}
// A running server never sees half a folder.
await rm(old, { recursive: true, force: true });
if (await exists(dist)) await rename(dist, old);
await rename(next, dist);
await rm(old, { recursive: true, force: true });

/** Copies one bundle under its hashed name; returns both names. */
async function hashed(name) {
  const content = await readFile(join(staging, name));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const extension = extname(name);
  const hashedName = `${basename(name, extension).replace(/_bg$/, "")}.${hash}${extension}`;
  await writeFile(join(next, "pkg", hashedName), content);
  return [name, hashedName];
}

/** The pieces of JavaScript that crates bring along are imported by relative paths, which hold a hash already. */
async function copySnippets() {
  const snippets = join(staging, "snippets");
  if (await exists(snippets)) await cp(snippets, join(next, "pkg", "snippets"), { recursive: true });
}

async function compressAll() {
  const entries = await readdir(next, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && compressible.has(extname(entry.name)));
  await Promise.all(files.map((entry) => compress(join(entry.parentPath ?? entry.path, entry.name))));
}

async function compress(file) {
  const content = await readFile(file);
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(content, brotli),
    promisify(gzip)(content, { level: 9 }),
  ]);
  if (br.length < content.length) await writeFile(`${file}.br`, br);
  if (gz.length < content.length) await writeFile(`${file}.gz`, gz);
}

/** What a first visit costs, as brotli. What is larger than its aim is not shipped. */
async function report() {
  const size = async (name) => {
    const file = join(next, "pkg", manifest[name]);
    return (await stat((await exists(`${file}.br`)) ? `${file}.br` : file)).size;
  };
  for (const page of faces) {
    const sizes = await Promise.all([`${page}_bg.wasm`, `${page}.js`, `${page}.es.json`, "vigia.css"].map(size));
    const total = sizes.reduce((a, b) => a + b);
    const [wasm, js, words, css, sum] = [...sizes, total].map((bytes) => `${(bytes / 1000).toFixed(1)} kB`);
    console.log(`${page}: ${sum} as brotli (wasm ${wasm}, js ${js}, words ${words}, css ${css})`);
    if (total >= aims[page]) throw new Error(`${page}: ${sum} are more than its aim of ${aims[page] / 1000} kB`);
  }
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
