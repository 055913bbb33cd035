"""The main job: predictions in, proven routes out."""

from collections.abc import Mapping

from nornir.core import Nornir

from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.state import GatewayState
from nornir_bgp.runbooks.execution import execute
from nornir_bgp.runbooks.plan import Predictions, plan_network, read_predictions
from nornir_bgp.solver.choose import Choice


def distribute(
    nr: Nornir,
    predictions: Predictions,
    *,
    solver: Choice = "auto",
    dry_run: bool | None = None,
    strict: bool = False,
    keep: bool = False,
    force: bool = False,
    save: bool | None = None,
) -> DistributeReport:
    """Plan, put the plan on the gateways, and prove it on the edge routers.

    Nothing is sent before every gateway and edge router has been read and every gateway is found
    ready. If a gateway fails during the change, or the proof fails within its deadline, all
    gateways are put back to what they had.

    Args:
        nr: the Nornir object.
        predictions: the prediction matrix or its file.
        solver: ``dp``, ``cpsat`` or ``auto``.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        strict: refuse where a predicted prefix has no route.
        keep: leave the change in place although its proof failed.
        force: accept a matrix that has lost a large share against the last run.
        save: write the configuration on the gateways once it is proven, so that it survives their
            restart; ``None``: as the settings say.

    Returns:
        The report; it is also left, with the evidence, in a folder of its own under ``runs``.

    Raises:
        InputError: the predictions or the inventory are wrong; nothing was touched.
        LockedError: another run is under way; nothing was touched.
        DeviceError: a router could not be read; nothing was touched.
        RefusedError: a gateway is not ready, a link would be overloaded, or no predicted prefix
            has a route; nothing was touched.
    """
    matrix = read_predictions(predictions)

    def decide(network: Network, states: Mapping[str, GatewayState]) -> Plan:
        return plan_network(network, matrix, states, solver=solver, strict=strict)

    return execute(
        nr,
        decide,
        source="" if isinstance(predictions, PredictionMatrix) else str(predictions),
        inputs={"predictions.json": matrix.model_dump_json(indent=2)},
        dry_run=dry_run,
        keep=keep,
        force=force,
        save=save,
    )
