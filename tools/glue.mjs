// glue.mjs FOLDER NAME: makes NAME.js and the imports of NAME_bg.wasm in FOLDER smaller, after `wasm-opt`.
//
// wasm-bindgen writes a function for each import before it is known which of them the code still calls, under a name with a
// hash that no compressor can shorten, and classes for streams that no page reads.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const [folder, name] = process.argv.slice(2);
const files = { wasm: join(folder, `${name}_bg.wasm`), js: join(folder, `${name}.js`) };
/** The id of the section of imports, and the only kind of import that has a single number after its kind. */
const IMPORTS = 2;
const FUNCTION = 0;
/** The module that stands for the glue. */
const GLUE = `./${name}_bg.js`;

const { code, names } = renamed(await readFile(files.wasm));
await writeFile(files.wasm, code);
await writeFile(files.js, slim(await readFile(files.js, "utf8"), names));

/** The code with short names for its imports from the glue; and those names by the former ones. */
function renamed(wasm) {
  const names = new Map();
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return wasm.toString("utf8", at - length, at);
  };
  while (at < wasm.length) {
    const start = at;
    const id = wasm[at++];
    const end = number() + at;
    if (id !== IMPORTS) {
      at = end;
      continue;
    }
    const count = number();
    const parts = [written(count)];
    for (let left = count; left > 0; left--) {
      const from = text();
      const field = text();
      const kind = wasm[at];
      if (kind !== FUNCTION) throw new Error(`${name}: the import ${field} is no function`);
      const begin = at++;
      number();
      if (from === GLUE && !names.has(field)) names.set(field, names.size.toString(36));
      parts.push(named(from), named(from === GLUE ? names.get(field) : field), wasm.subarray(begin, at));
    }
    const section = Buffer.concat(parts);
    return { code: Buffer.concat([wasm.subarray(0, start), Buffer.from([id]), written(section.length), section, wasm.subarray(end)]), names };
  }
  return { code: wasm, names };
}

function written(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}

function named(text) {
  const bytes = Buffer.from(text);
  return Buffer.concat([written(bytes.length), bytes]);
}

/** The glue with the imports of `names` alone, without what nothing names, comments and indentation. */
function slim(js, names) {
  const lines = js.replace(/^\s*\/\*\*[\s\S]*?\*\/\n/gm, "").replace(/^\s*\/\/.*\n/gm, "").split("\n");
  const begins = lines.findIndex((line) => line.startsWith("    const import0 = {"));
  const ends = lines.indexOf("    };", begins);
  const kept = [];
  let isKept = true;
  for (const line of lines.slice(begins + 1, ends)) {
    const entry = /^ {8}(\w+)(: .*)$/.exec(line);
    if (entry) isKept = names.has(entry[1]) || entry[1] === "__proto__";
    if (!isKept) continue;
    const short = entry && names.get(entry[1]);
    kept.push(short === undefined || short === null ? line : `"${short}"${entry[2]}`);
  }
  const found = kept.filter((line) => /^"\w+": /.test(line)).length;
  if (begins < 0 || ends < 0 || found !== names.size) throw new Error(`${name}.js: ${found} of ${names.size} imports were found`);
  let whole = [...lines.slice(0, begins + 1), ...kept, ...lines.slice(ends)].join("\n");
  whole = whole
    .replace(/^export class IntoUnderlying\w+ \{\n[\s\S]*?\n\}\n/gm, "")
    .replace(/^if \(Symbol\.dispose\) IntoUnderlying.*\n/gm, "");
  for (let before = ""; before !== whole; ) {
    before = whole;
    for (const [block, own] of whole.matchAll(/^(?:async )?function (\w+)\([\s\S]*?\n\}\n|^const (?!\{)(\w+) = [\s\S]*?;\n/gm)) {
      const of = own ?? /^const (\w+)/.exec(block)[1];
      if (whole.split(new RegExp(`\\b${of}\\b`)).length === 2) whole = whole.replace(block, () => "");
    }
  }
  return whole.replace(/^\s+/gm, "");
}
