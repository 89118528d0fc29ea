"""How far a sentence has come: the artefacts made so far, whoever made them.

A pass of the loop is a walk from one `Progress` to the next. Because the next stage follows from
the artefacts alone, a resumed pass, a person's change at a stage and a fresh pass are the same walk
from different places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

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

    @property
    def best(self) -> int:
        """Index of the best draft: highest score, of equal scores the earliest; unscored ones last.

        Raises:
            ValueError: there is no draft yet.
        """
        return max(range(len(self.drafts)), key=lambda n: (_rank(self.drafts[n]), -n))


def _rank(draft: Draft) -> int:
    return -1 if draft.score is None else draft.score
