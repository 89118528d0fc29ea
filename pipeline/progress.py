"""How far a sentence has come: the artefacts made so far, whoever made them.

A pass of the loop is a walk from one `Progress` to the next. Because the next stage follows from
the artefacts alone, a resumed pass, a person's change at a stage and a fresh pass are the same walk
from different places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from data.records import Draft


@dataclass(frozen=True, slots=True)
class Progress:
    """Artefacts of one pass.

    `keywords` is `None` until chosen. The last of `drafts` is the one being judged: its `score` is
    `None` until it is evaluated, its `advice` empty until advised. `thought` and `output` are `None`
    until reformulated; `output` may be set by a person before that.
    """

    keywords: Mapping[str, tuple[str, ...]] | None = None
    drafts: tuple[Draft, ...] = field(default=())
    thought: str | None = None
    output: str | None = None
    since: int = 0
    """Drafts before this index were turned down by a person: told of, but never the output."""
    closed: bool = False
    """No further draft is wanted: the best one so far becomes the output."""

    @property
    def best(self) -> int:
        """Index of the draft that is the output, or is to become it.

        That is the highest score, of equal scores the earliest; unscored drafts come last.

        Raises:
            ValueError: there is no draft yet.
        """
        if self.output is not None:
            for index, draft in enumerate(self.drafts):
                if draft.text == self.output:
                    return index
        return max(range(self.since, len(self.drafts)), key=lambda n: (_rank(self.drafts[n]), -n))

    @property
    def ending(self) -> str:
        """The output, or the draft that is to become it."""
        return self.output if self.output is not None else self.drafts[self.best].text

    @property
    def shown(self) -> tuple[Draft, ...]:
        """The drafts that the thought tells of.

        Left out are drafts after the best, and steps that changed nothing: neither the text, nor,
        on the way to the best, the score.
        """
        best = self.best
        kept: list[Draft] = []
        for index, draft in enumerate(self.drafts[: best + 1]):
            if kept and kept[-1].text == draft.text:
                kept[-1] = draft
            elif index == best or not (index and _same_score(self.drafts[index - 1], draft)):
                kept.append(draft)
        return tuple(kept)

    def with_last(self, **changes: Any) -> Progress:
        """Return the progress with fields of the last draft replaced."""
        return replace(self, drafts=(*self.drafts[:-1], self.drafts[-1].model_copy(update=changes)))


def _rank(draft: Draft) -> int:
    return -1 if draft.score is None else draft.score


def _same_score(before: Draft, draft: Draft) -> bool:
    return draft.score is not None and before.score == draft.score
