"""The configured limits of a model, requests and tokens a minute, kept by all processes together."""

from __future__ import annotations

from pathlib import Path

from pipeline.llm.cells import Cells

_NS = 1_000_000_000
_SHARE = 0.98
"""How much of a limit is used: the rest is for what clocks and networks add to the spacing."""
_EARLY_NS = _NS // 20
"""How far a call may run ahead of its turn, so that waking up late costs nothing."""
_FARTHEST_NS = 600 * _NS
"""No turn is further away; a file written before the machine was restarted says otherwise."""


class Bucket:
    """Spaces calls evenly, so that no minute, however it is counted, holds more than allowed.

    Two cells hold when the next request and the next token are due, in nanoseconds of the
    machine's monotonic clock.
    """

    def __init__(self, rpm: int | None, tpm: int | None, path: Path | None) -> None:
        """Share the limits with every process that names the same file; `None`: with no other."""
        self._request_ns = round(60 * _NS / (rpm * _SHARE)) if rpm else 0
        self._token_ns = 60 * _NS / (tpm * _SHARE) if tpm else 0.0
        self.limits = bool(rpm or tpm)
        """There is a limit at all."""
        self._due = Cells(path if self.limits else None, 2)

    def take(self, now: float, tokens: int) -> float:
        """Take a turn for a call of about `tokens` and return 0, or return the seconds until there is one."""
        if not self.limits:
            return 0.0
        present = round(now * _NS)
        with self._due.changing() as due:
            due[:] = (present if at > present + _FARTHEST_NS else at for at in due)
            wait = max(due[0] - max(_EARLY_NS, self._request_ns), due[1] - _EARLY_NS) - present
            if wait > 0:
                return wait / _NS
            due[0] = max(due[0], present) + self._request_ns
            due[1] = max(due[1], present) + round(tokens * self._token_ns)
        return 0.0

    def correct(self, tokens: int) -> None:
        """Count tokens that a call took beyond what was guessed; fewer are negative."""
        if self._token_ns and tokens:
            with self._due.changing() as due:
                due[1] += round(tokens * self._token_ns)

    def close(self) -> None:
        """Let go of the file."""
        self._due.close()
