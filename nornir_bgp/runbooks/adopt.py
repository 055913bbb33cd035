"""Adopt an existing network: running configurations become an inventory."""

from collections.abc import Sequence
from functools import partial
from ipaddress import ip_address
from pathlib import Path

from nornir.core.inventory import Host
from nornir.core.plugins.connections import ConnectionPluginRegister

from nornir_bgp.exceptions import InputError, TableSyntaxError
from nornir_bgp.frr.adopt import Understood, adopt, judge
from nornir_bgp.models.adoption import AdoptedDevice, Adoption
from nornir_bgp.models.fields import IPAddress
from nornir_bgp.models.settings import Settings
from nornir_bgp.report.adoption import to_markdown
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.inventory_files import write_inventory
from nornir_bgp.runbooks.memory import nornir_of
from nornir_bgp.runbooks.project_folder import new_project, refuse_used
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks.adopt import Running, read_running

REPORT = "ADOPTED.md"
"""The file in which a project says what was assumed and what was not understood."""


def adopt_network(
    folder: Path, addresses: Sequence[str], *, username: str, port: int, settings: Settings
) -> Adoption:
    """Read the routers' running configurations, and write the project that describes them.

    Nothing on a router is changed. What was written is loaded and rendered again, and compared
    with what the routers run: whatever is not the same in both is in the report.

    Args:
        folder: a new or an empty one.
        addresses: the routers, as SSH connects to them: addresses or names.
        username: the SSH user.
        port: the SSH port.
        settings: names of the policy objects, and the lab if the routers are its.

    Raises:
        InputError: the folder is in use, an address is given twice, or a router is none that the
            device model could hold; nothing was written.
        DeviceError: a router could not be asked; nothing was written.
    """
    refuse_used(folder)
    for address in addresses:
        if addresses.count(address) > 1:
            raise InputError(f"{address} is given twice; name each router once")
    ConnectionPluginRegister.auto_register()
    hosts = (Host(name=a, hostname=a, username=username, port=port) for a in addresses)
    nr = nornir_of(hosts, settings, source="addresses")
    with sessions(nr):
        found = ask(nr, addresses, read_running, Running).complete()
    understood = {address: _understood(address, found[address], settings) for address in addresses}
    _refuse_same_name(understood)
    with new_project(folder) as draft:
        write_inventory(draft, understood, username=username, port=port, settings=settings)
        rendered = render(load_nornir(draft / "config.yaml"))
        judged = partial(_judged, rendered=rendered, settings=settings)
        adoption = Adoption(
            folder=str(folder), devices=tuple(judged(a, u) for a, u in understood.items())
        )
        (draft / REPORT).write_text(to_markdown(adoption), "utf-8")
    return adoption


def _understood(address: str, running: Running, settings: Settings) -> Understood:
    try:
        return adopt(running.config, router_id=running.router_id, policy=settings.policy)
    except InputError as error:
        raise InputError(f"{address}: {error}; nothing was written") from error


def _refuse_same_name(understood: dict[str, Understood]) -> None:
    first: dict[str, str] = {}
    for address, router in understood.items():
        name = router.device.hostname
        if name in first:
            raise InputError(
                f"{first[name]} and {address} both call themselves {name}; if they are one router, "
                "name it once; nothing was written"
            )
        first[name] = address


def _judged(
    address: str, understood: Understood, *, rendered: dict[str, str], settings: Settings
) -> AdoptedDevice:
    text = rendered[understood.device.hostname]
    try:
        return judge(understood, text, address, _ip(address), settings.policy)
    except TableSyntaxError as error:
        raise TableSyntaxError(f"{address}: {error}; nothing was written") from error


def _ip(address: str) -> IPAddress | None:
    try:
        return ip_address(address)
    except ValueError:  # a name
        return None
