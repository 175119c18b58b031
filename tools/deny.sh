#!/usr/bin/env bash
# Licences, sources, bans and known weaknesses of what we depend on (deny.toml). The tool is optional, and so are the
# advisories, which come by the network: what was not looked at is said.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh
if ! cargo deny --version >/dev/null 2>&1; then
  echo "deny: NOT CHECKED, cargo-deny is not installed (cargo install cargo-deny --locked)"
  exit 0
fi
cargo deny --workspace --locked check --hide-inclusion-graph bans licenses sources
if timeout 120 cargo deny fetch db >/dev/null 2>&1; then
  cargo deny --workspace --locked check --hide-inclusion-graph --disable-fetch advisories
else
  echo "deny: advisories NOT CHECKED, their data could not be fetched"
fi
