"""A plan for a terminal, Markdown and HTML: columns and sentences where they tell something."""

from collections.abc import Callable, Mapping

from nornir_bgp.models.plan import ExitPlan, Plan

Column = Callable[[ExitPlan], str]

PLAIN = ("load", "share")
"""The columns that every plan has."""


def amount_columns(plan: Plan) -> Mapping[str, Column]:
    """Return what is told of each exit in numbers: the column's name -> the cell of an exit."""
    columns: dict[str, Column] = {
        "load": lambda exit_: f"{exit_.load:,}",
        "share": lambda exit_: _share(exit_.load, plan.total_load),
    }
    if any(exit_.slots for exit_ in plan.exits):
        columns["all slots"] = _over_slots
    if any(exit_.capacity is not None for exit_ in plan.exits):
        columns["capacity"] = lambda exit_: "-" if exit_.capacity is None else f"{exit_.capacity:,}"
        columns["used"] = lambda exit_: _share(exit_.load, exit_.capacity)
    if any(exit_.rest for exit_ in plan.exits):
        columns["left to BGP"] = lambda exit_: f"{exit_.rest:,}"
    if any(exit_.overrides is not None for exit_ in plan.exits):
        columns["raised"] = lambda exit_: f"{len(exit_.raised):,}"
    if any(exit_.backups for exit_ in plan.exits):
        columns["backup of"] = lambda exit_: f"{len(exit_.backups):,}"
    return columns


def quality_words(plan: Plan) -> str:
    """Say what is proven of a plan."""
    return "proven optimal" if plan.optimal else f"within {plan.gap:.2%} of optimal"


def change_words(plan: Plan) -> str:
    """Say how much a plan changes, as far as that is known; empty: nothing is."""
    words = []
    if plan.moved is not None:
        words.append(f"moved: {plan.moved:,} of {len(plan.gateway_of):,} prefixes")
    if plan.lines is not None:
        words.append(f"lines: {plan.lines:,}")
    return "; ".join(words)


def reasons(plan: Plan) -> tuple[str, ...]:
    """Return the sentences of a plan's explanation that are no warnings; the solver has its own."""
    return tuple(
        sentence
        for sentence in plan.explanation
        if sentence not in plan.warnings and not sentence.startswith("solver: ")
    )


def _share(part: int, whole: int | None) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def _over_slots(exit_: ExitPlan) -> str:
    if not exit_.slots:
        return "-"
    return f"{min(exit_.slots):,} to {max(exit_.slots):,}"
