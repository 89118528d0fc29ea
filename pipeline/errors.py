"""Errors of the `pipeline` room.

PipelineError
├── CallFailed            one call to one model gave nothing usable; routing tries the next model
│   ├── RateLimited       429, or 503 with a wish to wait; `retry_after` in seconds where given
│   ├── ServerFailed      5xx, 408, 409, 425; likewise
│   ├── Unreachable       no connection, connection lost, time limit passed
│   └── UnusableReply     empty, refused, filtered, cut off, or not readable as what was asked for
├── WrongKey              401/403: no retry can help; exit code 2
├── UnknownModel          404: likewise
├── BadEndpoint           `base_url` cannot be used: no web address, or http to another host; exit code 2
├── BuiltInMissing        the built-in model, or what runs it, is not installed; exit code 2
├── UnknownPrice          a budget is set and a model has no price; exit code 2
├── BadPrompt             a prompt file of the project cannot be used; exit code 2
├── BadArm                an `--arm` cannot be used; exit code 2
├── NotOnTape             a cassette is none, or lacks a call; exit code 2
├── BudgetReached         the next call's worst case would cross the budget; exit code 3
├── RunEnding             no further call is made
└── StageFailed           a stage gave nothing usable after all retries and fallbacks
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the command line catches these errors, and must not load the records for it
    from data.records import Fallback, Usage


class PipelineError(Exception):
    """What went wrong in one sentence, and in `hint` what to do next."""

    code = "pipeline"
    usage: Usage | None = None
    """What was paid for answers that are of no use, before this put an end to the asking."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class CallFailed(PipelineError):
    """One call to one model gave nothing usable."""

    code = "call"


class RateLimited(CallFailed):
    """The endpoint asked us to slow down."""

    code = "rate-limit"

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class ServerFailed(CallFailed):
    """The endpoint answered with a server error, or that it is busy with something else."""

    code = "server"

    def __init__(self, message: str, *, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class Unreachable(CallFailed):
    """No connection, a lost connection, or a time limit that passed."""

    code = "unreachable"


class UnusableReply(CallFailed):
    """The reply is empty, refused, filtered, cut off, or not readable as what was asked for."""

    code = "unusable"


class WrongKey(PipelineError):
    """The endpoint does not accept the key (401, 403)."""

    code = "key"


class UnknownModel(PipelineError):
    """The endpoint does not know the model (404)."""

    code = "model"


class BadEndpoint(PipelineError):
    """A model's `base_url` is no web address, or plain http to another machine."""

    code = "endpoint"


class BuiltInMissing(PipelineError):
    """The built-in model, or what runs it, is not installed."""

    code = "built-in"


class UnknownPrice(PipelineError):
    """A budget is set, and the price of a model is not known."""

    code = "price"


class NotOnTape(PipelineError):
    """A cassette cannot be read, or has no recording of a call that is asked of it."""

    code = "cassette"


class BudgetReached(PipelineError):
    """The worst case of the next call would cross the budget."""

    code = "budget"


class RunEnding(PipelineError):
    """The run was asked to stop: a call that still waits for its slot is not made."""

    code = "ending"


class StageFailed(PipelineError):
    """A stage gave nothing usable after all retries and fallbacks.

    `fallbacks` says who was asked and why it was not used. `is_outage`: no model wrote anything, it was their endpoints.
    """

    code = "stage"

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        usage: Usage | None = None,
        fallbacks: Sequence[Fallback] = (),
        is_outage: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.usage = usage
        self.fallbacks = tuple(fallbacks)
        self.is_outage = is_outage


class BadPrompt(PipelineError):
    """A prompt file lacks a section, or uses a placeholder that does not exist; exit code 2."""

    code = "prompt"


class BadArm(PipelineError):
    """The text of an `--arm` cannot be used; exit code 2."""

    code = "arm"
