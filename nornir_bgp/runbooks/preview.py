"""What would be sent to bring the gateways to a plan."""

from nornir_bgp.frr.overrides import diff_overrides
from nornir_bgp.frr.overrides_change import change_overrides
from nornir_bgp.models.network import Network
from nornir_bgp.models.report import GatewayChange
from nornir_bgp.tasks.push import AllOverrides


def previewed(
    network: Network, current: AllOverrides, wanted: AllOverrides
) -> tuple[GatewayChange, ...]:
    """Say for each gateway what would be sent.

    Args:
        network: the network.
        current: the overrides of each gateway.
        wanted: what they are to be.
    """
    policy = network.settings.policy
    return tuple(
        GatewayChange(
            gateway=gateway,
            changed=False,
            diff=diff_overrides(current[gateway], wanted[gateway], policy),
            lines=change_overrides(current[gateway], wanted[gateway], policy).lines,
        )
        for gateway in network.gateways
    )
