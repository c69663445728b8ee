#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing of the named groups of packages.txt: scripts/install.sh build test
set -euo pipefail
list="$(dirname "$0")/packages.txt"

native=$(dpkg --print-architecture)
missing=()
for group in "$@"; do
  packages=$(awk -v group="$group" '$1 == group {print $2, $3}' "$list")
  [ -n "$packages" ] || { echo "no group '$group' in $list" >&2; exit 2; }
  while read -r package command; do
    [ -z "$command" ] || ! command -v "$command" >/dev/null || continue
    architecture=$native
    [[ $package != *:* ]] || architecture=${package#*:}
    dpkg-query -W -f '${db:Status-Status} ${Architecture}\n' "$package" 2>/dev/null |
      grep -qxE "installed (all|$architecture)" || missing+=("$package")
  done <<<"$packages"
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo)
echo "Installing: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
for package in "${missing[@]}"; do
  [[ $package != *:* ]] || "${as_root[@]}" dpkg --add-architecture "${package#*:}"
done
"${as_root[@]}" apt-get update -q
"${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}"
