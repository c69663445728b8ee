#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that packages.txt is complete: on a bare Debian 12, made with debootstrap, with nothing but
# git and a clone of what is committed, runs scripts/demo.sh twice and then scripts/test.sh.
# Needs root. check-fresh.sh [FOLDER], /var/tmp/depthcloud-fresh by default; about 3 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:-/var/tmp/depthcloud-fresh}
scripts/install.sh fresh

# The mirror that this machine uses, else debootstrap's own choice.
mirror=$(awk '$1 == "URIs:" || $1 == "deb" {print $2; exit}' \
  /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
[ -e "$root/usr/bin/git" ] ||
  debootstrap --variant=minbase --include=git,ca-certificates bookworm "$root" ${mirror:+"$mirror"}
cp /etc/resolv.conf "$root/etc/resolv.conf"
rm -rf "$root/checkout"
git clone -q . "$root/checkout"

for mount in proc sys dev; do
  mkdir -p "$root/$mount"
  mountpoint -q "$root/$mount" || mount --rbind "/$mount" "$root/$mount"
done
unmount() { for mount in dev sys proc; do umount -R -l "$root/$mount" || true; done; }
trap unmount EXIT
run() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  bash -c "cd /checkout && time $1"; }
run scripts/demo.sh
run scripts/demo.sh
run scripts/test.sh
