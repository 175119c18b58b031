#!/usr/bin/env bash
# Measures the release build, on SQLite and on a temporary PostgreSQL server: bench/main.py. Each figure stands beside its
# baseline of the same run. Called by `make bench`; takes some six minutes. `make bench AGAINST=COMMIT` builds that commit as
# well, and measures both in turn: bench/against.py.
set -euo pipefail
cd "$(dirname "$0")/.."
export PYTHONDONTWRITEBYTECODE=1

command -v python3 >/dev/null || { echo "make bench needs python3" >&2 && exit 1; }
[ -x target/release/vigia ] || { echo "make bench needs the release: make build" >&2 && exit 1; }

python3 bench/main.py sqlite
if ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null; then
  tools/postgres.sh --durable python3 bench/main.py postgres
else
  echo "PostgreSQL | skipped: its programs are not here (tools/needs.sh test)"
fi
if [ -n "${AGAINST:-}" ]; then
  tree=target/against/$AGAINST
  [ -d "$tree" ] || { mkdir -p "$tree" && git archive "$AGAINST" | tar --extract --directory "$tree"; }
  (cd "$tree" && tools/cargo build --release --quiet --bin vigia)
  python3 bench/against.py "$AGAINST" "$tree/target/release/vigia"
  python3 bench/instructions.py "$AGAINST" "$tree/target/release/vigia"
fi
tools/cargo run --release --quiet -p domain --example business_time
