"""What adopting a network answers, for a person."""

from collections.abc import Iterator

from nornir_bgp.models.adoption import AdoptedDevice, Adoption
from nornir_bgp.report.markdown import counted
from nornir_bgp.report.printable import printable


def to_markdown(adoption: Adoption) -> str:
    """Write what was adopted, what was assumed, and what was not understood."""
    return printable("\n".join(_lines(adoption)) + "\n")


def summary(adopted: AdoptedDevice) -> str:
    """Say in one line what a router became."""
    device = adopted.device
    parts = (
        f"group {adopted.group}" if adopted.group else "no group",
        counted(len(device.interfaces), "interface"),
        counted(len(device.sessions), "session"),
        counted(len(device.exit_neighbors), "exit"),
        counted(len(device.bgp.networks), "network"),
    )
    return ", ".join(parts)


def _lines(adoption: Adoption) -> Iterator[str]:
    yield "# Adopted from running configurations"
    yield ""
    changing = [a.device.hostname for a in adoption.devices if a.would_change]
    if changing:
        yield f"**`nornir-bgp deploy` would change {', '.join(changing)}: read on before you do.**"
    else:
        yield "`nornir-bgp deploy` would change nothing on any router."
    for adopted in adoption.devices:
        yield ""
        yield f"## {adopted.device.hostname}"
        yield ""
        yield f"At {adopted.address}: {summary(adopted)}."
        if adopted.assumed:
            yield ""
            yield from (f"- {sentence}" for sentence in adopted.assumed)
        for title, lines in listings(adopted):
            yield from ("", f"{title}:", "", *(f"    {line}" for line in lines))


def listings(adopted: AdoptedDevice) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what is not in the inventory, the most alarming first: a title and its lines."""
    if adopted.would_change:
        yield (
            "The inventory has no words for this, and a deploy WOULD CHANGE it",
            tuple(adopted.would_change.splitlines()),
        )
    for title, lines in (
        ("Not understood; a deploy leaves it, unless with --replace", adopted.not_understood),
        ("Not in the inventory, and no deploy removes it", adopted.kept),
        ("distribute's own; no deploy touches it", adopted.overrides),
    ):
        if lines:
            yield title, lines
