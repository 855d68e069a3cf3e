# Sourced by the other scripts: where the repository is, and what a fresh machine needs first.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
die() { printf '\nerror: %s\n' "$*" >&2; exit 1; }

# need COMMAND WHAT-TO-DO: the command exists, or the script ends with what to do.
need() { command -v "$1" >/dev/null || die "$1 was not found: $2"; }

# need_package COMMAND PACKAGE: installs a Debian/Ubuntu package if its command is missing.
need_package() { command -v "$1" >/dev/null || install_package "$2" "$1 was not found"; }

# install_package PACKAGE WHY
install_package() {
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    command -v sudo >/dev/null || die "$2: as root, run: apt-get install $1"
    as_root=(sudo)
  fi
  command -v apt-get >/dev/null || die "$2: install it (Debian's package is called $1) and try again"
  say "installing $1"
  "${as_root[@]}" apt-get update -qq || die "apt-get update failed: install $1 by hand and try again"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$1" >/dev/null \
    || die "apt-get install $1 failed: install it by hand and try again"
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

need_python() {
  need_package python3 python3
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
    || die "$(python3 --version) is too old: streamview needs 3.10 or newer"
  # Debian has it apart.
  python3 -c 'import ensurepip, venv' 2>/dev/null || install_package python3-venv "Python's venv was not found"
}

# python_venv DIR: a virtual environment with exactly what the lock file says, made only if it is not there already,
# and with the package as it is now.
python_venv() {
  local lock=python/requirements-dev.txt
  if ! cmp -s "$lock" "$1/installed.txt"; then
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$lock"
    cp "$lock" "$1/installed.txt"
  fi
  "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall ./python
}
