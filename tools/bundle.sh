#!/usr/bin/env bash
# Makes dist/, the files for browsers: a WebAssembly bundle for each face (`app/faces/`), the style and public/
# (docs/decisions/0002). With --dev: quick to build, large, not compressed; the names are the same. BUILD_PROFILE is cargo's
# profile of the programs that make them.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh

case ${1:-} in
  --dev) kind=dev profile=dev built=debug host=debug ;;
  '') kind=release profile=wasm-release built=wasm-release host=${BUILD_PROFILE:-release} ;;
  *) echo "usage: bundle.sh [--dev]" >&2 && exit 2 ;;
esac
staging=$CARGO_TARGET_DIR/bundle/$kind
mkdir -p "$staging"
touch "$staging/begun"

# The oldest browsers that every page works in (README): lightningcss lowers the style to them. Dialogs and the WebAssembly
# need no newer ones. `end2end/engines.spec.ts` opens the pages in three engines, one of them about as old.
readonly oldest_browsers='safari 16, ios_saf 16, chrome 109, firefox 115'

# The features of rustc's own output: wasm-opt refuses it without these flags. Rust never uses the first kilobyte of memory.
shrink() {
  tools/web/node_modules/.bin/wasm-opt --flatten --rereloop -Oz -Oz --low-memory-unused --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue "$1" -o "$1.small"
  mv "$1.small" "$1"
}

# bundle FACE: makes the browser's files in a folder of its own from cargo's output, if that changed. Form and workspace have
# parts, each a file.
bundle() {
  local name=$1 wasm=$CARGO_TARGET_DIR/wasm32-unknown-unknown/$built/$1.wasm into=$staging/$1 seen=$staging/$1.seen file
  cmp -s "$wasm" "$seen" && return
  rm -rf "$seen" "$into"
  mkdir "$into"
  "$CARGO_TARGET_DIR/$host/bindgen" "$kind" "$wasm" "$into" "$name"
  if [ "$kind" = release ]; then
    for file in "$into"/*.wasm; do shrink "$file"; done
    node tools/glue.mjs "$into" "$name"
  fi
  cp "$wasm" "$seen"
}

# style SHEET NAME
style() {
  local minify=--minify
  [ "$kind" = release ] || minify=
  tools/web/node_modules/.bin/lightningcss --bundle $minify --targets "$oldest_browsers" "style/$1.css" -o "$staging/$2.css"
}

# One command, so that `app` is compiled once for all bundles.
cargo build -p form -p track -p workspace -p admin -p wall -p verify --features app/hydrate --target wasm32-unknown-unknown --profile "$profile"
# Last: cargo compiles the server for another selection, in parallel with `make test`.
if [ "$kind" = dev ]; then cargo build; else cargo build --profile "$host"; fi
for face in form track workspace admin wall verify; do bundle "$face"; done
"$CARGO_TARGET_DIR/$host/words" "$staging"
style main vigia
style admin admin
style wall wall
style verify verify
node tools/assets.mjs "$kind" "$staging" public dist
# The time of the start: files that changed during the build are not in it.
[ "$kind" = dev ] || touch -r "$staging/begun" dist/.release
