#!/usr/bin/env bash
# Makes dist/, what browsers load: a bundle of WebAssembly for each face (`app/faces/`), the style and
# public/ (docs/decisions/0002). With --dev: quick to build, large, not compressed; the names are the same.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh

case ${1:-} in
  --dev) kind=dev profile=dev built=debug host=debug ;;
  '') kind=release profile=wasm-release built=wasm-release host=release ;;
  *) echo "usage: bundle.sh [--dev]" >&2 && exit 2 ;;
esac
staging=$CARGO_TARGET_DIR/bundle/$kind
mkdir -p "$staging"
touch "$staging/begun"

# The oldest browsers that every page works in (README): what they lack is written in older words. Sheets are dialogs, the
# WebAssembly asks for no more than they have. `end2end/engines.spec.ts` opens the pages in three engines, one of them about as old.
readonly oldest_browsers='safari 16, ios_saf 16, chrome 109, firefox 115'

# Exactly what rustc's own output uses: wasm-opt would refuse it otherwise.
shrink() {
  tools/web/node_modules/.bin/wasm-opt -Oz --enable-bulk-memory --enable-nontrapping-float-to-int --enable-sign-ext \
    --enable-mutable-globals --enable-reference-types --enable-multivalue "$1" -o "$1.small"
  mv "$1.small" "$1"
}

# bundle FACE: what rustc has made of it, as browsers load it.
bundle() {
  local name=$1 wasm=$CARGO_TARGET_DIR/wasm32-unknown-unknown/$built/$1.wasm seen=$staging/$1.seen
  cmp -s "$wasm" "$seen" && return
  rm -f "$seen"
  "$CARGO_TARGET_DIR/$host/bindgen" "$wasm" "$staging" "$name"
  [ "$kind" = dev ] || shrink "$staging/${name}_bg.wasm"
  cp "$wasm" "$seen"
}

style() {
  local minify=--minify
  [ "$kind" = release ] || minify=
  tools/web/node_modules/.bin/lightningcss --bundle $minify --targets "$oldest_browsers" style/main.css -o "$staging/vigia.css"
}

# All at once: `app` is compiled for them once, and each takes from it what it shows.
cargo build -p form -p track -p workspace -p admin -p wall --features app/hydrate --target wasm32-unknown-unknown --profile "$profile"
# Last, and with all that runs on this machine: cargo compiles for another selection once more, and `make test` is at it meanwhile.
if [ "$kind" = dev ]; then cargo build; else cargo build --release; fi
for face in form track workspace admin wall; do bundle "$face"; done
"$CARGO_TARGET_DIR/$host/words" "$staging"
style
node tools/assets.mjs "$kind" "$staging" public dist
# For make: what changed meanwhile is not in it.
[ "$kind" = dev ] || touch -r "$staging/begun" dist/.release
