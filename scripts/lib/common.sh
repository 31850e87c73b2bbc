# Sourced by the scripts: where the project is, and how they speak. Not a program.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
scripts=$root/scripts

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }

die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# The names in a package list, without comments.
package_names() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$scripts/packages/$1.txt"; }

# node_is_new_enough: the web UI builds with Node 18, Debian 12's, or newer.
node_is_new_enough() {
  local version
  command -v npm >/dev/null && version=$(node --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 18 ]
}

# as_unprivileged USER CMD...: PostgreSQL refuses to run as root.
as_unprivileged() {
  local user=$1
  shift
  if [ "$(id -u)" -eq 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi
}
