#!/usr/bin/env bash
# postgres.sh [--durable] COMMAND…: runs COMMAND with VIGIA_TEST_POSTGRES_URL set to a PostgreSQL server of its own. The
# server lives in a temporary folder, on a free port of the loopback, and is removed afterwards. With --durable it survives a
# power cut, as in production: for measuring. Tests need no disk: where memory has room, the folder is there. On ext4 half of
# the tests' time went into looking for inodes that were not deleted just now: each database is 300 files.
set -euo pipefail

settings='-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=256MB'
place=/tmp
# has_room MEGABYTES FOLDER: whether a folder of the memory is there, with as much room.
has_room() { [ -d "$2" ] && [ -w "$2" ] && [ "$(df --output=avail -BM "$2" | tr -dc 0-9)" -ge "$1" ]; }
if has_room 2000 /dev/shm; then place=/dev/shm; fi
if [ "${1:-}" = --durable ]; then
  settings=
  place=/tmp
  shift
fi
[ $# -gt 0 ] || { echo "usage: postgres.sh [--durable] COMMAND…" >&2 && exit 2; }

if initdb=$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1) && [ -n "$initdb" ]; then
  programs=${initdb%/*}
elif command -v initdb >/dev/null; then
  programs=$(dirname "$(readlink -f "$(command -v initdb)")")
else
  echo "PostgreSQL's programs are missing: run tools/needs.sh test" >&2 && exit 1
fi

# PostgreSQL refuses to run as root, and its user may not read the working directory.
as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi
}

folder=$(as_postgres mktemp -d "$place/vigia-postgres.XXXXXX")
stop() {
  as_postgres "$programs/pg_ctl" -D "$folder/data" -m immediate -s stop 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
as_postgres sh -c 'umask 077 && printf %s "$1" >"$2/password"' sh "$password" "$folder"
as_postgres "$programs/initdb" -D "$folder/data" -U vigia --pwfile="$folder/password" --auth=scram-sha-256 \
  --encoding=UTF8 --locale=C --no-sync >"$folder.initdb" 2>&1 || { cat "$folder.initdb" >&2 && exit 1; }
rm -f "$folder.initdb"

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# Another program may take the port first: then another one is tried.
for _ in 1 2 3 4 5; do
  port=$(free_port)
  if as_postgres "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -s -w start \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=200 $settings"; then
    started=$port
    break
  fi
done
[ -n "${started:-}" ] || { as_postgres cat "$folder/log" >&2 && exit 1; }

PGPASSWORD=$password "$programs/createdb" -h 127.0.0.1 -p "$port" -U vigia vigia
export VIGIA_TEST_POSTGRES_URL="postgres://vigia:$password@127.0.0.1:$port/vigia"
"$@"
