#!/usr/bin/env bash
# fuzz-api.sh SECONDS [SEED]: asks the API of a desk of its own for so long, by schemathesis, with all checks, stateful too: no
# answer may be a 5xx, outside its schema, or given without a token. On PostgreSQL where VIGIA_TEST_POSTGRES_URL names a server.
# Installs the pinned schemathesis where it is missing; without PyPI it says that nothing was asked.
set -euo pipefail
cd "$(dirname "$0")/.."
readonly seconds=${1:?usage: fuzz-api.sh SECONDS [SEED]} seed=${2:-$RANDOM}
target=$(realpath --canonicalize-missing "${CARGO_TARGET_DIR:-target}")
binary=$(realpath --canonicalize-missing "${VIGIA_BIN:-$target/${BUILD_PROFILE:-release}/vigia}")
readonly target binary tool=$target/tools/schemathesis
readonly settings=$PWD/tools/schemathesis/schemathesis.toml pinned=$PWD/tools/schemathesis/requirements.txt
[ -x "$binary" ] || { echo "fuzz-api needs the server: make build" >&2 && exit 1; }

# The line for the end of `make test`.
say() {
  echo "$1" >"$target/fuzz-api.said"
  echo "fuzz-api: $1"
}

if ! cmp -s "$pinned" "$tool/installed"; then
  echo "Installing schemathesis …" >&2
  rm -rf "$tool"
  mkdir -p "${tool%/*}"
  if ! { python3 -m venv "$tool" && "$tool/bin/pip" install --quiet --disable-pip-version-check -r "$pinned"; } >&2; then
    say "API NOT FUZZED: schemathesis could not be installed"
    exit 0
  fi
  cp "$pinned" "$tool/installed"
fi

folder=$(mktemp -d)
desk=
stop() {
  [ -z "$desk" ] || kill "$desk" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
readonly url=http://127.0.0.1:$port
vigia=(env -i PATH="$PATH" HOME="$folder" LANG=en VIGIA_LISTEN="127.0.0.1:$port" VIGIA_PUBLIC_URL="$url" VIGIA_DATA="$folder/data"
  VIGIA_SITE="${VIGIA_SITE:-$PWD/dist}" VIGIA_DEMO=first-start VIGIA_LOG=warn
  ${VIGIA_TEST_POSTGRES_URL:+VIGIA_DATABASE="$VIGIA_TEST_POSTGRES_URL"} "$binary")
"${vigia[@]}" serve >/dev/null 2>"$folder/log" &
desk=$!
for _ in $(seq 600); do
  if curl --silent --fail --output /dev/null "$url/readyz"; then break; fi
  kill -0 "$desk" 2>/dev/null || { cat "$folder/log" >&2 && exit 1; }
  sleep 0.1
done
# All permissions that there are: the document lists them as the scopes of its tokens.
grants=$(curl --silent --fail "$url/api/v1/openapi.json" | python3 -c '
import json, sys
schemes = json.load(sys.stdin)["components"]["securitySchemes"].values()
print(",".join(sorted({scope for scheme in schemes for flow in scheme.get("flows", {}).values() for scope in flow["scopes"]})))')
[ -n "$grants" ] || { echo "fuzz-api: the document names no permission" >&2 && exit 1; }
token=$("${vigia[@]}" token add --name schemathesis --per-minute 60000 --grant "$grants" | tail -n 1)

if ! (cd "$folder" && "$tool/bin/schemathesis" --config-file "$settings" run \
  "$url/api/v1/openapi.json" --header "Authorization: Bearer $token" --max-time "$seconds" --seed "$seed" \
  --continue-on-failure --generation-database none --warnings off --no-color >told 2>&1); then
  cat "$folder/told" >&2
  tail -n 20 "$folder/log" >&2
  echo "fuzz-api: the API gave an answer that it must not; the seed was $seed" >&2
  exit 1
fi
"${vigia[@]}" check database
say "API fuzzed for $seconds s: $(grep --only-matching '[0-9]* generated' "$folder/told" | tail -n 1)"
