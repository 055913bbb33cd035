"""``nornir-bgp schema``."""

from typing import Annotated

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.models.schema_names import PURPOSES, SchemaName

app = typer.Typer()


@app.command()
def schema(
    context: typer.Context,
    name: Annotated[
        SchemaName | None,
        typer.Argument(metavar="[NAME]", help="Which one  \\[default: list the names]."),
    ] = None,
) -> None:
    """Print the JSON Schema of a file that you write or of an answer that you read."""
    import orjson

    from nornir_bgp.models.schemas import schema_of

    if name is not None:
        print(orjson.dumps(schema_of(name), option=orjson.OPT_INDENT_2).decode())
        return
    console = context_of(context).console
    for known, purpose in PURPOSES.items():
        console.print(f"{known:<12} {purpose}")
