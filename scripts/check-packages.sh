#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the Debian packages are whole: makes them of what is committed, on the release whose
# libraries they will depend on (in check-fresh.sh's root, where a build is continued), installs them
# with apt on a bare Debian, made with debootstrap, and there turns a photo into a cloud with the
# command line and with a C program that is compiled against them. Needs root.
# check-packages.sh 12|13 [FOLDER], /var/tmp/depthcloud-packages-12 or -13 by default; about 2 GB.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."
. scripts/bare_root.sh
release=${1:?Debian 12 or 13}
make_root "$release" "/var/tmp/depthcloud-fresh-$release" git,ca-certificates
update_checkout
in_root "cd /checkout && scripts/install.sh build viewer && cmake --preset release >/dev/null &&
  cmake --build --preset release --target depthcloud depthcloud_torch depthcloud_c depthcloud_cli depthcloud_server &&
  rm -rf build/packages && cpack --config build/CPackConfig.cmake -G DEB -B build/packages >/dev/null"
made=$root/checkout/build/packages

make_root "$release" "${2:-/var/tmp/depthcloud-packages-$release}" ca-certificates
rm -rf "$root/packages"
mkdir -p "$root/packages"
cp "$made"/*.deb examples/c/photo_to_ply.c examples/c/read_file.h examples/data/coffee.jpg \
  "$root/packages"
run() { in_root "cd /packages && $1"; }

run "apt-get update -q && apt-get install -y -q --no-install-recommends ./libdepthcloud-c*.deb ./libdepthcloud-networks_*.deb ./depthcloud-tools_*.deb"
run "depthcloud cloud coffee.jpg -o tool.ply && grep -aq '^element vertex [1-9]' tool.ply"
run "depthcloud fetch DA3-SMALL --endpoint https://127.0.0.1:1 2>&1 | grep -q 'port 1'"  # its downloader is there
run "apt-get install -y -q --no-install-recommends gcc libc6-dev pkg-config ./libdepthcloud-dev_*.deb"
run "gcc -std=c99 photo_to_ply.c \$(pkg-config --cflags --libs depthcloud-c) -o photo_to_ply"
run "./photo_to_ply coffee.jpg c.ply && grep -aq '^element vertex [1-9]' c.ply"
run "ls /usr/share/doc/*depthcloud*"
echo "The packages are whole."
