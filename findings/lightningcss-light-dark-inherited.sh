#!/usr/bin/env bash
# lightningcss-cli 1.33.0 (npm), `--targets 'safari 16'`: light-dark() within a custom property is lowered so that it is worked out
# where the property is declared, and not where it is used.
#
# CSS: a custom property keeps its tokens, so `--ink: light-dark(black, white)` on :root means white in an element below that sets
# `color-scheme: dark`. Lowered, it is a fallback of two variables, which are put in on :root: the element below inherits black.
# What it means for a desk: a wall that is dark by itself loses its colours as soon as the style is lowered for older browsers.
# Here: `color-scheme` is set on the wall's root element (`app/src/shell.rs`), and axe reads the lowered style in `end2end/wall.spec.ts`.
#
# Needs npm and a Chromium (VIGIA_CHROMIUM or `chromium`). Fails when the behaviour changes.
set -euo pipefail
chromium=${VIGIA_CHROMIUM:-$(command -v chromium || command -v google-chrome)}
place=$(mktemp -d) && trap 'rm -rf "$place"' EXIT && cd "$place"
npm install --silent --no-audit --no-fund --prefix . lightningcss-cli@1.33.0 >/dev/null
[ -x node_modules/.bin/lightningcss ] || { echo "lightningcss was not installed" >&2 && exit 1; }
# npm may be set to run no scripts of packages; this one's puts the program in its place.
(cd node_modules/lightningcss-cli && [ ! -f postinstall.js ] || node postinstall.js)

cat >style.css <<'CSS'
:root { color-scheme: light; --ink: light-dark(rgb(0, 0, 0), rgb(255, 255, 255)); }
.wall { color-scheme: dark; color: var(--ink); }
CSS
node_modules/.bin/lightningcss --targets 'safari 16' style.css -o lowered.css
# ink STYLE: the colour that the wall's text has.
ink() {
  cat >page.html <<HTML
<!doctype html><style>$(cat "$1")</style><p class="wall" id="wall">text</p><output></output>
<script>document.querySelector("output").textContent = "ink " + getComputedStyle(document.getElementById("wall")).color</script>
HTML
  "$chromium" --headless --no-sandbox --disable-gpu --dump-dom "file://$place/page.html" 2>/dev/null | grep -o 'ink rgb([0-9, ]*)' | head -1
}
written=$(ink style.css) lowered=$(ink lowered.css)
echo "lightningcss-cli 1.33.0: as written: $written; lowered for Safari 16: $lowered"
[ "$written" = 'ink rgb(255, 255, 255)' ] && [ "$lowered" = 'ink rgb(0, 0, 0)' ] || { echo "the behaviour has changed" >&2 && exit 1; }
