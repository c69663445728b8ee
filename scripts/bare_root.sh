# SPDX-License-Identifier: Apache-2.0
# To be sourced: bare Debian systems in folders, to prove things in. Needs root.
#   make_root RELEASE FOLDER PACKAGE,...   makes Debian RELEASE (12 or 13) with debootstrap unless it is
#                                          there, mounts it until the script ends and sets $root
#   update_checkout                        brings what is committed here to /checkout there
#   in_root COMMAND                        runs it in $root with a bare environment

certificates=/etc/ssl/certs/ca-certificates.crt
roots=()

make_root() {
  local suite mirror mount
  case $1 in
    12) suite=bookworm ;;
    13) suite=trixie ;;
    *) echo "Debian release '$1': 12 or 13 expected" >&2; exit 2 ;;
  esac
  root=$2
  scripts/install.sh fresh
  # The mirror that this machine uses, else debootstrap's own choice.
  mirror=$(awk '$1 == "URIs:" || $1 == "deb" {print $2; exit}' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
  [ -e "$root/usr/bin/apt-get" ] ||
    debootstrap --variant=minbase --include="$3" "$suite" "$root" ${mirror:+"$mirror"}
  grep -qx "VERSION_CODENAME=$suite" "$root/etc/os-release" ||
    { echo "$root is not Debian $1" >&2; exit 2; }
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  # Whom this machine trusts, for instance a proxy of its network; npm's Node has to be told.
  mkdir -p "$root/etc/ssl/certs"
  cp "$certificates" "$root$certificates"
  roots+=("$root")
  trap unmount_roots EXIT
  for mount in proc sys dev; do
    mkdir -p "$root/$mount"
    # A slave: unmounting it again unmounts nothing of this machine.
    mountpoint -q "$root/$mount" || mount --rbind --make-rslave "/$mount" "$root/$mount"
  done
}

unmount_roots() {
  local folder mount
  for folder in "${roots[@]}"; do
    for mount in dev sys proc; do umount -R -l "$folder/$mount" || true; done
  done
}

update_checkout() {
  [ -e "$root/checkout" ] || git clone -q . "$root/checkout"
  git -C "$root/checkout" fetch -q "$PWD" HEAD
  git -C "$root/checkout" checkout -q --force FETCH_HEAD
}

in_root() {
  chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive NODE_EXTRA_CA_CERTS=$certificates bash -ec "$1"
}
