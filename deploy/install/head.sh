#!/bin/sh
# Installs a Sealcast node: as a service of systemd, or as a container. It was made together with the archives that it pins, and an
# invite of the master that serves it pins this program. Run it with --help to see what it does.
set -eu
umask 022

archive_x64=@x64@
archive_arm64=@arm64@
size_x64=@size_x64@
size_arm64=@size_arm64@

program=/opt/sealcast-node
settings=/etc/sealcast-node
state=/var/lib/sealcast-node
unit=/etc/systemd/system/sealcast-node.service
user=sealcast-node
container=sealcast-node
container_user=36500
# For what people are told to type.
sudo='sudo '
command -v sudo >/dev/null 2>&1 || sudo=''

say() { printf 'sealcast: %s\n' "$*"; }
fail() {
  say "$*" >&2
  exit 1
}
