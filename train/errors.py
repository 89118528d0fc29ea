"""Errors of the `train` room.

TrainError
├── NotInstalled      a package that training needs is not there; exit code 2
├── UnknownBackbone   the backbone cannot be found, read or trained; exit code 2
├── BadRows           nothing to train on, or rows that cannot be trained as asked
├── ChecksFailed      the doctor refuses; `failed` holds its checks
├── RunProblem        a run of a newer version, a damaged one, or one not in the state that was asked for
│   └── UnknownRun    there is no such run; exit code 2
├── StepFailed        a step in a process of its own (export, adapter check) ended without a result
├── CannotExport      this form of export is not possible for this run
├── ServingFailed     the server of a model does not start, or is not what was asked for
├── EndpointsFailed   most questions got no answer because of their endpoints; exit code 4
└── NoAnswer          a contender gave nothing usable
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.records import Usage
    from train.doctor.check import Check


class TrainError(Exception):
    """What went wrong in one sentence, and in `hint` what to do next."""

    code = "train"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotInstalled(TrainError):
    """A package that training needs is not there."""

    code = "not-installed"


class UnknownBackbone(TrainError):
    """The backbone cannot be found, read or trained."""

    code = "backbone"


class BadRows(TrainError):
    """Nothing to train on, or rows that cannot be trained as asked."""

    code = "rows"


class ChecksFailed(TrainError):
    """The doctor refuses to start the run."""

    code = "checks"

    def __init__(self, failed: Sequence[Check]) -> None:
        super().__init__(
            "; ".join(f"{check.id}: {check.message}" for check in failed),
            hint=" ".join(check.fix for check in failed if check.fix),
        )
        self.failed = tuple(failed)


class RunProblem(TrainError):
    """A run of a newer version, a damaged one, or one not in the state that was asked for."""

    code = "run"


class UnknownRun(RunProblem):
    """There is no such run."""

    code = "unknown-run"


class StepFailed(TrainError):
    """A step in a process of its own ended without a result."""

    code = "step"


class CannotExport(TrainError):
    """This form of export is not possible for this run."""

    code = "export"


class ServingFailed(TrainError):
    """The server of a model does not start, or is not what was asked for."""

    code = "serving"


class EndpointsFailed(TrainError):
    """Most questions got no answer because of their endpoints: going on would only wait."""

    code = "failure-rate"


class NoAnswer(TrainError):
    """A contender gave nothing usable.

    `usage` is what that took all the same, where it is known. `is_outage`: its endpoint failed, which
    says nothing of how it translates.
    """

    code = "no-answer"

    def __init__(
        self, message: str, *, hint: str = "", usage: Usage | None = None, is_outage: bool = False
    ) -> None:
        super().__init__(message, hint=hint)
        self.usage = usage
        self.is_outage = is_outage
