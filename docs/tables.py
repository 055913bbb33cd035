"""The parts of the reference that are made of the program itself, as Markdown."""

import html
import inspect
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeGuard

import orjson
import typer
from pydantic.json_schema import JsonSchemaValue
from typer.core import TyperGroup

from nornir_bgp import exceptions
from nornir_bgp.cli.main import app
from nornir_bgp.models.schema_names import PURPOSES
from nornir_bgp.models.schemas import schema_of


def made(what: str, which: str | None) -> str:
    """Make the part that a page asks for.

    Args:
        what: ``commands``, ``errors``, ``schemas`` or ``model``.
        which: with ``model``, its name.

    Raises:
        ValueError: there is no such part.
    """
    if what == "commands":
        root = typer.main.get_command(app)
        return "\n".join(_command(typer.Context(root, info_name="nornir-bgp")))
    if what == "errors":
        return _errors()
    if what == "schemas":
        rows = ((f"[`{name}`](schemas/{name}.json)", purpose) for name, purpose in PURPOSES.items())
        return _table(("name", "what it describes"), rows)
    for schema in map(schema_of, PURPOSES):
        if what == "model" and which in schema.get("$defs", {}):
            return _fields(schema["$defs"][which])
    raise ValueError(f"nothing makes {what} {which or ''}")


def _command(context: typer.Context) -> Iterator[str]:
    """Tell what ``--help`` tells, of a command and of those below it."""
    command, path = context.command, context.command_path
    usage = " ".join(command.collect_usage_pieces(context)).replace("[[", "[").replace("]]", "]")
    about = html.escape(command.help or "", quote=False)
    yield f"## `{path}`\n\n{about}\n\n```text\n{path} {usage}\n```\n"
    records = [p.get_help_record(context) for p in command.params]
    rows = [(f"`{r[0]}`", _cell(r[1])) for r in records if r is not None]
    if rows:
        yield _table(("argument or option", "meaning"), rows)
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _command(typer.Context(below, parent=context, info_name=name))


def _errors() -> str:
    """The errors with their exit codes."""
    errors = [e for _, e in inspect.getmembers(exceptions, _is_error)]
    errors.sort(key=lambda error: (error.exit_code, error.__name__))
    rows = ((f"`{e.__name__}`", str(e.exit_code), _cell(inspect.getdoc(e) or "")) for e in errors)
    return _table(("error", "exit code", "meaning"), rows)


def _is_error(value: object) -> TypeGuard[type[exceptions.NornirBgpError]]:
    return inspect.isclass(value) and issubclass(value, exceptions.NornirBgpError)


def _fields(schema: JsonSchemaValue) -> str:
    """The fields of a model: name, what may stand there, default, meaning."""
    required = schema.get("required", [])
    rows = (
        (
            f"`{name}`",
            _kind(field),
            "required" if name in required else _default(field),
            _cell(field.get("description", "")),
        )
        for name, field in schema["properties"].items()
    )
    return _table(("key", "value", "default", "meaning"), rows)


def _default(field: JsonSchemaValue) -> str:
    value = field.get("default", {})
    return "" if isinstance(value, dict) else f"`{orjson.dumps(value).decode()}`"


def _kind(field: JsonSchemaValue) -> str:
    """Say in a word or two what a field takes."""
    choices = field.get("anyOf") or field.get("oneOf") or []
    if choices:
        kinds = dict.fromkeys(map(_kind, choices))
        return " or ".join(kind for kind in kinds if kind != "null")
    if "items" in field:
        return f"list of {_kind(field['items'])}"
    if "patternProperties" in field:
        return f"name: {_kind(next(iter(field['patternProperties'].values())))}"
    pattern = field.get("pattern", "")
    special = {"[smhd]": "age, as `36h`", "/0*": "prefix", "[A-Za-z": "name"}
    found = next((kind for sign, kind in special.items() if sign in pattern), None)
    named = field.get("$ref", "").rpartition("/")[2]
    constant = f"`{orjson.dumps(field['const']).decode()}`" if "const" in field else None
    return named or constant or found or field.get("format") or field.get("type", "any")


def _cell(text: str) -> str:
    """One line of Markdown, as a table's cell takes it."""
    return re.sub(r"\s+", " ", text).replace("``", "`").replace("\\[", "[").replace("|", "\\|")


def _table(heads: tuple[str, ...], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
