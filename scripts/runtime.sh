# Sourced by the other scripts: puts a Node.js that is new enough first in PATH, and installs the packages.
# Everything it fetches lands in .runtime/ and node_modules/ of this checkout; nothing is changed outside it,
# except that root is given Debian's npm where there is none.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
node_major=24

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; [ -n "${2:-}" ] && say "       $2"; exit 1; }

# better-sqlite3 crashes without a message under Node 20, so the version decides before anything is loaded.
node_is_new_enough() {
  command -v "$1" >/dev/null 2>&1 &&
    "$1" -e 'const [a, b] = process.versions.node.split("."); process.exit(+a > 22 || (+a === 22 && +b >= 19) ? 0 : 1)'
}

require_npm() {
  command -v npm >/dev/null 2>&1 && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "Installing npm from Debian …"
    { apt-get update && apt-get install -y --no-install-recommends nodejs npm; } >/dev/null ||
      die "npm could not be installed." "Install Node.js $node_major with npm and start again."
  else
    die "npm is not installed, and only root may install it." "Run: sudo apt-get install nodejs npm"
  fi
}

use_node() {
  node_is_new_enough node && return
  local arch package bin
  case $(uname -m) in
    x86_64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) die "there is no Node.js $node_major build for $(uname -m)." "Install Node.js 22.19 or newer yourself, or use the Docker image." ;;
  esac
  package=node-linux-$arch
  bin=$root/.runtime/node_modules/$package/bin
  if ! node_is_new_enough "$bin/node"; then
    require_npm
    say "This machine's Node.js is older than 22.19; fetching Node.js $node_major into .runtime …"
    npm install --prefix "$root/.runtime" --no-save --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error "$package@$node_major" >/dev/null ||
      die "Node.js could not be fetched from the npm registry." "Check the network, or install Node.js 22.19 or newer yourself."
  fi
  PATH=$bin:$PATH
  export PATH
}

# npm writes node_modules/.package-lock.json last: older than the lock file means an install is due.
install_packages() {
  require_npm
  if [ ! -e "$root/node_modules/.package-lock.json" ] || [ "$root/package-lock.json" -nt "$root/node_modules/.package-lock.json" ]; then
    say "Installing packages …"
    (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) ||
      die "npm ci failed." "Run it by hand in $root to see why."
    touch "$root/node_modules/.package-lock.json"
  fi
}

build() {
  if [ ! -e "$root/dist/cli.js" ] || [ -n "$(find "$root/src" "$root/package.json" "$root/package-lock.json" "$root/tsconfig.json" "$root/scripts/rolldown.config.ts" -newer "$root/dist/cli.js" -type f -print -quit)" ]; then
    say "Building …"
    (cd "$root" && npm run --silent build >/dev/null) || die "the build failed."
  fi
}
