# Sourced by the other scripts: where the repository is, and what a fresh machine needs first.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
die() { printf '\nerror: %s\n' "$*" >&2; exit 1; }

# need COMMAND WHAT-TO-DO: the command exists, or the script ends with what to do.
need() { command -v "$1" >/dev/null || die "$1 was not found: $2"; }

# need_package COMMAND PACKAGE: installs a Debian/Ubuntu package if its command is missing.
need_package() {
  command -v "$1" >/dev/null && return
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die "$1 was not found: as root, run: apt-get install $2"
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || die "$1 was not found: install it (Debian's package is called $2) and try again"
  say "installing $2"
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed: install $2 by hand and try again"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$2" >/dev/null \
    || die "apt-get install $2 failed: install it by hand and try again"
}

need_rust() {
  need cargo "install Rust, see https://rustup.rs"
  need cc "install a C compiler and linker: apt-get install build-essential"
  local wanted have
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  have=$(rustc --version | cut -d' ' -f2)
  [[ $(printf '%s\n' "$wanted" "$have" | sort -V | head -n1) == "$wanted" ]] \
    || die "Rust $have is too old: streamview needs $wanted or newer, run: rustup update"
}

need_node() {
  need node "install Node.js 20.19 or newer, see https://nodejs.org"
  need npm "install npm, it comes with Node.js"
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
    || die "Node.js $(node --version) is too old: streamview needs 20.19 or newer"
}

# npm_install DIR: exactly what the lock file says, only if it is not there already.
npm_install() {
  local stamp=$1/node_modules/.package-lock.json
  [[ -e $stamp && $stamp -nt $1/package-lock.json ]] || npm --prefix "$1" ci --no-audit --no-fund
}

# build_page: frontend/dist, which the runner's release build embeds.
build_page() {
  npm_install frontend
  npm --prefix frontend run --silent build
}
