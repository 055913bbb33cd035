"""One live BGP table in both of FRR's formats."""

from dataclasses import dataclass

import pytest

from nornir_bgp.frr.show_bgp import parse_json, parse_text
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.rib import Path, Rib

FAMILIES = ("ipv4", "ipv6")


@dataclass(frozen=True)
class Shown:
    """A table as a router showed it, once as text and once as JSON."""

    router: str
    text: str
    from_text: Rib
    from_json: Rib

    @property
    def paths(self) -> list[Path]:
        """Every path, as the text told it."""
        return [path for paths in self.from_text.routes.values() for path in paths]

    def check_agreement(self) -> None:
        """Every field that both formats have is the same, in the same order."""
        text, document = self.from_text, self.from_json
        assert text.default_local_pref == document.default_local_pref
        assert list(text.routes) == list(document.routes), self.router
        for prefix, paths in document.routes.items():
            both_tell = [path._replace(peer=None, reason=None) for path in paths]
            assert list(text.routes[prefix]) == both_tell, (self.router, prefix)
        identity = (document.router_id, document.local_as, document.version)
        if not document.routes:
            identity = (None, None, None)  # the text of an empty table does not say
        assert (text.router_id, text.local_as, text.version) == identity


def show(lab: Lab, router: str, family: str) -> Shown:
    """Read one state of a table: the text is the same before and after the JSON."""
    command = f"show bgp {family} unicast"
    for _ in range(20):
        text = lab.vtysh(router, command)
        document = lab.vtysh(router, f"{command} json")
        if lab.vtysh(router, command) == text:
            return Shown(router, text, parse_text(text), parse_json(document))
    pytest.fail(f"the {family} table of {router} never stood still")
