"""Blind items: a share of the sentences is judged without a word of what the loop thought of them.

Scores, reasons, advice and the names of the models are left out, so that what a person decides owes
nothing to them; and the decision says that it was made blind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from hashlib import blake2b

from data.records import Finding
from drt_tui.running.live import Line

_JUDGING = frozenset({"reason", "advice"})
"""Labels of the stages that say what the loop thinks of a draft."""


def is_blind(sentence: str, annotator: str, share: float) -> bool:
    """Whether this person meets this sentence blind: drawn by hash, so it stays what it is."""
    drawn = blake2b(f"{annotator}\x1f{sentence}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) < share * 2**64


def without_judgements(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the stages of a pass with nothing in them that judges."""
    return tuple(
        replace(line, score=None, best=False) for line in lines if line.label.strip() not in _JUDGING
    )


def without_trace(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that say nothing of how the loop went."""
    return tuple(finding for finding in findings if finding.field != "trace")
