#!/usr/bin/env bash
# Daily work: builds with the quick profile, starts the server, and does both again whenever a source file changes. `cargo
# leptos watch` knows one bundle, and the wall has its own (docs/decisions/0002).
set -uo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh || exit 1

stamp=$CARGO_TARGET_DIR/tools/dev.stamp
server=

stop() {
  [ -n "$server" ] || return
  kill "$server" 2>/dev/null
  wait "$server" 2>/dev/null
  server=
}
trap stop EXIT
trap 'exit 130' INT TERM

changed() {
  [ -n "$(find Cargo.toml Cargo.lock app desk domain server style public -newer "$stamp" -type f -print -quit)" ]
}

mkdir -p "${stamp%/*}"
while true; do
  touch "$stamp"
  if cargo build && tools/bundle.sh --dev; then
    stop
    "$CARGO_TARGET_DIR/debug/vigia" serve "$@" &
    server=$!
  else
    echo "— as it was: the last build that worked runs on —" >&2
  fi
  until changed; do sleep 0.5; done
done
