#!/bin/sh
# Load a configuration into FRR in namespaces of its own, and print its running configuration.
# usage: load_into_frr.sh FILE HOSTNAME
set -eu
user=
[ "$(id -u)" = 0 ] || user="--user --map-root-user --map-auto"
export FILE="$1" NAME="$2"
# shellcheck disable=SC2086 # the options are words
exec unshare $user --net --mount --pid --fork --kill-child --mount-proc --uts --ipc sh -eu -c '
    hostname "$NAME"
    for folder in /etc/frr /var/run/frr /var/tmp; do
        mount -t tmpfs tmpfs "$folder"
        chown frr:frr "$folder"
    done
    touch /etc/frr/vtysh.conf
    ip link set lo up
    for name in lo0 lo1 lo2 lo3 lo4 eth1 eth2 eth3 eth4; do
        ip link add "$name" type bridge
        ip link set "$name" up
    done
    for daemon in zebra staticd ospfd bgpd bfdd; do
        "/usr/lib/frr/$daemon" -d -A 127.0.0.1 >&2
    done
    vtysh -f "$FILE" >&2
    vtysh -c "show running-config"
'
