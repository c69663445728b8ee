#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that packages.txt is complete: on a bare Debian 12, made with debootstrap, with nothing but
# git and a clone of what is committed, runs scripts/demo.sh twice and then scripts/test.sh.
# Needs root. check-fresh.sh [FOLDER], /var/tmp/depthcloud-fresh by default; about 3 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/bare_root.sh
make_root "${1:-/var/tmp/depthcloud-fresh}" git,ca-certificates

rm -rf "$root/checkout"
git clone -q . "$root/checkout"
for script in scripts/demo.sh scripts/demo.sh scripts/test.sh; do
  in_root "cd /checkout && time $script"
done
