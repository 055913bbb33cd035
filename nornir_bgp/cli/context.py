"""What every verb is given: the global options, and Nornir when it asks for it."""

import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from nornir_bgp.exceptions import InputError
from nornir_bgp.report.printable import json_printable, printable

if TYPE_CHECKING:  # loading Nornir takes a moment that `--help` need not wait for
    from nornir.core import Nornir

    from nornir_bgp.cli.logs import LogFormat
    from nornir_bgp.models.settings import Settings

_log = logging.getLogger(__name__)

DEFAULT_CONFIG = Path("config.yaml")
_PIPE_WIDTH = 160


class _HarmlessConsole(Console):
    """A console on which only its own colours command the terminal, and no text does."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterator[Segment]:
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else printable(segment.text)
            yield segment._replace(text=text)


@dataclass(frozen=True)
class CliContext:
    """The global options.

    Attributes:
        given_config: the configuration file that the user named, if any.
        quiet: say nothing but the answer and errors.
        verbose: tell every task on every router, and show the traceback of a fault of ours.
        log_format: how standard error is written.
    """

    given_config: Path | None
    quiet: bool
    verbose: bool
    log_format: "LogFormat" = "text"

    @property
    def config(self) -> Path:
        """The configuration file."""
        return self.given_config or DEFAULT_CONFIG

    @cached_property
    def nornir(self) -> "Nornir":
        """Nornir on the configured inventory.

        Raises:
            InputError: the configuration or the inventory is wrong.
        """
        from nornir_bgp.cli.narrator import Narrator
        from nornir_bgp.runbooks.session import load_nornir
        from nornir_bgp.tasks.secrets import plain_secrets

        if not self.config.exists():
            raise InputError(f"{self.config}: no such file; name the configuration with --config")
        nr = load_nornir(self.config)
        for warning in plain_secrets(nr.inventory):
            self.warn(warning)
        self.warn_about(nr)
        return nr.with_processors([Narrator()]) if self.verbose else nr

    @cached_property
    def settings(self) -> "Settings":
        """The settings; the defaults where no configuration was named and there is none.

        Raises:
            InputError: the configuration is wrong, or was named and is missing.
        """
        from nornir_bgp.models.settings import Settings
        from nornir_bgp.runbooks.session import load_settings

        if self.given_config is None and not self.config.exists():
            return Settings()
        return load_settings(self.config)

    @cached_property
    def console(self) -> Console:
        """Where answers for a person go: standard output, wide where it is not a terminal."""
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        return _HarmlessConsole(width=width, highlight=False, markup=False)

    @property
    def animated(self) -> bool:
        """Progress may be drawn on standard error, where that is a terminal."""
        return not self.quiet and self.log_format == "text"

    def answer(self, document: str) -> None:
        """Print a JSON document on standard output, whatever ``--quiet`` says."""
        print(json_printable(document))

    def say(self, text: str) -> None:
        """Tell a person something, on standard error, unless ``--quiet``."""
        _log.info("%s", text)

    def warn(self, text: str) -> None:
        """Warn on standard error, unless ``--quiet``."""
        _log.warning("%s", text)

    def warn_about(self, nr: "Nornir") -> None:
        """Warn of what is allowed in the device data but unlikely to be meant."""
        from nornir_bgp.tasks.inventory import devices_of

        for device in devices_of(nr):
            for warning in device.warnings:
                self.warn(warning)


def context_of(context: typer.Context) -> CliContext:
    """Return the global options of the running command."""
    found = context.find_object(CliContext)
    if found is None:
        raise RuntimeError("the verb was not called through nornir-bgp")
    return found
