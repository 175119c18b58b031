// assets.mjs dev|release STAGING PUBLIC DIST: fills DIST as the server serves it.
//
// DIST/        the files of PUBLIC, under their own names
// DIST/pkg/    the bundles under names with the hash of their content, to be cached for ever, and `manifest.json`:
//              {"files": {"form.js": "form.3f2a9c1b77/form.js", ...}, "parts": {"intake": ["workspace.61c0.../...", ...]}}
//
// The files of a bundle name each other, so they share a folder, FACE.HASH. Style and words are NAME.HASH.css and .json. A
// release also gets each file as .br and .gz beside it, where that saves anything.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, extname, join, relative } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const faces = ["form", "track", "workspace", "admin", "wall", "verify"];
/** Bytes of brotli that a first visit may cost, and of a part the first page that needs it (docs/decisions/0050). */
const budgets = {
  form: 187_000,
  track: 328_000,
  workspace: 284_000,
  admin: 269_000,
  wall: 166_000,
  verify: 400_000,
  "form/form_part": 87_000,
  "workspace/case_file": 363_000,
  "workspace/intake": 190_000,
  "workspace/office": 358_000,
};
const compressible = new Set([".css", ".html", ".js", ".json", ".svg", ".txt", ".wasm", ".webmanifest", ".xml"]);

const [kind, staging, publicFolder, dist] = process.argv.slice(2);
/** Words in every language that `tools/words` wrote them in. */
const words = (await readdir(staging)).filter((name) => /^[a-z]+\.[a-z]+\.json$/.test(name));
const sheets = { form: "vigia.css", track: "vigia.css", workspace: "vigia.css", admin: "admin.css", wall: "wall.css", verify: "verify.css" };
const single = [...new Set(Object.values(sheets)), ...words];
const next = `${dist}.next`;
const old = `${dist}.old`;

await rm(next, { recursive: true, force: true });
await cp(publicFolder, next, { recursive: true });
await mkdir(join(next, "pkg"), { recursive: true });
const manifest = { files: Object.fromEntries(await Promise.all(single.map(hashed))), parts: {} };
for (const face of faces) await addBundle(face);
await addKeptPage();
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

/** Copies one file under its hashed name; returns both names. */
async function hashed(name) {
  const content = await readFile(join(staging, name));
  const extension = extname(name);
  const hashedName = `${basename(name, extension)}.${digest([content])}${extension}`;
  await writeFile(join(next, "pkg", hashedName), content);
  return [name, hashedName];
}

function digest(contents) {
  const hash = createHash("sha256");
  for (const content of contents) hash.update(content);
  return hash.digest("hex").slice(0, 10);
}

/** Copies the folder of a bundle, with the pieces of JavaScript that crates bring along, under its hashed name. */
async function addBundle(face) {
  const folder = join(staging, face);
  const list = `${face}_parts.json`;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)));
  const files = names.filter((name) => name !== list).sort();
  const hashedFolder = `${face}.${digest(await Promise.all(files.map((name) => readFile(join(folder, name)))))}`;
  for (const name of files) await cp(join(folder, name), join(next, "pkg", hashedFolder, name));
  for (const name of [`${face}.js`, `${face}_bg.wasm`]) manifest.files[name] = `${hashedFolder}/${name}`;
  if (!names.includes(list)) return;
  manifest.files[`${face}_link.js`] = `${hashedFolder}/${face}_link.js`;
  const parts = JSON.parse(await readFile(join(folder, list), "utf8"));
  for (const [part, of] of Object.entries(parts)) manifest.parts[part] = of.map((name) => `${hashedFolder}/${name}`);
}

/**
 * Writes the template of the page that verifies proofs as one file: style, script and WebAssembly are in it, and nothing is
 * loaded. The server fills the places between `@@` with language, words and key (`app/src/verify/kept.rs`). An import or the end
 * of a script in the script would break it.
 */
async function addKeptPage() {
  const folder = join(staging, "verify");
  const css = await readFile(join(staging, sheets.verify), "utf8");
  const js = await readFile(join(folder, "verify.js"), "utf8");
  const wasm = (await readFile(join(folder, "verify_bg.wasm"))).toString("base64");
  const init = /export \{[^}]*?(\w+) as default\b/.exec(js)?.[1];
  if (!init || /^\s*import\b|import\.meta/m.test(js) || /<\/script|@@/i.test(js) || /<\/style|@@|url\(/i.test(css)) {
    throw new Error("the page that verifies proofs does not fit into one file");
  }
  const policy =
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
  const page = [
    '<!DOCTYPE html>\n<html lang="@@language@@" data-kept>\n<head>\n<meta charset="utf-8">\n',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">\n`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n',
    "<title>@@title@@</title>\n@@head@@\n<style>",
    css,
    '</style>\n</head>\n<body>\n<noscript>@@needs_script@@</noscript>\n<script type="application/json" id="words">@@words@@</script>\n',
    '<script type="module">\n',
    js,
    `\nconst code = Uint8Array.from(atob("${wasm}"), (sign) => sign.charCodeAt(0));\n`,
    `await ${init}({ module_or_path: code });\nhydrate(document.getElementById("words").textContent);\n`,
    "</script>\n</body>\n</html>\n",
  ].join("");
  const name = `kept.${digest([page])}.html`;
  await writeFile(join(next, "pkg", name), page);
  manifest.files["kept.html"] = name;
}

async function compressAll() {
  const entries = await readdir(next, { recursive: true, withFileTypes: true });
  // The server fills the kept page before it sends it.
  const isSent = (entry) => entry.isFile() && !entry.name.startsWith("kept.");
  const files = entries.filter((entry) => isSent(entry) && compressible.has(extname(entry.name)));
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

/** What a first visit costs, as brotli. What is larger than its budget is not shipped. */
async function report() {
  const size = async (name) => {
    const file = join(next, "pkg", name);
    return (await stat((await exists(`${file}.br`)) ? `${file}.br` : file)).size;
  };
  const kilo = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const tooLarge = [];
  const weigh = async (page, names) => {
    const sizes = await Promise.all(Object.values(names).map(size));
    const total = sizes.reduce((a, b) => a + b, 0);
    const each = Object.keys(names).map((kind, at) => `${kind} ${kilo(sizes[at])}`);
    console.log(`${page}: ${kilo(total)} as brotli (${each.join(", ")})`);
    if (!(total <= budgets[page])) tooLarge.push(`${page}: ${kilo(total)} are more than its budget of ${kilo(budgets[page])}`);
  };
  const { files, parts } = manifest;
  for (const face of faces) {
    const link = files[`${face}_link.js`];
    await weigh(face, {
      wasm: files[`${face}_bg.wasm`],
      js: files[`${face}.js`],
      ...(link && { link }),
      words: files[`${face}.es.json`],
      css: files[sheets[face]],
    });
  }
  for (const [part, of] of Object.entries(parts)) {
    const face = of[0].split(".")[0];
    const words = face === "workspace" && { words: files["parts.es.json"] };
    await weigh(`${face}/${part}`, { ...words, ...Object.fromEntries(of.map((name) => [basename(name, ".wasm"), name])) });
  }
  if (tooLarge.length > 0) throw new Error(tooLarge.join("\n"));
}

async function exists(path) {
  return stat(path).then(
    () => true,
    () => false,
  );
}
