#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Makes the Debian packages, unpacks them into one root and runs from there: a C program against the
# library, and the command line. scripts/check-packages.sh installs them on a bare Debian.
set -euo pipefail
umask 022
command -v dpkg-deb dpkg-shlibdeps > /dev/null || { echo "skipped: no dpkg-dev"; exit 77; }
folder=$STAGE/packages
rm -rf "$folder"
mkdir -p "$folder/root"
"$CPACK" --config "$BUILD/CPackConfig.cmake" -G DEB -B "$folder/debs" > "$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
packages=("libdepthcloud-c[0-9]*" libdepthcloud-dev depthcloud-tools)
[ "$TORCH" = 0 ] || packages+=(libdepthcloud-networks)
for package in "${packages[@]}"; do
  deb=$(echo "$folder"/debs/${package}_*.deb)
  [ -f "$deb" ] || { echo "no package $package"; exit 1; }
  name=$(dpkg-deb -f "$deb" Package)
  dpkg-deb -x "$deb" "$folder/root"
  [ -s "$folder/root/usr/share/doc/$name/copyright" ] || { echo "$name: no copyright"; exit 1; }
  [ ! -e "$BUILD/depthcloud.spdx.json" ] ||
    cmp "$BUILD/depthcloud.spdx.json" "$folder/root/usr/share/doc/$name/depthcloud.spdx.json"
  echo "$name: $(dpkg-deb -f "$deb" Depends)"
done
dpkg-deb -f "$folder"/debs/libdepthcloud-c*.deb Depends | grep -q libpng16
dpkg-deb -f "$folder"/debs/libdepthcloud-dev_*.deb Depends | grep -q libdepthcloud-c

root=$folder/root/usr
export PKG_CONFIG_PATH=$root/$LIBDIR/pkgconfig LD_LIBRARY_PATH=$root/$LIBDIR
$CC "$SOURCES/tests/consumer/consumer.c" $(pkg-config --cflags --libs depthcloud-c) -o "$folder/consumer"
$EMULATOR "$folder/consumer" "$folder/out.ply"
$EMULATOR "$root/bin/depthcloud" --version
[ "$TORCH" = 0 ] || "$root/bin/depthcloud" cloud "$SOURCES/examples/data/coffee.jpg" -o "$folder/network.ply"
