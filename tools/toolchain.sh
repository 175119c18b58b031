# Chooses one Rust toolchain for server and browser (docs/decisions/0001), and exports what cargo needs. To be sourced. Takes
# 0.1 s when a toolchain exists, and up to two minutes, once, when it is made from Debian's packages.

. "$(dirname "${BASH_SOURCE[0]}")/packages.sh"

readonly rust_minor_oldest=95   # rust-version in Cargo.toml
readonly rust_wanted=1.96.0     # what is fetched where nothing fits
readonly browser=wasm32-unknown-unknown
readonly std_built=vigia-bitcode  # lies beside the std that build_browser_std made as it does now

is_new_enough() {
  local minor
  minor=$(rustc --version 2>/dev/null | sed -n 's/^rustc 1\.\([0-9]*\)\..*/\1/p')
  [ "${minor:-0}" -ge "$rust_minor_oldest" ]
}

compiles_for_browser() {
  local libraries
  libraries=$(rustc --print target-libdir --target "$browser" 2>/dev/null) || return 1
  compgen -G "$libraries/libstd-*.rlib" >/dev/null || return 1
  [[ $(realpath "$libraries") != /usr/lib/* ]] || [ -e "$libraries/$std_built" ]
}

is_good() { is_new_enough && compiles_for_browser; }

has_rustup() { command -v rustup >/dev/null; }

# The toolchain that an earlier run of this script linked.
use_ours() {
  has_rustup && rustup toolchain list | grep -q '^vigia\b' || return 1
  export RUSTUP_TOOLCHAIN=vigia
  is_good || { unset RUSTUP_TOOLCHAIN; return 1; }
}

# Debian's compiler, where no rustup hides it.
use_system() {
  ! has_rustup && [ -x /usr/bin/rustc ] || return 1
  export PATH=/usr/bin:$PATH
  is_good
}

# A toolchain that rustup fetches: std for the browser, or a newer version.
use_rustup() {
  has_rustup || return 1
  if is_new_enough; then
    timeout 300 rustup target add "$browser" || return 1
  else
    timeout 900 rustup toolchain install "$rust_wanted" --profile minimal -c clippy -c rustfmt -t "$browser" || return 1
    export RUSTUP_TOOLCHAIN=$rust_wanted
  fi
  is_good || { unset RUSTUP_TOOLCHAIN; return 1; }
}

# Debian's packages. They have no std for the browser, which is built from their sources, once.
use_debian() {
  command -v apt-get >/dev/null || return 1
  install_packages gcc libc6-dev rustc-web cargo-web rust-web-src rust-web-llvm rust-web-clippy rustfmt-web lld-22 || return 1
  local host=/usr/lib/rustlib/$(uname -m)-unknown-linux-gnu
  as_root ln -sf /usr/bin/lld-22 "$host/bin/rust-lld" || return 1
  build_browser_std || return 1
  if has_rustup; then
    rustup toolchain link vigia /usr && use_ours
  else
    use_system
  fi
}

# Builds std for the browser where Debian's rustc looks for it. It holds bitcode for whole-program optimisation, which cargo
# leaves out by default.
build_browser_std() {
  local into=/usr/lib/rustlib/$browser/lib crate built
  [ -e "$into/$std_built" ] && return
  echo "Building Rust's standard library for the browser (about a minute, once) …" >&2
  crate=$(mktemp -d)
  mkdir "$crate/src"
  : >"$crate/src/lib.rs"
  printf '[package]\nname = "throwaway"\nedition = "2021"\n' >"$crate/Cargo.toml"
  (
    cd "$crate" && unset RUSTUP_TOOLCHAIN CARGO_TARGET_DIR &&
      PATH=/usr/bin:$PATH RUSTC_BOOTSTRAP=1 RUSTFLAGS='-C embed-bitcode=yes' \
      /usr/bin/cargo build --quiet --release -Zbuild-std=std,panic_abort --target "$browser"
  ) || { rm -rf "$crate"; return 1; }
  built=$crate/target/$browser/release/deps
  rm -f "$built"/libthrowaway*
  as_root mkdir -p "$into" && as_root rm -f "$into"/*.rlib && as_root cp "$built"/*.rlib "$into/" &&
    as_root touch "$into/$std_built"
  local result=$?
  rm -rf "$crate"
  return $result
}

choose_toolchain() {
  if [ -n "${RUSTUP_TOOLCHAIN:-}" ] && is_good; then return; fi
  use_ours || is_good || use_system || use_rustup || use_debian || {
    cat >&2 <<END
No Rust toolchain that compiles for server and browser was found, and none could be installed.
Wanted: Rust 1.$rust_minor_oldest or newer with the target $browser. With rustup (https://rustup.rs):
    rustup toolchain install stable --target $browser
END
    return 1
  }
}

# Debian's compiler links with GNU ld, several times slower than lld; rustup's brings its own lld. Set through gcc's search
# path: a flag would make cargo compile everything again.
link_with_lld() {
  local lld
  # No lld is fine. Without `|| true` the script would end here silently.
  lld=$(command -v ld.lld ld.lld-22 | head -n 1 || true)
  [ "$(uname -s)" = Linux ] && [ -n "$lld" ] || return 0
  local folder=$CARGO_TARGET_DIR/tools/ld
  mkdir -p "$folder"
  ln -sf "$lld" "$folder/ld"
  export COMPILER_PATH=$folder${COMPILER_PATH:+:$COMPILER_PATH}
}

# Looking for a toolchain downloads nothing: otherwise rustup would fetch the one in rust-toolchain.toml (decision 0001).
export RUSTUP_AUTO_INSTALL=0

# All scripts look for build output under target/.
CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)/target}
export CARGO_TARGET_DIR
need cc gcc libc6-dev
choose_toolchain
link_with_lld
