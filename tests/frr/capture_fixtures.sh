#!/bin/bash
# Captures tests/frr/fixtures/frr-<version>/ from live FRR: seven routers in throw-away namespaces.
#
#   sudo tests/frr/capture_fixtures.sh tests/frr/fixtures/frr-8.4.4
#
# Everything ends with the one process that unshare starts. r1 is the router with the difficult
# tables; the others feed it. Every state is waited for, 60 s at most.
set -euo pipefail

if [[ ${INSIDE:-} != yes ]]; then
    mkdir -p "$1"
    INSIDE=yes exec unshare --net --mount --pid --fork --mount-proc \
        --kill-child "$(realpath "$0")" "$(realpath "$1")"
fi
out=$1

mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /etc/frr
mount -t tmpfs tmpfs /var/tmp
mkdir -p /run/frr /run/netns

link() { # ROUTER ADDRESSES ROUTER ADDRESSES: a veth pair, each end named for the far router
    ip link add "$1-$3" netns "$1" type veth peer name "$3-$1" netns "$3"
    for address in $2; do ip -n "$1" address add "$address" dev "$1-$3"; done
    for address in $4; do ip -n "$3" address add "$address" dev "$3-$1"; done
    ip -n "$1" link set "$1-$3" up
    ip -n "$3" link set "$3-$1" up
}

start() { # ROUTER; its configuration on stdin
    mkdir -p "/etc/frr/$1" "/run/frr/$1"
    touch "/etc/frr/$1/"{vtysh,zebra}.conf
    { printf 'hostname %s\n' "$1"; cat; } >"/etc/frr/$1/bgpd.conf"
    chown -R frr:frr "/etc/frr/$1" "/run/frr/$1"
    ip netns exec "$1" /usr/lib/frr/zebra -d -N "$1" -A 127.0.0.1
    ip netns exec "$1" /usr/lib/frr/bgpd -d -N "$1" -A 127.0.0.1
}

vty() { vtysh -N "$1" "${@:2}"; }

await() { # ROUTER COMMAND PATTERN: until the command's output has the pattern, 60 s at most
    for _ in {1..240}; do
        if vty "$1" -c "$2" | grep -qE "$3"; then return; fi
        sleep 0.25
    done
    echo "$1: '$2' never showed '$3'" >&2
    vty "$1" -c "$2" >&2
    exit 1
}

# The text is taken before and after the JSON, so that a pair shows one state of the table.
capture() { # NAME ROUTER FAMILY
    local text
    for _ in {1..40}; do
        text=$(vty "$2" -c "show bgp $3 unicast")
        vty "$2" -c "show bgp $3 unicast json" >"$out/$1.json"
        if [[ $text == "$(vty "$2" -c "show bgp $3 unicast")" ]]; then
            printf '%s\n' "$text" >"$out/$1.txt"
            return
        fi
    done
    echo "$2: the $3 table never stood still" >&2
    exit 1
}

for router in r1 r2 r3 r4 r5 r6 r7; do
    ip netns add "$router"
    ip -n "$router" link set lo up
done
link r1 "10.0.12.1/24 2001:db8:12::1/64" r2 "10.0.12.2/24 2001:db8:12::2/64"
link r1 "10.0.13.1/24 2001:db8:13::1/64" r3 "10.0.13.3/24 2001:db8:13::3/64"
link r1 "10.100.114.101/24 2001:db8:14:ffff:1111:2222:3333:1/64" \
    r4 "10.100.114.104/24 2001:db8:14:ffff:1111:2222:3333:4/64"
link r2 "" r3 ""
link r5 "10.0.56.5/24" r6 "10.0.56.6/24"

# r1: multipath, dampening, suppressed routes under an AS_SET aggregate, huge attributes inbound.
start r1 <<'CONF'
router bgp 65001
 bgp router-id 192.168.1.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp graceful-restart
 bgp bestpath as-path multipath-relax
 neighbor 10.0.12.2 remote-as 65002
 neighbor 10.0.13.3 remote-as 65002
 neighbor 10.100.114.104 remote-as 65001
 neighbor 2001:db8:12::2 remote-as 65002
 neighbor 2001:db8:13::3 remote-as 65002
 neighbor 2001:db8:14:ffff:1111:2222:3333:4 remote-as 65001
 address-family ipv4 unicast
  bgp dampening 15 750 900 60
  maximum-paths 4
  network 10.1.0.0/16
  aggregate-address 100.64.0.0/16 as-set summary-only
  neighbor 10.100.114.104 route-map HUGE in
 exit-address-family
 address-family ipv6 unicast
  maximum-paths 4
  network 2001:db8:1::/48
  network ::/0
  neighbor 2001:db8:12::2 activate
  neighbor 2001:db8:13::3 activate
  neighbor 2001:db8:13::3 route-map GLOBAL in
  neighbor 2001:db8:14:ffff:1111:2222:3333:4 activate
 exit-address-family
