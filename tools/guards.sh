#!/usr/bin/env bash
# guards.sh [WORD]: takes each guard of server/tests/security/guards.txt (those whose name has WORD) out of a copy of the last
# commit, and expects that its test fails there. It compiles twice for each guard, so it is no part of `make test`.
# Cargo's folder of the copy stays in target/guards for the next time.
set -euo pipefail
cd "$(dirname "$0")/.."
word=${1:-}
folder=$(mktemp -d)
copy=$folder/copy
log=$folder/log
git worktree add --quiet --detach "$copy" HEAD
trap 'git worktree remove --force "$copy"; rm -rf "$folder"' EXIT
export CARGO_TARGET_DIR=$PWD/target/guards
missing=()
taken=0

# tries ARGUMENT…: runs tests of the copy.
tries() { (cd "$copy" && tools/cargo test --profile quick "$@") </dev/null >"$log" 2>&1; }

# reads KEY: the text behind `KEY: ` in $record, over all its lines.
reads() { awk -v key="$1: " 'index($0, key) == 1 { on = 1; print substr($0, length(key) + 1); next } /^[a-z]+: / { on = 0 } on' <<<"$record"; }

# takes_out: takes the guard of $record out, and judges its test.
takes_out() {
  local name file from to test content
  name=$(reads guard) file=$(reads file) from=$(reads from) to=$(reads to)
  read -ra test <<<"$(reads test)"
  [[ $name == *"$word"* ]] || return 0
  taken=$((taken + 1))
  echo "guard: $name"
  if ! tries "${test[@]}" || ! grep -qE 'test result: ok\. [1-9]' "$log"; then
    missing+=("$name: ${test[*]} does not pass, or is not there") && return
  fi
  content=$(<"$copy/$file")
  if [[ $content != *"$from"* ]]; then missing+=("$name: not in $file") && return; fi
  printf '%s\n' "${content/"$from"/"$to"}" >"$copy/$file"
  if ! tries --no-run "${test[@]:0:2}"; then
    missing+=("$name: without it, nothing compiles: $(grep -m 1 '^error' "$log")")
  elif tries "${test[@]}" || ! grep -q 'test result: FAILED' "$log"; then
    missing+=("$name: without it, ${test[*]} does not fail")
  fi
  git -C "$copy" checkout --quiet -- "$file"
}

record=
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
  '#'*) ;;
  '') [ -z "$record" ] || takes_out && record= ;;
  *) record+=${record:+$'\n'}$line ;;
  esac
done <server/tests/security/guards.txt
[ -z "$record" ] || takes_out
if [ ${#missing[@]} -gt 0 ]; then
  printf 'guards: %s\n' "${missing[@]}" >&2
  exit 1
fi
echo "guards: $taken taken out, each seen by its test"
