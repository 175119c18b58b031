#!/usr/bin/env bash
# Holds the files of operators against the programs that read them: nginx, Caddy, promtool, systemd. A program that is not here
# is left out, and said. With --all that is a failure: `apt-get install nginx caddy prometheus systemd` brings them.
set -euo pipefail
cd "$(dirname "$0")/.."
all=no
[ "${1:-}" = --all ] && all=yes
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
missing=()

# has PROGRAM: whether it is here, by PATH or beside the programs of the system.
has() {
  PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null && return
  missing+=("$1")
  return 1
}
export PATH=$PATH:/usr/sbin:/sbin

if has nginx && has openssl; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=desk.example.com -keyout "$folder/key" -out "$folder/pem" 2>/dev/null
  sed -e "s|/etc/ssl/desk.example.com.pem|$folder/pem|; s|/etc/ssl/desk.example.com.key|$folder/key|; s|/var/log/nginx|$folder|" \
    docs/nginx.conf >"$folder/vigia.conf"
  printf 'pid %s/pid; error_log stderr; events {}\nhttp { client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s; include %s/vigia.conf; }\n' \
    "$folder" "$folder" "$folder" "$folder" "$folder" "$folder" "$folder" >"$folder/nginx.conf"
  nginx -t -q -c "$folder/nginx.conf"
fi
if has caddy; then
  HOME=$folder caddy validate --adapter caddyfile --config deploy/Caddyfile >"$folder/caddy" 2>&1 || { cat "$folder/caddy" >&2; exit 1; }
fi
if has promtool; then
  promtool check rules deploy/alerts.yml >/dev/null
  promtool test rules deploy/alerts_test.yml >"$folder/rules" 2>&1 || { cat "$folder/rules" >&2; exit 1; }
fi
if has systemd-analyze; then
  # The program is where the unit says on an operator's machine, and need not be on this one.
  mkdir "$folder/units"
  for unit in deploy/*.service deploy/*.timer; do
    sed 's|/usr/local/bin/vigia|/bin/true|' "$unit" >"$folder/units/${unit##*/}"
  done
  told=$(systemd-analyze verify --man=no "$folder"/units/* 2>&1 | grep -F "$folder/units" || true)
  [ -z "$told" ] || { echo "$told" >&2; exit 1; }
fi
# Every series that the dashboard and the rules ask for is one of docs/metrics.md.
unknown=$(grep -ohE 'vigia_[a-z_]+' deploy/grafana.json deploy/alerts.yml | sed 's/_bucket$//' | sort -u |
  while read -r series; do grep -qF "\`$series\`" docs/metrics.md || echo "$series"; done)
[ -z "$unknown" ] || { echo "no such series in docs/metrics.md: $unknown" >&2; exit 1; }

if [ ${#missing[@]} -gt 0 ]; then
  echo "deploy: not looked at for want of ${missing[*]}"
  [ "$all" = no ] || exit 1
fi
echo "deploy: right"