ip prefix-list WEIGHTY seq 5 permit 203.0.113.0/24
ip prefix-list PREFERRED seq 5 permit 192.0.2.0/24
route-map HUGE permit 10
 match ip address prefix-list WEIGHTY
 set weight 4294967295
route-map HUGE permit 20
 match ip address prefix-list PREFERRED
 set local-preference 4294967295
 set metric 4294967295
route-map HUGE permit 99
route-map GLOBAL permit 10
 set ipv6 next-hop prefer-global
CONF

# r2 and r3, one AS, also peer with each other over an unnumbered link.
start r2 <<'CONF'
router bgp 65002
 bgp router-id 192.168.2.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.0.12.1 remote-as 65001
 neighbor 2001:db8:12::1 remote-as 65001
 neighbor r2-r3 interface remote-as internal
 address-family ipv4 unicast
  network 0.0.0.0/0
  network 198.51.100.0/24 route-map MED
  network 198.51.100.192/26
  network 203.0.113.128/25
  network 192.168.100.128/25
  network 100.64.1.0/24
  network 100.64.2.0/24 route-map LONG
  network 131.114.0.0/16 route-map EGP
  neighbor 10.0.12.1 route-map TOWARDS_R1 out
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:2::/48
  network 2001:db8:1234:5678:9abc:def0:1234:0/112
  neighbor 2001:db8:12::1 activate
  neighbor r2-r3 activate
 exit-address-family
ip prefix-list PREPENDED seq 5 permit 100.64.1.0/24
route-map MED permit 10
 set metric 50
route-map LONG permit 10
 set as-path prepend 65010 65011
route-map EGP permit 10
 set origin egp
route-map TOWARDS_R1 permit 10
 match ip address prefix-list PREPENDED
 set as-path prepend 4200000000 65020
route-map TOWARDS_R1 permit 20
CONF
start r3 <<'CONF'
router bgp 65002
 bgp router-id 192.168.3.3
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp graceful-restart
 neighbor 10.0.13.1 remote-as 65001
 neighbor 2001:db8:13::1 remote-as 65001
 neighbor r3-r2 interface remote-as internal
 address-family ipv4 unicast
  network 198.51.100.0/24
  network 198.51.100.192/26
  network 203.0.113.128/25
  network 100.64.3.0/24
  network 172.31.1.0/24
  network 172.31.2.0/24
  network 131.114.0.0/16 route-map INCOMPLETE
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:3::/48
  network 2001:db8:1234:5678:9abc:def0:1234:0/112
  neighbor 2001:db8:13::1 activate
  neighbor r3-r2 activate
 exit-address-family
route-map INCOMPLETE permit 10
 set origin incomplete
CONF
start r4 <<'CONF'
router bgp 65001
 bgp router-id 192.168.4.4
 no bgp network import-check
 neighbor 10.100.114.101 remote-as 65001
 neighbor 2001:db8:14:ffff:1111:2222:3333:1 remote-as 65001
 address-family ipv4 unicast
  network 10.4.0.0/16
  network 192.0.2.0/24
  network 203.0.113.0/24
  network 198.51.100.0/24 route-map PREFER
  network 192.168.200.128/25 route-map UNREACHABLE
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:4:4444:5555:6666:7777:8888/128
  network 2001:db8::/32
  neighbor 2001:db8:14:ffff:1111:2222:3333:1 activate
 exit-address-family
route-map PREFER permit 10
 set local-preference 200
 set metric 0
route-map UNREACHABLE permit 10
 set ip next-hop 10.99.99.99
CONF

# r5 and r6: a confederation. r7: a router with an empty table.
for pair in "5 6" "6 5"; do
    read -r own peer <<<"$pair"
    start "r$own" <<CONF
