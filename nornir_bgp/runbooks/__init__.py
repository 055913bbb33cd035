"""Whole jobs: each takes a Nornir object and returns a report model."""

from nornir_bgp.runbooks.deploy import deploy
from nornir_bgp.runbooks.distribute import distribute
from nornir_bgp.runbooks.drain import drain, undrain
from nornir_bgp.runbooks.explain import explain
from nornir_bgp.runbooks.forecast import backtest, measure, predict
from nornir_bgp.runbooks.lab import lab_up
from nornir_bgp.runbooks.plan import plan, plan_by_file, plan_slots
from nornir_bgp.runbooks.recover import recover
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.rollback import rollback
from nornir_bgp.runbooks.session import load_nornir, settings_of
from nornir_bgp.runbooks.simulate import simulate
from nornir_bgp.runbooks.trace import trace
from nornir_bgp.runbooks.verify import verify

__all__ = [
    "backtest",
    "deploy",
    "distribute",
    "drain",
    "explain",
    "lab_up",
    "load_nornir",
    "measure",
    "plan",
    "plan_by_file",
    "plan_slots",
    "predict",
    "recover",
    "render",
    "rollback",
    "settings_of",
    "simulate",
    "trace",
    "undrain",
    "verify",
]
