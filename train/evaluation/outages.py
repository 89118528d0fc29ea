"""Endpoints that fail, told apart from models that answer badly: nobody's translation is judged by a dead line."""

from __future__ import annotations

from collections import deque

from train.errors import EndpointsFailed

_RECENT = 50
_TOLERATED = 0.5


class Outages:
    """Watches how many questions got no answer at all because of an endpoint, and ends what has no prospect."""

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=_RECENT)
        self._answered = 0
        self._why = ""

    def note(self, why: str = "") -> None:
        """Note a question: `why` its endpoint failed; empty where it did not.

        Raises:
            EndpointsFailed: more than half of the last 50 questions got no answer.
        """
        self._recent.append(bool(why))
        self._answered += not why
        self._why = why or self._why
        if sum(self._recent) > _TOLERATED * _RECENT:
            raise self._failed(f"more than half of the last {_RECENT} questions got no answer")

    def insist(self) -> None:
        """Make sure that anything was answered, where anything was asked.

        Raises:
            EndpointsFailed: each question failed at its endpoint.
        """
        if self._recent and not self._answered:
            raise self._failed("no question got an answer")

    def _failed(self, what: str) -> EndpointsFailed:
        return EndpointsFailed(
            f"Stopped: {what}. The last one: {self._why}",
            hint="See to the endpoint; what was answered is kept, and the same command goes on from there.",
        )
