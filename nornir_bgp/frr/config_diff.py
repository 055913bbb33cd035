"""The commands that bring a router from its running configuration to the one it should have.

hier_config (with :class:`~nornir_bgp.frr.driver.FrrDriver`) finds and orders the difference of two
trees. What FRR does that no rule of hier_config can say is put into the trees before that, so that
a plain difference is right, for neighbours by :mod:`nornir_bgp.frr.config_neighbors`, for lists and
route-maps by :mod:`nornir_bgp.frr.config_policies`. A section that cannot be negated is emptied
instead: :data:`EMPTIED`.
"""

import re
from collections.abc import Iterator

from hier_config import HConfig, HConfigChild, get_hconfig_fast_load
from hier_config.exceptions import DuplicateChildError

from nornir_bgp.exceptions import InputError, RefusedError, TableSyntaxError
from nornir_bgp.frr.config_neighbors import hold_new_sessions, prepare_neighbors
from nornir_bgp.frr.config_policies import (
    close_new_clauses,
    collapse_objects,
    enter_siblings_anew,
    turn_clauses,
)
from nornir_bgp.frr.driver import FrrDriver
from nornir_bgp.frr.managed_lines import SECTIONS, keep_unmanaged
from nornir_bgp.frr.ownership import Owner, Ownership, Session, address_of, is_override
from nornir_bgp.models.config import ConfigChange
from nornir_bgp.models.fields import IPAddress
from nornir_bgp.models.settings import Policy

EMPTIED = re.compile(r"^(interface |address-family )")
"""Sections that FRR does not remove: ``no interface`` is refused while the interface exists, and
``no address-family`` does not exist."""


def config_change(
    running: str,
    intended: str,
    *,
    policy: Policy,
    replace: bool = False,
    session_address: IPAddress | None = None,
) -> ConfigChange:
    """Compute what brings a router to its rendered configuration.

    Args:
        running: the output of ``show running-config``.
        intended: the rendered configuration.
        policy: the names of the policy objects, which say what is managed and what is the
            automation's (see :mod:`nornir_bgp.frr.ownership`).
        replace: also remove what is unmanaged.
        session_address: the address that the manager connects to, if it is known.

    Raises:
        InputError: the rendered configuration has the same line twice.
        RefusedError: the router's host name is another, or the change would take away the address
            that the manager connects to.
        TableSyntaxError: the running configuration has the same line twice.
    """
    before, target = _load_running(running), _load_intended(intended)
    _check_hostname(before, target)
    for section in tuple(target.children):
        if is_override(section.text, policy):
            section.delete()
    session = Session.of(
        (
            (i.text, [c.text for c in i.children])
            for i in before.get_children(startswith="interface ")
        ),
        session_address,
    )
    ownership = Ownership({c.text for c in target.children}, policy, session)
    found: dict[Owner, list[str]] = {owner: [] for owner in Owner}
    rendered = target.deep_copy() if replace else target
    for section in before.children:
        wanted = _counterpart(section, rendered)
        if wanted is not None:
            found[Owner.UNMANAGED].extend(keep_unmanaged(section, wanted, ownership))
            if not wanted.children:
                wanted.delete()
            continue
        if section.text in ownership.rendered:
            continue
        owner = ownership.owner(section.text)
        found[owner].extend(_lines(section))
        if owner is not Owner.MANAGED and not (replace and owner is Owner.UNMANAGED):
            target.add_deep_copy_of(section)
    _check_session(before, target, session_address)
    return ConfigChange(
        commands=_commands(before, target),
        diff=_diff(before, target),
        unmanaged=tuple(found[Owner.UNMANAGED]),
        kept=tuple(found[Owner.KEPT]),
    )


def restoring_change(running: str, before: str, *, policy: Policy) -> ConfigChange:
    """Compute what brings a router back to what it was, whoever's the lines are.

    Only what is the automation's stays as it is now.

    Args:
        running: the output of ``show running-config`` now.
        before: the same at the earlier time.
        policy: the names of the policy objects.

    Raises:
        TableSyntaxError: a running configuration has the same line twice.
    """
    now, target = _load_running(running), _load_running(before)
    ownership = Ownership((), policy, Session(None, ()))
    for section in tuple(target.children):
        if ownership.owner(section.text) is Owner.AUTOMATION:
            section.delete()
    for section in now.children:
        if ownership.owner(section.text) is Owner.AUTOMATION:
            target.add_deep_copy_of(section)
    return ConfigChange(commands=_commands(now, target), diff=_diff(now, target))


