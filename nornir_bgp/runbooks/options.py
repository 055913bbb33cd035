"""How a run is to be carried out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may wish of a run; ``None`` means: as the settings say.

    Attributes:
        dry_run: touch nothing; ``None``: as the Nornir object says.
        keep: leave the change in place although its proof failed.
        force: accept a matrix that has shrunk against the last run.
        save: write the configuration on the gateways once it is proven.
        canary: move the smallest prefix first, alone, and prove it before the others follow.
        min_gain: leave the network alone where the largest gateway load would fall by less than
            this share of it.
        unbounded: a person means it: the site's bounds on what may move do not hold.
        quiet: where the plan is the one that stands, and still holds, leave no evidence.
    """

    dry_run: bool | None = None
    keep: bool = False
    force: bool = False
    save: bool | None = None
    canary: bool | None = None
    min_gain: float | None = None
    unbounded: bool = False
    quiet: bool = False
