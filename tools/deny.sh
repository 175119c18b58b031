#!/usr/bin/env bash
# Licences, sources, bans and known weaknesses of what we depend on (deny.toml). The tool is built where there is none; the
# advisories come by the network, and where they cannot be had it is said that they were not looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh

readonly version=0.18.9
tools=$CARGO_TARGET_DIR/tools
export PATH=$tools/bin:$PATH

# Unoptimised: it reads one lock file, and takes three CPU minutes to build instead of a quarter of an hour.
if ! cargo deny --version >/dev/null 2>&1; then
  echo "Building cargo-deny $version (some minutes, once) …" >&2
  CARGO_TARGET_DIR=$tools/deny CARGO_PROFILE_DEV_DEBUG=0 \
    cargo install cargo-deny --version "$version" --locked --debug --quiet --root "$tools"
  rm -rf "$tools/deny"
fi

cargo deny --workspace --locked check --hide-inclusion-graph bans licenses sources
if timeout 120 cargo deny fetch db >/dev/null 2>&1; then
  cargo deny --workspace --locked check --hide-inclusion-graph --disable-fetch advisories
else
  echo "deny: advisories NOT CHECKED, their data could not be fetched"
fi
