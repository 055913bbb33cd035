"""Render the configuration of every device."""

from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.session import settings_of
from nornir_bgp.tasks.inventory import devices_of
from nornir_bgp.tasks.render import render_configuration, template_environment


def render(nr: Nornir, *, template: str | Path | None = None) -> dict[str, str]:
    """Render the configuration of every host, in parallel.

    Args:
        nr: the Nornir object.
        template: a template file; by default the one of the settings.

    Returns:
        hostname -> complete FRR configuration, in inventory order.

    Raises:
        InputError: the settings, a host's data or the template is wrong.
    """
    settings = settings_of(nr)
    devices = devices_of(nr, settings.policy)
    file = Path(settings.template if template is None else template)
    read_text(file)  # a missing template is named before anything runs
    rendered = nr.run(
        task=render_configuration,
        on_failed=True,
        raise_on_error=False,
        template=file.name,
        environment=template_environment(file.parent),
        policy=settings.policy,
    )
    for result in rendered.values():
        if result.exception is not None:
            raise result.exception
    return {device.hostname: str(rendered[device.hostname][0].result) for device in devices}
