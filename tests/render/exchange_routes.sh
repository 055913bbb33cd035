#!/bin/sh
# Run two routers on one link (eth1 of each), in namespaces of their own; the first takes one
# overriding prefix-list per family. Prints one JSON table per line: v4 and v6 of the first, v4 and
# v6 of the second.
# usage: exchange_routes.sh FOLDER FIRST SECOND     (reads FOLDER/<name>.conf)
set -eu
user=
[ "$(id -u)" = 0 ] || user="--user --map-root-user --map-auto"
export FOLDER="$1" FIRST="$2" SECOND="$3"
# shellcheck disable=SC2086 # the options are words
exec unshare $user --net --mount --pid --fork --kill-child --mount-proc --uts --ipc sh -eu -c '
    inside() { router=$1; shift; nsenter -t "$(cat "/run/$router.pid")" -n -m -u "$@"; }
    mount -t tmpfs tmpfs /run
    ip link add name left type veth peer name right
    for router in "$FIRST" "$SECOND"; do
        unshare --net --mount --uts sleep infinity &
        echo $! > "/run/$router.pid"
        until [ "$(cat "/proc/$!/comm")" = sleep ]; do :; done # its namespaces are there
    done
    ip link set left netns "$(cat "/run/$FIRST.pid")" name eth1
    ip link set right netns "$(cat "/run/$SECOND.pid")" name eth1
    for router in "$FIRST" "$SECOND"; do
        inside "$router" sh -eu -c "
            hostname $router
            for folder in /etc/frr /var/tmp; do
                mount -t tmpfs tmpfs \$folder; chown frr:frr \$folder
            done
            mkdir -p /run/frr-$router /var/run/frr; chown frr:frr /run/frr-$router
            mount --bind /run/frr-$router /var/run/frr
            touch /etc/frr/vtysh.conf
            ip link set lo up; ip link set eth1 up
            /usr/lib/frr/zebra -d -A 127.0.0.1
            /usr/lib/frr/bgpd -d -A 127.0.0.1
            vtysh -f $FOLDER/$router.conf" >&2
    done
    inside "$FIRST" vtysh -c "configure terminal" \
        -c "ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 131.114.0.0/16" \
        -c "ipv6 prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 2001:db8:a::/48"
    # Within 30 s both families must have come over, the list taken effect, and the policy of
    # the other side have been sent.
    tries=0
    until [ "$(inside "$FIRST" vtysh -c "show bgp ipv4 unicast json" \
                  -c "show bgp ipv6 unicast json" | grep -c "\"locPrf\":200")" = 2 ] &&
          [ "$(inside "$SECOND" vtysh -c "show bgp ipv4 unicast json" \
                  -c "show bgp ipv6 unicast json" | grep -c "\"path\":\"65020\"")" -ge 2 ]
    do
        tries=$((tries + 1))
        [ $tries -lt 60 ] || break
        sleep 0.5
    done
    for router in "$FIRST" "$SECOND"; do
        for family in ipv4 ipv6; do
            inside "$router" vtysh -c "show bgp $family unicast json" | tr -d "\n"
            echo
        done
    done
'
