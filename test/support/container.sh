#!/bin/sh
# Runs a program of an unpacked image as a container runtime does: it is process 1, sees the image's files read-only, writes to
# memory alone, and has the rights of the image's user. In namespaces of its own, made by `unshare --mount --uts --pid --fork`.
#   container.sh ROOT USER VOLUME DIRECTORY HOSTNAME MOUNTS [NAME=VALUE...] PROGRAM...
# MOUNTS: lines of "source target".
set -eu
root=$1 user=$2 volume=$3 directory=$4 host=$5 mounts=$6
shift 6
mount --make-rprivate /
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o "uid=${user%:*},gid=${user#*:},mode=0770" tmpfs "$root$volume"
echo "$mounts" | while read -r source target; do
  [ -n "$source" ] || continue
  mount --bind "$source" "$root$target"
  mount -o remount,bind,ro "$root$target"
done
mount -o remount,bind,ro "$root"
hostname "$host"
exec chroot --userspec="$user" --groups="${user#*:}" "$root" /usr/bin/env -i -C "$directory" "$@"
