"""The Nornir connection to a router: Netmiko into vtysh, in the lab through its manager."""

import os
from typing import Any

from netmiko import NetmikoAuthenticationException, NetmikoTimeoutException
from nornir.core.configuration import Config
from nornir_netmiko.connections import Netmiko
from paramiko import SSHException

from nornir_bgp.exceptions import DeviceUnreachableError
from nornir_bgp.lab.state import DIRECT, LabState
from nornir_bgp.models.settings import Settings

CONNECTION = "frr"
"""The name under which Nornir knows this plugin."""

DEFAULTS: dict[str, Any] = {
    "use_keys": True,
    "ssh_strict": True,
    "system_host_keys": True,
    "conn_timeout": 10,
}
"""Netmiko's arguments; ``connection_options.frr.extras`` of the inventory go over them."""


class FrrConnection(Netmiko):  # type: ignore[misc] # nornir-netmiko has no types
    """An SSH session into ``vtysh``, with the host key checked.

    Netmiko has no FRR driver; ``cisco_ios`` fits vtysh's prompts and configuration mode. While the
    configuration names a lab, the TCP connection is made inside the lab manager's network
    namespace, and never in the machine's own network; a program that runs in the manager itself,
    Containerlab's or the built-in lab's, is told so by its environment and connects directly.
    """

    def open(
        self,
        hostname: str | None,
        username: str | None,
        password: str | None,
        port: int | None,
        platform: str | None,
        extras: dict[str, Any] | None = None,
        configuration: Config | None = None,
    ) -> None:
        """Open the session.

        Raises:
            LabError: the configuration names a lab that is not up.
            DeviceUnreachableError: no session: no route, refused, wrong key, wrong host key.
        """
        parameters = DEFAULTS | (extras or {})
        settings = Settings.model_validate(configuration.user_defined if configuration else {})
        if settings.lab is not None:
            lab = LabState.of(settings.lab)
            # A ProxyCommand of the user's own would lead out of the lab.
            parameters["ssh_config_file"] = None
            if DIRECT not in os.environ:
                timeout = parameters["conn_timeout"]
                parameters["sock"] = lab.dial(str(hostname), port or 22, timeout=timeout)
            if lab.key_file.exists():
                parameters |= {
                    "key_file": str(lab.key_file),
                    "system_host_keys": False,
                    "alt_host_keys": True,
                    "alt_key_file": str(lab.known_hosts),
                }
        try:
            super().open(hostname, username, password, port, "cisco_ios", parameters, configuration)
        except (
            NetmikoTimeoutException,
            NetmikoAuthenticationException,
            SSHException,
            OSError,
        ) as error:
            reason = " ".join(str(error).split())
            raise DeviceUnreachableError(f"{hostname}: no SSH session: {reason}") from error
