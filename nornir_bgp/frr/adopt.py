"""From a running configuration to the device model, and what the model has no words for.

:func:`adopt` takes what it understands. Nothing is kept in mind about the rest: :func:`judge`
compares the running configuration with the one that is rendered from the device, so that a line is
either in the latter or reported.
"""

import re
from collections.abc import Collection, Iterator
from functools import partial

from pydantic import TypeAdapter, ValidationError

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.frr.adopt_policy import policies_of
from nornir_bgp.frr.adopt_process import aggregates_of, networks_of, options_of, paths_of
from nornir_bgp.frr.adopt_sessions import neighbors_of, taken
from nornir_bgp.frr.adopt_ways import interfaces_of, static_routes_of
from nornir_bgp.frr.bgp_lines import BgpLines
from nornir_bgp.frr.config_diff import config_change
from nornir_bgp.frr.driver import CLAUSE
from nornir_bgp.frr.ownership import IPV6_OFFSET, Owner, Ownership, Session
from nornir_bgp.frr.running_config import Sections, sections
from nornir_bgp.frr.secrets import masked
from nornir_bgp.models.adoption import AdoptedDevice, Group
from nornir_bgp.models.base import Model
from nornir_bgp.models.device import Device
from nornir_bgp.models.device_bgp import Bgp
from nornir_bgp.models.device_sessions import Neighbor
from nornir_bgp.models.documents import written
from nornir_bgp.models.fields import IPAddress, Prefix
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.validation import faults_of

_HOSTNAME = re.compile(r"hostname (.+)")
_ROUTER_ID = re.compile(r"bgp router-id (\S+)")

_PREFIX: TypeAdapter[str] = TypeAdapter(Prefix)


class Understood(Model):
    """What a running configuration says in the words of the device model.

    Attributes:
        running: the running configuration, with the router id spelled out.
        device: the router.
        group: what it is taken for.
        assumed: what the running configuration does not say, a sentence each.
    """

    running: str
    device: Device
    group: Group | None
    assumed: tuple[str, ...]


def adopt(running: str, *, router_id: str | None, policy: Policy) -> Understood:
    """Read a router's running configuration into a device.

    Args:
        running: the output of ``show running-config``.
        router_id: the router id that BGP uses, which FRR shows nowhere in the configuration where
            it chose it itself.
        policy: the names of the policy objects.

    Raises:
        InputError: the device model cannot hold this router at all: it has no host name, none
            that is one of ours, no BGP process, an AS number in dots, or no router id.
    """
    config = sections(running)
    hostname = next((m[1] for line in config[""] if (m := _HOSTNAME.fullmatch(line))), None)
    if hostname is None:
        raise InputError("the running configuration has no host name; give the router one")
    try:
        bgp = BgpLines.of(config)
    except InputError as error:
        raise InputError(f"{hostname}: {error}") from error
    configured = next((m[1] for line in bgp.process if (m := _ROUTER_ID.fullmatch(line))), None)
    router_id = configured or router_id
    if router_id is None:
        raise InputError(f"{hostname}: BGP has no router id; give it one (bgp router-id …)")
    device = _device(config, bgp, hostname, router_id, policy)
    assumed = []
    if configured is None:
        line = f" bgp router-id {device.bgp.router_id}"
        header = f"router bgp {bgp.as_number}"
        running = re.sub(rf"^{header}$", f"{header}\n{line}", running, count=1, flags=re.M)
        assumed.append(
            f"router_id {device.bgp.router_id} is FRR's own choice, taken from the running process;"
            f" a deploy writes it down as '{line.strip()}'"
        )
    group = _group(device)
    return Understood(
        running=running,
        device=device,
        group=group,
        assumed=(*assumed, *_assumptions(device, group, policy)),
    )


def judge(
    understood: Understood, rendered: str, address: str, session: IPAddress | None, policy: Policy
) -> AdoptedDevice:
    """Say what the rendered configuration of an adopted device does not hold.

    Args:
        understood: what :func:`adopt` returned.
        rendered: the configuration that was rendered from its device.
        address: what SSH connected to, as it was named.
        session: the same, if it is an address.
        policy: the names of the policy objects.

    Raises:
        TableSyntaxError: the running configuration has the same line twice.
    """
    compare = partial(config_change, understood.running, rendered, policy=policy)
    try:
        change = compare(session_address=session)
    except RefusedError:  # a deploy would take that address away, and will refuse to
        change = compare()
    return AdoptedDevice(
        address=address,
        device=understood.device,
        group=understood.group,
        assumed=understood.assumed,
        would_change="" if change.is_empty else masked(change.diff),
        not_understood=tuple(map(masked, change.unmanaged)),
        kept=tuple(map(masked, change.kept)),
        overrides=tuple(_overrides(sections(understood.running), sections(rendered)[""], policy)),
    )


