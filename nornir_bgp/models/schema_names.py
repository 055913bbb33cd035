"""The names of the JSON Schemas, and what each describes; light, for ``--help`` reads them."""

from collections.abc import Mapping
from typing import Literal

SchemaName = Literal[
    "predictions",
    "gateways",
    "customers",
    "config",
    "hosts",
    "groups",
    "defaults",
    "devices",
    "routes",
    "plan",
    "report",
    "verify",
    "trace",
    "simulation",
    "explanation",
    "deploy",
    "adoption",
    "backtest",
]

PURPOSES: Mapping[SchemaName, str] = {
    "predictions": "a prediction matrix (JSON)",
    "gateways": "gateways for plan --offline --gateways (JSON)",
    "customers": "who sends from where, for predict flows --customers (JSON)",
    "config": "config.yaml",
    "hosts": "the inventory's hosts.yaml",
    "groups": "the inventory's groups.yaml",
    "defaults": "the inventory's defaults.yaml",
    "devices": "device files for render (YAML)",
    "routes": "routes from outside, for simulate --routes (YAML)",
    "plan": "what plan --json prints",
    "report": "what distribute --json and rollback --json print, and report.json of a run",
    "verify": "what verify --json prints",
    "trace": "what trace --json prints",
    "simulation": "what simulate --json prints",
    "explanation": "what explain --json prints",
    "deploy": "what deploy --json prints",
    "adoption": "what init --from-running --json prints",
    "backtest": "what predict backtest --json prints",
}
