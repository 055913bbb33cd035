"""The report of a run as one HTML file that needs nothing else."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from nornir_bgp.models.report import DistributeReport
from nornir_bgp.report.chart import amount, name_of
from nornir_bgp.report.measured import exit_name, rate_words, share_words
from nornir_bgp.report.page import PHASES, page_of
from nornir_bgp.report.printable import printable


def to_html(report: DistributeReport) -> str:
    """Write a report for a person: verdict first, then loads, assignment, change and proof.

    The page has its style, its script and its drawings in it and asks nothing of the network; its
    content security policy forbids anything else. Whatever came from a file or a router is
    escaped. The same report gives the same bytes.
    """
    style, script = _asset("report.css"), _asset("search.js")
    return _ENVIRONMENT.get_template("report.html.j2").render(
        page=page_of(report),
        report=report,
        phases=PHASES,
        style=style,
        style_hash=_hash(style),
        script=script,
        script_hash=_hash(script),
    )


def _finalize(value: object) -> object:
    """Make text harmless before it is escaped; what the template made itself stays as it is."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("nornir_bgp.report"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["amount"] = amount
    environment.globals["name_of"] = name_of
    environment.filters["exit_name"] = exit_name
    environment.filters["share"] = share_words
    environment.filters["rate"] = rate_words
    return environment


def _asset(name: str) -> Markup:
    """A file of the package that goes into the page as it is."""
    return Markup(files("nornir_bgp.report").joinpath("templates", name).read_text("utf-8"))  # noqa: S704 - ours


def _hash(asset: str) -> str:
    """The hash by which a content security policy names an inline style or script."""
    return "sha256-" + b64encode(sha256(asset.encode()).digest()).decode()


_ENVIRONMENT = _environment()