def check_intended(device: str, text: str) -> None:
    """Check a rendered configuration before any router is asked.

    Args:
        device: whose it is, for the message.
        text: the rendered configuration.

    Raises:
        InputError: it has the same line twice.
    """
    try:
        _load_intended(text)
    except InputError as error:
        raise InputError(f"{device}: {error}") from error


def _load_running(text: str) -> HConfig:
    try:
        return get_hconfig_fast_load(FrrDriver(), text)
    except DuplicateChildError as error:
        raise TableSyntaxError(f"the running configuration is not understood: {error}") from error


def _load_intended(text: str) -> HConfig:
    try:
        intended = get_hconfig_fast_load(FrrDriver(), text)
    except DuplicateChildError as error:
        raise InputError(
            f"the rendered configuration holds a line twice: {error}; mend the template"
        ) from error
    for node in tuple(intended.all_children()):
        if EMPTIED.match(node.text) and not node.children:
            node.delete()  # FRR does not show it
    return intended


def _counterpart(section: HConfigChild, rendered: HConfig) -> HConfigChild | None:
    """Return what is rendered for a section whose lines have different owners, if it is one."""
    if not SECTIONS.match(section.text):
        return None
    if section.text.startswith("router bgp "):  # the AS number may change
        return rendered.get_child(re_search=r"^router bgp \d+$")
    if section.text == "bfd" and section.children:  # our profiles go where none is rendered
        return rendered.add_child(section.text, return_if_present=True)
    return rendered.get_child(equals=section.text)


def _lines(section: HConfigChild) -> Iterator[str]:
    return (child.cisco_style_text() for child in (section, *section.all_children()))


def _check_hostname(before: HConfig, target: HConfig) -> None:
    """Refuse another router's configuration.

    vtysh takes ``hostname`` for its own process only; the daemons show the system's host name, so
    no command could mend a difference, and the usual reason for one is a wrong address.
    """
    running = [c.text for c in before.get_children(startswith="hostname ")]
    wanted = [c.text for c in target.get_children(startswith="hostname ")]
    if running and wanted and running != wanted:
        raise RefusedError(
            f"the router calls itself {running[0]!r}, the configuration is for {wanted[0]!r}: "
            "check the address in the inventory, or set the router's host name first"
        )
    for line in wanted if not running else ():
        target.children.delete(line)


def _check_session(before: HConfig, target: HConfig, address: IPAddress | None) -> None:
    for interface in before.get_children(startswith="interface "):
        after = target.get_child(equals=interface.text)
        for line in interface.children:
            given = address_of(line.text)
            if given is None or given.ip != address:
                continue
            if after is None or line.text not in after.children:
                raise RefusedError(
                    f"the change takes {given} from {interface.text!r}, which is the address that "
                    "the manager connects to: change it on the console, or connect by another"
                )


def _diff(before: HConfig, target: HConfig) -> str:
    """Show the lines that go and come, with the sign in the first column."""
    signed = (
        re.sub(r"^( *)([-+]) ", r"\2\1", line) if re.match(r" *[-+] ", line) else f" {line}"
        for line in before.unified_diff(target)
    )
    return "\n".join(signed)


def _commands(before: HConfig, target: HConfig) -> tuple[str, ...]:
    """Return the commands in order; works on copies of both trees."""
    source, target = before.deep_copy(), target.deep_copy()
    staying = prepare_neighbors(source, target)
    collapse_objects(source, target)
    _empty_sections(source, target)
    turned = turn_clauses(source, target)
    delta = source.config_to_get_to(target)
    for clause in turned:
        delta.add_child(clause, return_if_present=True)
    hold_new_sessions(delta, staying)
    enter_siblings_anew(delta, target)
    close_new_clauses(delta, source, turned)
    delta.set_order_weight()
    return tuple(line.strip() for line in delta.lines(sectional_exiting=True))


def _empty_sections(source: HConfig, target: HConfig) -> None:
    """Keep in the target, without content, the sections that FRR does not remove."""
    for section in source.children:
        wanted = target.get_child(equals=section.text)
        if wanted is None:
            if EMPTIED.match(section.text):
                target.add_child(section.text)
            continue
        for inner in section.children:
            if EMPTIED.match(inner.text):
                wanted.add_child(inner.text, return_if_present=True)
