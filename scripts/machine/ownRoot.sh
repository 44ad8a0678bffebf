#!/bin/sh
# Runs a program that makes namespaces and mounts of its own: ownRoot.sh PROGRAM ARGUMENT...
# In a chroot "/" is no mount, so that mounts cannot be kept from others; there the program gets the same files below one.
set -eu
if unshare --mount true 2>/dev/null; then exec "$@"; fi
exec unshare --mount --propagation unchanged sh -euc '
  here=$(pwd)
  mkdir -p /run/whole
  mount --rbind / /run/whole
  exec chroot /run/whole env -C "$here" "$@"
' sh "$@"
