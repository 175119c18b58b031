#!/usr/bin/env bash
# Checks licences, sources, bans and advisories of the dependencies (deny.toml). Installs cargo-deny where it is missing. The
# advisories come from the network, else from the clone of https://github.com/RustSec/advisory-db in VIGIA_TEST_ADVISORIES,
# whose age is printed. Without both, it prints that advisories were not checked.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh

readonly version=0.18.9
readonly oldest_days=90
tools=$CARGO_TARGET_DIR/tools
export PATH=$tools/bin:$PATH

# Unoptimised: it reads one lock file, and builds in three CPU minutes instead of a quarter of an hour.
if ! cargo deny --version >/dev/null 2>&1; then
  echo "Building cargo-deny $version (some minutes, once) …" >&2
  CARGO_TARGET_DIR=$tools/deny CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install cargo-deny --version "$version" --locked --debug --quiet --root "$tools"
  rm -rf "$tools/deny"
fi

cargo deny --workspace --locked check --hide-inclusion-graph bans licenses sources

# The line for the end of `make test`: whether advisories were checked, and how old they were.
readonly said=$CARGO_TARGET_DIR/advisories.said
say() {
  mkdir -p "$CARGO_TARGET_DIR"
  echo "$1" >"$said"
  echo "deny: $1"
}
say "advisories NOT CHECKED"
check_advisories() { cargo deny --workspace --locked check "$@" --hide-inclusion-graph --disable-fetch advisories; }

if timeout 120 cargo deny fetch db >/dev/null 2>&1; then
  check_advisories
  say "advisories checked"
elif [ -n "${VIGIA_TEST_ADVISORIES:-}" ]; then
  # A named copy that is unusable or too old is an error.
  copy=$(realpath "$VIGIA_TEST_ADVISORIES")
  last=$(git -C "$copy" log -1 --format=%ct)
  days=$((($(date +%s) - last) / 86400))
  if [ "$days" -gt "$oldest_days" ]; then
    echo "deny: the advisories in $copy are $days days old, more than $oldest_days" >&2
    exit 1
  fi
  # cargo-deny reads only its own clones: git is told to take the copy for the address.
  copied=$CARGO_TARGET_DIR/advisories
  rm -rf "$copied"
  mkdir -p "$copied"
  { cat deny.toml; printf '%s\n' "db-path = \"$copied\"" 'git-fetch-with-cli = true'; } >"$copied/deny.toml"
  export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="url.file://$copy.insteadOf" GIT_CONFIG_VALUE_0=https://github.com/RustSec/advisory-db
  cargo deny fetch --config "$copied/deny.toml" db
  check_advisories --config "$copied/deny.toml"
  say "advisories checked against a copy that is $days days old"
else
  say "advisories NOT CHECKED: they could not be fetched, and VIGIA_TEST_ADVISORIES names no copy"
fi
