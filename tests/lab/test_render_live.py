"""The reference routers run what is rendered for them."""

from pathlib import Path

import pytest

from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir


@pytest.mark.lab
def test_every_rendered_line_is_in_the_running_configuration(lab: Lab, lab_config: Path):
    rendered = render(load_nornir(lab_config))
    assert len(rendered) == 8
    for router, text in rendered.items():
        running = lab.vtysh(router, "show running-config")
        assert set(text.splitlines()) - set(running.splitlines()) == set(), router
