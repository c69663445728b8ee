#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the Debian packages are whole: makes them of build/, installs them with apt on a bare
# Debian 12, made with debootstrap, and there turns a photo into a cloud with the command line and with
# a C program that is compiled against them. Needs root. check-packages.sh [FOLDER],
# /var/tmp/depthcloud-packages by default; about 2 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
root=${1:-/var/tmp/depthcloud-packages}
scripts/install.sh fresh

mirror=$(awk '$1 == "URIs:" || $1 == "deb" {print $2; exit}' \
  /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
[ -e "$root/usr/bin/apt-get" ] ||
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" ${mirror:+"$mirror"}
cp /etc/resolv.conf "$root/etc/resolv.conf"
rm -rf "$root/packages"
mkdir -p "$root/packages"
cpack --config build/CPackConfig.cmake -G DEB -B build/packages >/dev/null
cp build/packages/*.deb examples/c/photo_to_ply.c examples/c/read_file.h examples/data/coffee.jpg \
  "$root/packages"

for mount in proc sys dev; do
  mkdir -p "$root/$mount"
  mountpoint -q "$root/$mount" || mount --rbind "/$mount" "$root/$mount"
done
unmount() { for mount in dev sys proc; do umount -R -l "$root/$mount" || true; done; }
trap unmount EXIT
run() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  DEBIAN_FRONTEND=noninteractive bash -ec "cd /packages && $1"; }

run "apt-get update -q && apt-get install -y -q --no-install-recommends ./libdepthcloud-c*.deb ./depthcloud-tools_*.deb"
run "depthcloud cloud coffee.jpg -o tool.ply && grep -aq '^element vertex [1-9]' tool.ply"
run "apt-get install -y -q --no-install-recommends gcc libc6-dev pkg-config ./libdepthcloud-dev_*.deb"
run "gcc -std=c99 photo_to_ply.c \$(pkg-config --cflags --libs depthcloud-c) -o photo_to_ply"
run "./photo_to_ply coffee.jpg c.ply && grep -aq '^element vertex [1-9]' c.ply"
run "ls /usr/share/doc/*depthcloud*"
echo "The packages are whole."
