"""Secrets in FRR's configuration lines."""

import re

_BLANKS = r"[^\S\n]+"
_BEFORE = (
    "password",
    "tcp-md5-auth",
    "key-string",
    "authentication string",
    "authentication-key",
    r"message-digest-key \d+ md5",
    r"hash-algo \S+ key",
    "nhrp authentication",
)
"""What stands before a secret: of the lines themselves, of BGP, LDP, IS-IS, OSPF, RIP and NHRP."""

_SECRET = re.compile(rf"\b({'|'.join(_BEFORE).replace(' ', _BLANKS)}){_BLANKS}\S.*", re.IGNORECASE)
"""Also as a person types it, whom a log of a session shows, too."""

MASK = "<secret>"


def masked(text: str) -> str:
    """Return configuration lines, or their diff, without the secrets in them."""
    return _SECRET.sub(rf"\1 {MASK}", text)
