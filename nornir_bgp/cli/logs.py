"""What goes to standard error: lines for a person, or JSON objects for a machine.

The package logs as a library does, to ``logging.getLogger("nornir_bgp.…")``; here it is decided
what of it is shown, and how. A record's ``extra`` holds what a machine may want to know: ``event``
and, where they apply, ``run``, ``phase``, ``host``, ``task``, ``seconds`` and ``exit_code``.
"""

import logging
from typing import Any, Literal

from pythonjsonlogger.json import JsonFormatter

from nornir_bgp.report.printable import printable

LogFormat = Literal["text", "json"]

_HANDLER = "nornir-bgp"
_WORDS = {logging.WARNING: "warning: ", logging.ERROR: "error: "}


def configure_logs(log_format: LogFormat, *, quiet: bool, verbose: bool) -> None:
    """Send what is logged to standard error.

    Args:
        log_format: ``text``: lines for a person; ``json``: one object per line, and the start, the
            phases and the end of each run among them.
        quiet: errors alone.
        verbose: everything, each task on each router included; ``quiet`` goes over it.
    """
    handler = logging.StreamHandler()
    handler.name = _HANDLER
    handler.setFormatter(_TextFormatter() if log_format == "text" else _json_formatter())
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.name == _HANDLER]:
        root.removeHandler(old)
    root.addHandler(handler)
    logging.captureWarnings(capture=log_format == "json")
    levels = {
        "": logging.WARNING,
        "nornir_bgp": logging.WARNING if log_format == "text" else logging.INFO,
        "nornir_bgp.cli": logging.INFO,
        # The failure of a task or a session is told once, by the error that it becomes.
        "nornir": logging.CRITICAL,
        "paramiko": logging.CRITICAL,
        "netmiko": logging.CRITICAL,
    }
    if quiet:
        levels = {name: max(level, logging.ERROR) for name, level in levels.items()}
    elif verbose:
        levels |= {"nornir_bgp": logging.DEBUG, "nornir_bgp.cli": logging.DEBUG}
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


class _TextFormatter(logging.Formatter):
    """A line as a person reads it, harmless to a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(_WORDS.get(record.levelno, "") + super().format(record))


class _JsonFormatter(JsonFormatter):
    """One object per line, all ASCII, whose texts are harmless wherever they are shown."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        log_data["level"] = log_data["level"].lower()
        log_data.setdefault("event", "message")
        return {
            key: printable(value) if isinstance(value, str) else value
            for key, value in log_data.items()
        }


def _json_formatter() -> logging.Formatter:
    return _JsonFormatter(
        "{levelname}{name}{process}{message}",
        style="{",
        rename_fields={"levelname": "level", "name": "logger", "process": "pid"},
        timestamp="time",
    )
