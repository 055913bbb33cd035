"""A file of metrics that tells how a job ended, also when there is no report of it."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from nornir_bgp.exceptions import InputError, NornirBgpError
from nornir_bgp.models.report import DistributeReport, VerifyReport
from nornir_bgp.report.prometheus import (
    LAST_RUN,
    LAST_SUCCESS,
    run_without_report,
    to_prometheus,
)
from nornir_bgp.report.prometheus_verify import (
    LAST_VERIFY,
    verify_to_prometheus,
    verify_without_report,
)
from nornir_bgp.runbooks.files import PUBLIC, read_text, write_whole

_log = logging.getLogger(__name__)

_INTERRUPTED = 130
"""What the command line ends with after Ctrl-C or SIGTERM, as shells have it."""


@contextmanager
def recorded_run(file: Path | None) -> Iterator[Callable[[DistributeReport], None]]:
    """Write the metrics of a run to a file, however the run ends.

    The time of the last run that ended well is taken over from the file, so that it stays known
    while runs are refused.

    Args:
        file: for node_exporter's textfile collector; ``None``: write none.

    Yields:
        A function that takes the run's report, which a block that ends well must call.

    Raises:
        InputError: the file cannot be written or is no such file; nothing was touched.
    """
    if file is None:
        yield lambda _: None
        return
    last_success = _earlier(file, LAST_RUN).get(LAST_SUCCESS)
    began = datetime.now(UTC)
    with _written(file, lambda code: run_without_report(began, code, last_success)) as end:
        yield lambda report: end(to_prometheus(report, last_success))


@contextmanager
def recorded_verify(file: Path | None) -> Iterator[Callable[[VerifyReport], None]]:
    """Likewise for a proof; see :func:`recorded_run`."""
    if file is None:
        yield lambda _: None
        return
    _earlier(file, LAST_VERIFY)
    began = datetime.now(UTC)
    with _written(file, partial(verify_without_report, began)) as end:
        yield lambda report: end(verify_to_prometheus(report, began))


@contextmanager
def _written(file: Path, without_report: Callable[[int], str]) -> Iterator[Callable[[str], None]]:
    """Write the text that the block gives at its end; if it fails, what its exit code tells.

    After the block a file that cannot be written is a warning: the network has been changed or
    not, and the exit code is to say that.
    """
    texts: list[str] = []
    try:
        yield texts.append
    except BaseException as error:
        texts = [without_report(_exit_code(error))]
        raise
    finally:
        try:
            write_whole(file, texts[0], mode=PUBLIC)
        except OSError as error:
            _log.warning("%s: the metrics cannot be written: %s", file, error.strerror)


def _exit_code(error: BaseException) -> int:
    if isinstance(error, NornirBgpError):
        return error.exit_code
    return 1 if isinstance(error, Exception) else _INTERRUPTED


def _earlier(file: Path, marker: str) -> dict[str, float]:
    """Read the samples without labels that an earlier job left in the file.

    Args:
        file: the file.
        marker: the metric that every such file holds.

    Raises:
        InputError: the file cannot be written, or holds something else.
    """
    if file.suffix != ".prom":
        raise InputError(f"{file}: node_exporter reads names that end in .prom; give such a name")
    if not os.access(file.parent, os.W_OK | os.X_OK) or file.is_dir():
        raise InputError(f"{file}: cannot be written; name a file in a folder that can")
    if not file.exists():
        return {}
    try:
        samples = {
            sample.name: sample.value
            for family in text_string_to_metric_families(read_text(file))
            for sample in family.samples
            if not sample.labels
        }
    except ValueError:  # an InputError, too: no text at all
        samples = {}
    if marker not in samples:
        raise InputError(
            f"{file}: holds something else than this command's metrics; name another file, one "
            "for each command"
        )
    return samples
