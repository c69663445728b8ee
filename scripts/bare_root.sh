# SPDX-License-Identifier: Apache-2.0
# To be sourced: a bare Debian 12 in a folder, to prove things in. Needs root.
#   make_root FOLDER PACKAGE,...   makes it with debootstrap unless it is there, and mounts it until
#                                  the script ends
#   in_root COMMAND                runs it there with a bare environment

certificates=/etc/ssl/certs/ca-certificates.crt

make_root() {
  root=$1
  scripts/install.sh fresh
  # The mirror that this machine uses, else debootstrap's own choice.
  local mirror mount
  mirror=$(awk '$1 == "URIs:" || $1 == "deb" {print $2; exit}' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
  [ -e "$root/usr/bin/apt-get" ] ||
    debootstrap --variant=minbase --include="$2" bookworm "$root" ${mirror:+"$mirror"}
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # Whom this machine trusts, for instance a proxy of its network; npm's Node has to be told.
  mkdir -p "$root/etc/ssl/certs"
  cp "$certificates" "$root$certificates"
  trap unmount_root EXIT
  for mount in proc sys dev; do
    mkdir -p "$root/$mount"
    mountpoint -q "$root/$mount" || mount --rbind "/$mount" "$root/$mount"
  done
}

unmount_root() {
  local mount
  for mount in dev sys proc; do umount -R -l "$root/$mount" || true; done
}

in_root() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive NODE_EXTRA_CA_CERTS=$certificates bash -ec "$1"
}
