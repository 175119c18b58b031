#!/usr/bin/env bash
# needs.sh run|test: installs what is missing to build and run the product, or to test it. Quick when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/packages.sh

# Installs Node's packages of one folder from its lock file, when that file has changed.
node_packages() {
  local folder=$1 installed=$1/node_modules/.package-lock.json
  [ "$installed" -nt "$folder/package-lock.json" ] && return
  echo "Installing the Node packages of $folder …" >&2
  (cd "$folder" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error)
  touch "$installed"
}

# PostgreSQL's programs alone: Debian's package would also create and start a database cluster.
postgresql() {
  if compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null; then return; fi
  local no_cluster=/etc/postgresql-common/createcluster.d/vigia-tests.conf
  if command -v apt-get >/dev/null; then
    as_root mkdir -p "${no_cluster%/*}"
    echo 'create_main_cluster = false' | as_root tee "$no_cluster" >/dev/null
  fi
  need initdb postgresql || true
  as_root rm -f "$no_cluster"
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}

# Dovecot's program alone: Debian's package would also start a mail server, now and at each boot.
dovecot_program() {
  [ -x /usr/sbin/dovecot ] && return
  local unit=/etc/systemd/system/dovecot.service is_masked=no
  if command -v systemctl >/dev/null && [ ! -e "$unit" ]; then
    as_root ln -s /dev/null "$unit"
    is_masked=yes
  fi
  need /usr/sbin/dovecot dovecot-imapd || true
  if [ "$is_masked" = yes ]; then
    as_root rm -f "$unit"
    as_root systemctl disable --quiet dovecot.service dovecot.socket 2>/dev/null || true
  fi
  [ -x /usr/sbin/dovecot ]
}

# Made now: later, two builds may need it at the same time.
toolchain() { (. tools/toolchain.sh); }

run() {
  toolchain
  need node nodejs
  need npm npm
  node_packages tools/web
}

test() {
  run
  [ -n "${VIGIA_CHROMIUM:-}" ] || need chromium chromium fonts-dejavu-core
  # The other engines (end2end/engines.spec.ts).
  [ -n "${VIGIA_FIREFOX:-}" ] || need firefox-esr firefox-esr
  need WebKitWebDriver webkit2gtk-driver
  # Debian's driver does not depend on its browser: both are named.
  need WPEWebDriver wpewebkit-driver
  need /usr/lib/x86_64-linux-gnu/wpe-webkit-1.1/MiniBrowser libwpewebkit-1.1-0
  need xvfb-run xvfb xauth
  # For tests that read back PDF documents.
  need pdftotext poppler-utils
  postgresql
  # Mailboxes (server/tests/mailboxes.rs); openssl makes the server's certificate.
  dovecot_program
  need openssl openssl
  # A year of mail (server/tests/year_of_mail.rs) and schemathesis (tools/fuzz-api.sh), which needs curl too.
  need python3 python3
  python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
  need curl curl
  node_packages end2end
}

case ${1:-} in
  run | test) "$1" ;;
  *) echo "usage: needs.sh run|test" >&2 && exit 2 ;;
esac