router bgp 6451$own
 bgp router-id 192.168.$own.$own
 bgp confederation identifier 65100
 bgp confederation peers 6451$peer
 bgp default local-preference 150
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 10.0.56.$peer remote-as 6451$peer
 address-family ipv4 unicast
  network 10.$own.0.0/16
  network 10.$own.100.128/25 route-map OUTSIDE
 exit-address-family
route-map OUTSIDE permit 10
 set as-path prepend 65201 65202
CONF
done
start r7 <<'CONF'
router bgp 65007
 bgp router-id 192.168.7.7
CONF

await r1 "show bgp ipv4 unicast 172.31.2.0/24" "from 10.0.13.3"
await r1 "show bgp ipv4 unicast 192.168.100.128/25" "from 10.0.12.2"
await r1 "show bgp ipv4 unicast 203.0.113.0/24" "from 10.100.114.104"
await r1 "show bgp ipv6 unicast 2001:db8:2::/48" "from 2001:db8:12::2"
await r1 "show bgp ipv6 unicast 2001:db8:3::/48" "from 2001:db8:13::3"
await r1 "show bgp ipv6 unicast 2001:db8::/32" "from 2001:db8:14:"
await r2 "show bgp ipv4 unicast 172.31.2.0/24" "from r2-r3"
await r5 "show bgp ipv4 unicast 10.6.0.0/16" "from 10.0.56.6"

# One route withdrawn (history), one withdrawn and announced again (damped).
r3_network() { vty r3 -c "configure terminal" -c "router bgp 65002" \
    -c "address-family ipv4 unicast" -c "$1"; }
r3_network "no network 172.31.1.0/24"
r3_network "no network 172.31.2.0/24"
await r1 "show bgp ipv4 unicast 172.31.2.0/24" "history|not in table"
r3_network "network 172.31.2.0/24"
await r1 "show bgp ipv4 unicast" "^ ?\*d +172.31.2.0/24"

capture r1-ipv4 r1 ipv4
capture r1-ipv6 r1 ipv6
capture r2-unnumbered-ipv4 r2 ipv4
capture r2-unnumbered-ipv6 r2 ipv6
capture r4-ibgp-ipv4 r4 ipv4
capture r4-ibgp-ipv6 r4 ipv6
capture r5-confederation-ipv4 r5 ipv4
capture r7-empty-ipv4 r7 ipv4
capture r7-empty-ipv6 r7 ipv6
vty r1 -c "show bgp summary json" >"$out/r1-summary.json"
vty r7 -c "show bgp summary json" >"$out/r7-summary.json"
vty r1 -c "show bgp ipv4 unicast neighbors 10.0.13.3 advertised-routes json" \
    >"$out/r1-advertised-ipv4.json"
vty r1 -c "show bgp ipv6 unicast neighbors 2001:db8:13::3 advertised-routes json" \
    >"$out/r1-advertised-ipv6.json"
vty r1 -c "show bgp ipv4 unicast neighbors 10.0.99.9 advertised-routes json" \
    >"$out/r1-advertised-stranger.json"

vty r1 -c "configure terminal" -c "router bgp 65001" -c "bgp default show-nexthop-hostname"
capture r1-hostnames-ipv4 r1 ipv4
capture r1-hostnames-ipv6 r1 ipv6

# r3's bgpd dies without a word: its routes stay on r1 as stale ones.
kill -9 "$(cat /run/frr/r3/bgpd.pid)"
await r1 "show bgp ipv4 unicast" "^ ?S"
capture r1-stale-ipv4 r1 ipv4
vty r1 -c "show bgp summary json" >"$out/r1-stale-summary.json"

# Answers that are no table.
vty r1 -c "show bgp vrf NOWHERE ipv4 unicast" >"$out/no-instance.txt" || true
vty r1 -c "show bgp vrf NOWHERE ipv4 unicast json" >"$out/no-instance.json" || true
vty r1 -c "show bgp ipv4 unicast wide" >"$out/r1-wide.txt"
vty r1 -c "show bgp ipv4 unicast 198.51.100.0/24" >"$out/r1-one-prefix.txt"
vty r1 -c "show bgp ipv4 unicast 198.51.100.0/24 json" >"$out/r1-one-prefix.json"
