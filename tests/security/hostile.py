"""Values that somebody could write into a file to make a router do something else."""

from hypothesis import strategies as st

LINES = (
    "x\nno router bgp 65020",
    "x\r\nend\r\nwrite memory",
    "x\rexit",
    "x\u2028no ip prefix-list L",
    "x\x0bexit",
    "x\x85end",
    "!",
    "x ! y",
    "x | include y",
    "x ; reboot",
    "$(reboot)",
    "`id`",
    "x && y",
    'x" y',
    "x' y",
    "x\\",
    "?",
    "x\t",
    "\t",
    "x\x03",
    "x\x1a",
    "x\x1b[2J",
    "x\x1b]0;y\x07",
    "\x9b2J",
    "\x00",
    "x\x00y",
    "\u202edne",
    "x\u200by",
    "\ufeffx",
    "\ud800",
    "\ud800\udc00",
    "65020",
    "\uff16\uff15\uff10\uff12\uff10",  # full-width digits
    "1\u0660.0.0.1",  # an Arabic digit
    "10.0.0.1\u00b2",
    "G\u0420W",  # a Cyrillic letter
    "\u0430dmin",
    "../../etc/passwd",
    "/etc/passwd",
    "..",
    ".",
    "-",
    "--",
    "-oProxyCommand=reboot",
    "~",
    "",
    " ",
    " x",
    "x ",
    "x  y",
    "a" * 64,
    "a" * 65,
    "b" * 5000,
    "1" * 5000,
    "{{ 7 * 7 }}",
    "{% raw %}",
    "%s%n",
    "<script>",
)
"""Text that is more than a name, or that reads as another one."""

KEYWORDS = (
    *("exit", "end", "no", "quit", "do", "write", "include", "permit", "deny", "any", "seq", "le"),
    *("all", "in", "out", "route-map", "prefix-list", "router", "neighbor", "peer-group", "true"),
    *("null", "yes", "~", "1", "0x10", "1e3", "010", "1_000", "0.0.0.0", "0", "-1", "::", "nan"),
)
"""Words that vtysh or YAML may take for something else than a name."""

ADDRESSES = (
    *("10.0.0.0/8", "10.0.0.1/8", "10.0.0.0/08", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/8/8"),
    *("10.0.0/24", "010.0.0.0/8", "0x0a.0.0.0/8", "0.0.0.0/0", "10.0.0.0 /8", "10.0.0.0/-1"),
    *("10.0.0.0/8 le 32", "10.0.0.0/8\nno router bgp", "any", "2001:DB8::/32", "2001:db8::1/32"),
    *("::ffff:10.0.0.0/104", "fe80::1%eth0", "fe80::1%\nexit", "fe80::/64%1", "10.0.0.0/255.0.0.0"),
    *("\uff11\uff10.0.0.0/8", "10.0.0.0/\u0668", "10\u3002 0.0.0/8", "1.2.3.4", "2001:db8::5"),
    *("224.0.0.1", "192.0.2.1/24", "192.0.2.1/24\n exit", "10.0.0.0/8\x00", "198.51.100.0/24"),
)
"""Addresses and prefixes, good ones among them."""

text = st.one_of(
    st.sampled_from([*LINES, *KEYWORDS, *ADDRESSES]),
    st.builds(
        lambda base, at, piece: base[:at] + piece + base[at:],
        st.sampled_from(["GW1", "eth0", "10.0.5.1", "198.51.100.0/24", "a name", *KEYWORDS]),
        st.integers(0, 15),
        st.one_of(st.sampled_from(LINES), st.characters()),
    ),
    st.text(max_size=20),
)
"""Hostile text, and text that is merely odd."""

numbers = st.one_of(
    st.integers(-2, 70000),
    st.sampled_from([2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 10**30, -(10**30)]),
)

values = st.one_of(
    text,
    text,
    numbers,
    st.sampled_from([None, True, False, 0.5, float("nan"), float("inf"), [], {}, [[]], {"": ""}]),
    st.lists(text, max_size=3),
    st.dictionaries(text, text, max_size=2),
)
"""What may stand in the place of a value."""
