# Sourced by the scripts: checks Node, installs the npm packages of the lock file, and Debian's
# mosquitto where the tests need it. Says clearly what it cannot do.

set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }

need_node() {
  if ! command -v node >/dev/null 2>&1; then
    say "Node.js is missing: install Node 20.19 or newer."
    exit 1
  fi
  if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'; then
    say "Node $(node --version) is too old: 20.19 or newer is needed."
    exit 1
  fi
}

# npm ci only when the installed packages are not those of the lock file.
need_packages() {
  if [ -f node_modules/.nockd-lock ] && cmp -s node_modules/.nockd-lock package-lock.json; then
    return 0
  fi
  say "installing the npm packages of package-lock.json ..."
  if ! npm ci --no-audit --no-fund --loglevel=error >&2; then
    say "npm ci failed: the npm registry must be reachable once."
    exit 1
  fi
  cp package-lock.json node_modules/.nockd-lock
}

# need_debian COMMAND PACKAGE...: apt-get when allowed, else a clear word.
need_debian() {
  command_name=$1
  shift
  command -v "$command_name" >/dev/null 2>&1 && return 0
  [ -x "/usr/sbin/$command_name" ] && return 0
  say "installing Debian's $* ..."
  if [ "$(id -u)" = 0 ]; then
    as_root=
  elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
    as_root="sudo -n"
  else
    say "$command_name is missing and this user may not install it: apt-get install $*"
    exit 1
  fi
  if ! { $as_root apt-get update -qq && DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@"; } >&2; then
    say "apt-get could not install $*: install it by hand."
    exit 1
  fi
}
