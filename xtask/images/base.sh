#!/usr/bin/env bash
# Makes the image that all others begin with, where no registry is in reach: a Debian root file system with the servers that
# docker-compose.yml names, put into Docker with `docker import`. Called by `cargo xtask images`; changes nothing of the machine.
#   base.sh TAG LABEL SUITE PACKAGES
set -euo pipefail
tag=$1 label=$2 suite=$3 packages=$4

fail() {
  echo "error: $1" >&2
  echo "hint: $2" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "a root file system is made by root only" \
  "run \`sudo -E cargo xtask images\`, or give Docker a registry: \`docker compose pull\`"

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT

if command -v debootstrap >/dev/null; then
  bootstrap=(debootstrap)
else
  # A shell script without needs of its own: it runs from where it is unpacked.
  command -v apt-get >/dev/null || fail "debootstrap is not installed" "install the package debootstrap"
  (cd "$work" && apt-get -qq download debootstrap && dpkg -x debootstrap_*.deb tool) ||
    fail "debootstrap is not installed and cannot be downloaded" "apt-get update && apt-get install debootstrap"
  bootstrap=(env "DEBOOTSTRAP_DIR=$work/tool/usr/share/debootstrap" "$work/tool/usr/sbin/debootstrap")
fi

if ! "${bootstrap[@]}" --variant=minbase --include="$packages" "$suite" "$work/root" >"$work/log" 2>&1; then
  tail -n 20 "$work/log" >&2
  fail "debootstrap failed" "is a Debian mirror in reach? see the lines above"
fi
# The name that it has everywhere but in Debian.
ln -s /usr/bin/prometheus-alertmanager "$work/root/usr/local/bin/alertmanager"

tar -C "$work/root" -c --one-file-system \
  --exclude='./dev/*' --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
  --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' . |
  docker import --change "LABEL $label" - "$tag" >/dev/null