def _device(
    config: Sections, bgp: BgpLines, hostname: str, router_id: str, policy: Policy
) -> Device:
    policies = policies_of(config, policy)
    exported = _export_prefixes(config, bgp, policy)
    neighbors = neighbors_of(bgp, policy.route_map, policies, exports=exported is not None)
    # The clauses between are the automation's, and make no map.
    own = {policy.first_clause, policy.first_clause + IPV6_OFFSET, policy.last_clause}
    clauses = (m for line in config[""] if (m := CLAUSE.match(line)))
    has_map = any(m[1] == policy.route_map and int(m[3]) in own for m in clauses)
    process: dict[str, object] = {
        "as_number": bgp.as_number,
        "router_id": router_id,
        "neighbors": neighbors,
        "networks": tuple(networks_of(bgp, policies)),
        "aggregates": tuple(aggregates_of(bgp)),
        **options_of(bgp),
    }
    value = {
        **dict(policies),
        "hostname": hostname,
        "interfaces": interfaces_of(config, router_id),
        "static_routes": static_routes_of(config),
        "setup_bgp_localpref_map": has_map
        or any(isinstance(n, Neighbor) and n.use_localpref_map for n in neighbors),
        "export_prefixes": exported,
        "bgp": process,
    }
    try:
        process.update(paths_of(bgp, Bgp.model_validate(process).families))
        return Device.model_validate(value)
    except ValidationError as error:
        faults = (f"{written(f.path)}: {f.message}" for f in faults_of(error, value))
        raise InputError(f"{hostname}: cannot be adopted: {'; '.join(faults)}") from None


def _export_prefixes(config: Sections, bgp: BgpLines, policy: Policy) -> tuple[str, ...] | None:
    """Return the export list's prefixes in both families; ``None``: there is no export policy."""
    applied = f"route-map {policy.export_map} out"
    if not any(line.startswith(f"route-map {policy.export_map} ") for line in config[""]) and (
        not any(applied in lines for family in bgp.unicast.values() for lines in family.values())
    ):
        return None
    entry = re.compile(
        rf"(?:ip|ipv6) prefix-list {re.escape(policy.export_list)} seq \d+ permit (\S+)"
    )
    matches = (entry.fullmatch(line) for line in config[""])
    prefixes = (taken(_PREFIX, match[1]) for match in matches if match)
    return tuple(dict.fromkeys(prefix for prefix in prefixes if prefix is not None))


def _group(device: Device) -> Group | None:
    if device.exit_neighbors:
        return "gateway"
    if any(neighbor.remote_as == device.bgp.as_number for _, neighbor in device.sessions):
        return "edge"
    return None


def _assumptions(device: Device, group: Group | None, policy: Policy) -> Iterator[str]:
    exits = {neighbor.ip for neighbor in device.exit_neighbors}
    match group:
        case "gateway":
            listed = ", ".join(map(str, exits))
            yield f"in group gateway, since route-map {policy.route_map} is inbound on {listed}"
        case "edge":
            yield (
                "in group edge, whose tables prove a plan, since it has a session within "
                f"AS {device.bgp.as_number} and no exit"
            )
        case None:
            yield (
                "in no group, since it has neither an exit nor a session within AS "
                f"{device.bgp.as_number}; leave it out if it is somebody else's"
            )
            return
    if not device.addresses:
        yield (
            "no interface: FRR configures no address here. A proof tells a gateway by its "
            "addresses: give at least the one that its internal sessions use"
        )
    others = ", ".join(
        f"{ip} (AS {neighbor.remote_as})"
        for ip, neighbor in device.sessions
        if neighbor.remote_as != device.bgp.as_number and ip not in exits
    )
    if others:
        yield (
            f"no exit, since route-map {policy.route_map} is not inbound on it: {others}; set "
            "use_localpref_map: true on a session that leads to an upstream"
        )


def _overrides(config: Sections, rendered: Collection[str], policy: Policy) -> Iterator[str]:
    """Yield what is ``distribute``'s own under its headers, but for the rendered sections."""
    ownership = Ownership(rendered, policy, Session(None, ()))
    for header in config[""]:
        if ownership.owner(header) is Owner.AUTOMATION:
            yield masked(header)
            yield from (f" {masked(line)}" for line in config[header])
