# Installs Debian packages that are missing. To be sourced.

# Runs a command as root, by sudo if necessary.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "This needs root and there is no sudo: $*" >&2
    return 1
  fi
}

# need COMMAND PACKAGE…: installs the packages when COMMAND is not found.
need() {
  local command=$1
  shift
  command -v "$command" >/dev/null && return
  if ! command -v apt-get >/dev/null; then
    echo "Missing: $command. Please install it (on Debian it is in: $*)." >&2
    return 1
  fi
  install_packages "$@"
}

# install_packages PACKAGE…: by apt, without questions; fetches the lists again when packages are not found.
install_packages() {
  echo "Installing: $*" >&2
  apt_install "$@" || { as_root apt-get update -qq && apt_install "$@"; }
}

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}
