"""Every error that nornir-bgp raises on purpose, under one base class.

Each class carries the exit code of the command line that reports it, and is also the built-in
error that a caller would expect, so that a script may catch either.
"""

from typing import ClassVar


class NornirBgpError(Exception):
    """The base of all errors of this package."""

    exit_code: ClassVar[int] = 1


class InputError(NornirBgpError, ValueError):
    """A file, an argument or a setting is wrong; nothing was touched.

    The message names the file, the place in it and the mend.
    """

    exit_code = 2


class SolverLimitError(InputError):
    """The problem is outside what the chosen solver can do; the message names one that can."""


class DeviceError(NornirBgpError):
    """A router did not do what it was asked."""

    exit_code = 4


class DeviceUnreachableError(DeviceError, ConnectionError):
    """No SSH session could be opened, or it was lost."""


class CommandRefusedError(DeviceError):
    """A router answered a command with an error; the message holds the command and the answer."""


class RouteGoneError(DeviceError):
    """A route that a change stands on is no longer there; the message names who sent it."""

    exit_code = 3


class NotPutBackError(DeviceError):
    """A gateway still has a part of a change that was to be undone; the message says what to do."""

    exit_code = 3


class TableSyntaxError(DeviceError, ValueError):
    """A router's output is not the table it was asked for."""


class LabError(DeviceError):
    """The built-in lab is not up, not complete, or cannot run on this machine."""


class LockedError(NornirBgpError):
    """Another run is under way; nothing was touched. The message says whose, and since when."""

    exit_code = 5


class RefusedError(NornirBgpError):
    """A guard refused the run; nothing was touched. The message names the guard."""

    exit_code = 6


class InfeasibleError(RefusedError):
    """No plan can be made within the limits; nothing was touched.

    The message says which exits are over, by how much, and what would be the smallest relief.
    """


class RunInterruptedError(NornirBgpError):
    """The run was interrupted by a signal after it had begun to change routers.

    The message says whether they are put back.
    """

    exit_code = 130


class ProgramFaultError(NornirBgpError, RuntimeError):
    """A task failed in a way that it should not: a fault of ours; its cause says more."""


class UnsafeChangeError(NornirBgpError, RuntimeError):
    """The last look at what was about to be sent found a fault of ours; it was not sent."""
