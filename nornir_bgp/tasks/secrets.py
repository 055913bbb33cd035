"""The secrets of a connection: an inventory says where they stand, not what they are.

``env:NAME`` is a variable of the environment, ``file:PATH`` a file that its owner alone may read.
Both are read when a session is opened, and the value goes to Netmiko only: it never stands in
the inventory, nor in anything that is printed or written.
"""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from nornir.core.inventory import BaseAttributes, Defaults, Group, Host, Inventory

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.nornir_config import FRR_CONNECTION, SECRET_EXTRAS

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FILE = "file:"
_ENVIRONMENT = "env:"
_LONGEST = 4096
"""Bytes that are read of a secret's file; no secret is that long."""


def anchor_secrets(inventory: Inventory, folder: Path) -> None:
    """Let the relative paths of secrets in an inventory start at a folder."""
    for _, holder in _holders(inventory):
        password = holder.dict()["password"]
        if password is not None:
            holder.password = _anchored(password, folder)
        extras = holder.dict().get("extras") or {}
        extras |= {name: _anchored(extras[name], folder) for name in _named(extras)}


def plain_secrets(inventory: Inventory) -> tuple[str, ...]:
    """Warn of secrets that stand in the inventory itself, for whoever may read it."""
    return tuple(
        f"{owner}: its {name} stands in the inventory; write env:NAME or file:PATH there, and the "
        "secret in that place"
        for owner, holder in _holders(inventory)
        for values in (holder.dict(), holder.dict().get("extras") or {})
        for name in _named(values)
        if not values[name].startswith((_FILE, _ENVIRONMENT))
    )


def _holders(inventory: Inventory) -> Iterator[tuple[str, BaseAttributes]]:
    """Yield what holds connection parameters of ours, with the name of its owner."""
    elements: list[tuple[str, Defaults | Group | Host]] = [("defaults", inventory.defaults)]
    elements += [*inventory.groups.items(), *inventory.hosts.items()]
    for name, element in elements:
        yield name, element
        if FRR_CONNECTION in element.connection_options:
            yield name, element.connection_options[FRR_CONNECTION]


def _named(values: dict[str, object]) -> list[str]:
    """The secrets that are given."""
    return [name for name in SECRET_EXTRAS if values.get(name)]


def _anchored(written: str, folder: Path) -> str:
    if not written.startswith(_FILE):
        return written
    return f"{_FILE}{folder.absolute() / Path(written.removeprefix(_FILE)).expanduser()}"


def revealed(written: str, what: str) -> str:
    """Return the secret that a reference stands for; anything else is the secret itself.

    Args:
        written: what the inventory says.
        what: the secret's name for messages, ``172.16.0.3: password``.

    Raises:
        InputError: there is none, or others than the owner may read or write its file.
    """
    if written.startswith(_ENVIRONMENT):
        return _from_environment(written.removeprefix(_ENVIRONMENT), what)
    if written.startswith(_FILE):
        return _from_file(Path(written.removeprefix(_FILE)).expanduser(), what)
    return written


def _from_environment(name: str, what: str) -> str:
    if not _NAME.fullmatch(name):
        raise InputError(f"{what}: {name!r} names no variable; write env:NAME")
    secret = os.environ.get(name, "")
    if not secret:
        raise InputError(f"{what}: the environment has no {name}; set it")
    return secret


def _from_file(path: Path, what: str) -> str:
    try:
        content, status = _read(path)
    except OSError as error:
        raise InputError(
            f"{what}: {path} cannot be read: {error.strerror}; correct the reference"
        ) from None
    except ValueError:  # a NUL, or half of a surrogate pair
        raise InputError(f"{what}: {str(path)!r} is no file's name; correct it") from None
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{what}: {path} is no file; name one")
    if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InputError(f"{what}: {path} may be used by others than its owner; chmod 600 it")
    try:
        secret = content.decode().removesuffix("\n")
    except UnicodeDecodeError:
        secret = ""
    if not secret.isprintable() or not 0 < len(secret) < _LONGEST:
        raise InputError(f"{what}: {path} does not hold one line of text; write the secret alone")
    return secret


def _read(path: Path) -> tuple[bytes, os.stat_result]:
    """Read a file, and say what it is: of the open file, so that nobody swaps it in between."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        return (file.read(_LONGEST) or b"") if stat.S_ISREG(status.st_mode) else b"", status
