"""What a router announces, as a list and as one text."""

import pytest
from pydantic import ValidationError

from nornir_bgp.models.device_bgp import Bgp

PROCESS = {"as_number": 65020, "router_id": "192.168.3.1"}


def test_networks_may_be_one_text() -> None:
    prefixes = ["10.0.0.0/24", "2001:db8::/32", "10.0.1.0/24"]
    listed = Bgp.model_validate({**PROCESS, "networks": prefixes})
    assert Bgp.model_validate({**PROCESS, "networks": " ".join(prefixes)}) == listed
    assert Bgp.model_validate({**PROCESS, "networks": "\n".join(prefixes) + "\n"}) == listed
    assert [own.prefix for own in listed.own_networks] == prefixes


def test_a_fault_in_the_text_is_found() -> None:
    with pytest.raises(ValidationError) as caught:
        Bgp.model_validate({**PROCESS, "networks": "10.0.0.0/24 10.0.0.0/33"})
    (fault,) = caught.value.errors()
    assert fault["loc"][:2] == ("networks", 1)
    assert "10.0.0.0/33" in fault["msg"]
