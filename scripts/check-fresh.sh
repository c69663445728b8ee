#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that packages.txt is complete: on a bare Debian, made with debootstrap, with nothing but
# git and a clone of what is committed, runs scripts/demo.sh twice and then scripts/test.sh.
# Needs root. check-fresh.sh 12|13 [FOLDER], /var/tmp/depthcloud-fresh-12 or -13 by default; about
# 5 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bare_root.sh
release=${1:?Debian 12 or 13}
make_root "$release" "${2:-/var/tmp/depthcloud-fresh-$release}" git,ca-certificates

rm -rf "$root/checkout"
update_checkout
for script in scripts/demo.sh scripts/demo.sh scripts/test.sh; do
  in_root "cd /checkout && time $script"
done
