#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Proves that the Debian packages and the viewer's pages are the same bytes wherever, whenever and by
# whom they are built: builds what is committed twice, in folders, with a umask, a language and a time
# zone of their own, and compares. Arguments go to CMake: check-reproducible.sh -DDEPTHCLOUD_TORCH=OFF.
# The folders are below $DEPTHCLOUD_REPRODUCIBLE, build/reproducible by default.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install.sh build viewer
work=$(realpath -m "${DEPTHCLOUD_REPRODUCIBLE:-build/reproducible}")
rm -rf "$work"
# With it the packages' times are those of the commit, as without; here it is put to the test as well.
epoch=$(git log -1 --format=%ct)

# build_in CHECKOUT BUILD [VARIABLE=VALUE...] -- [CMAKE_ARGUMENT...]
build_in() {
  local checkout=$1 build=$2 environment=()
  shift 2
  while [ "$1" != -- ]; do environment+=("$1"); shift; done
  shift
  env "${environment[@]}" cmake -S "$checkout" -B "$build" --preset release -DDEPTHCLOUD_TESTS=OFF \
    -DDEPTHCLOUD_BENCH=OFF "$@" >"$build.log"
  env "${environment[@]}" cmake --build "$build" --target sbom >>"$build.log"  # and so all that is packed
  (umask 022; cd "$build" && env "${environment[@]}" cpack -G DEB -B "$build/packages") >>"$build.log"
}

mkdir -p "$work/elsewhere/and/deeper"
(umask 022; git clone -q . "$work/checkout")
(umask 077; git clone -q "$work/checkout" "$work/elsewhere/source")
(umask 022; build_in "$work/checkout" "$work/checkout/build" -- "$@")
# A compiler cache would hand the second build what the first one made.
(umask 077; build_in "$work/elsewhere/source" "$work/elsewhere/and/deeper/build" TZ=Pacific/Kiritimati \
  LC_ALL=C CCACHE_DISABLE=1 SOURCE_DATE_EPOCH="$epoch" -- "$@")

# The first difference of two packages: in which member, in which file.
explain() {
  local side
  for side in "$@"; do
    rm -rf "$side.unpacked"
    dpkg-deb -R "$side" "$side.unpacked"
    ar tv "$side" >"$side.unpacked/ar"
    dpkg-deb --fsys-tarfile "$side" | tar tvf - --full-time >"$side.unpacked/tar"
  done
  diff -qr --no-dereference "$1.unpacked" "$2.unpacked" | head -n 5 || true
  diff "$1.unpacked/tar" "$2.unpacked/tar" | head -n 5 || true
  diff "$1.unpacked/ar" "$2.unpacked/ar" || true
  ! command -v diffoscope >/dev/null || diffoscope --max-report-size 20000 "$1" "$2" || true
}

first=$work/checkout/build
second=$work/elsewhere/and/deeper/build
failed=0
diff -r "$first/apps/viewer/dist" "$second/apps/viewer/dist" || failed=1
for package in "$first"/packages/*.deb; do
  other=$second/packages/$(basename "$package")
  cmp "$package" "$other" || { explain "$package" "$other"; failed=1; }
done
[ "$failed" = 0 ] || { echo "What differs is above; the builds are in $work."; exit 1; }
(cd "$first/packages" && sha256sum ./*.deb)
echo "The packages and the pages are reproducible."
