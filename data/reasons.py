"""Why a person rejects a candidate: the one table of reasons, their digits and their remedies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Remedy = Literal["refine", "reformulate", "park"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason for rejection. `code` is what is stored; `digit` is the key that chooses it."""

    code: str
    digit: str
    concerns: Literal["output", "thought", "source", "other"]
    text: str
    remedy: Remedy | None = None
    """What the screen offers next: refine with this as advice, reformulate, or park the sentence."""

    @property
    def counts_against_model(self) -> bool:
        """A broken or context-hungry source is not the model's fault."""
        return self.concerns != "source"


REASONS = (
    Reason("meaning-wrong", "1", "output", "meaning wrong", "refine"),
    Reason("image-lost", "2", "output", "idiom or image lost", "refine"),
    Reason("left-out-or-added", "3", "output", "left out or added", "refine"),
    Reason("unnatural", "4", "output", "unnatural or wrong register", "refine"),
    Reason("claims-untrue", "5", "thought", "claims what is not so", "reformulate"),
    Reason("machinery", "6", "thought", "machinery, praise, loops", "reformulate"),
    Reason("source-broken", "7", "source", "broken, mislabelled or meant literally", "park"),
    Reason("needs-context", "8", "source", "needs context", "park"),
    Reason("other", "0", "other", "other"),
)
BY_DIGIT = {reason.digit: reason for reason in REASONS}
BY_CODE = {reason.code: reason for reason in REASONS}
