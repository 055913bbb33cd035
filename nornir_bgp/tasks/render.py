"""Render a device's configuration from a template."""

import traceback
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError
from nornir.core.exceptions import NornirSubTaskError
from nornir.core.task import Result, Task
from nornir_jinja2.plugins.tasks import template_file

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.settings import Policy
from nornir_bgp.tasks.inventory import device_of


def template_environment(folder: Path) -> Environment:
    """Make the environment of the templates in a folder: an unknown name is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is a router's configuration, not HTML
    )


def render_configuration(
    task: Task, *, template: str, environment: Environment, policy: Policy
) -> Result:
    """Render the configuration of one host; ``result`` is its text.

    Args:
        task: the task; the host's data is validated into a device.
        template: the template's name in the environment. It is given ``device``, ``policy`` and
            Nornir's ``host``.
        environment: see :func:`template_environment`; one for all hosts, so that the template is
            compiled once.
        policy: names and numbers of the policy objects.

    Raises:
        InputError: the host's data is wrong, or the template is: with its file and line.
    """
    device = device_of(task.host)
    try:
        rendered = task.run(
            template_file,
            template=template,
            jinja_env=environment,
            device=device,
            policy=policy,
        )
    except NornirSubTaskError as error:
        cause = error.result.exception
        raise InputError(f"{_template_fault(cause, template)} (for {task.host.name})") from cause
    return Result(host=task.host, result=rendered.result)


def _template_fault(error: BaseException, template: str) -> str:
    """Say where and why a template failed.

    Jinja rewrites the traceback, so that the frames of a template carry its file and lines.
    """
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or template}:{error.lineno}: {error.message}; mend the template"
    reason = f"{type(error).__name__}: {error}; mend the template"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.name == "top-level template code" or frame.name.startswith(("template", "block "))
    ]
    if not frames:
        return f"{template}: {reason}"
    return f"{frames[-1].filename}:{frames[-1].lineno}: {reason}"
