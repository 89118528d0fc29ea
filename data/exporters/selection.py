"""Which rows of a dataset an export takes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from data.records import CURATED, Example, Status

Split = Literal["train", "valid", "test"]
Objection = Literal[
    "status", "split", "group", "annotator", "score", "model", "finding", "built-in", "licence"
]
"""Why a row is left out."""

BUILT_IN = "built-in"
"""`made_by` of rows that the built-in model made: it proves the tool, not the translations."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What a row must be to be exported; `None` asks nothing.

    A sentence that no split was given counts as `train`.
    """

    statuses: frozenset[Status] = CURATED
    splits: frozenset[Split] | None = None
    groups: frozenset[str] | None = None
    annotators: frozenset[str] | None = None
    min_score: int | None = None
    """Lowest score of the row's best draft; a row without scores does not reach it."""
    models: frozenset[str] | None = None
    """Names of the only models that may have worked on a row."""
    first_choices: Mapping[str, str] | None = None
    """By stage, the only model that may have answered: no row then that a fallback had a part in."""
    without_findings: frozenset[str] | None = None
    """Codes that a row must not have; empty: no finding at all."""
    include_built_in: bool = False
    require_licence: bool = False
    """Leave out sentences of unknown licence."""

    def objection(
        self, example: Example, findings_of: Callable[[Example], Collection[str]] | None = None
    ) -> Objection | None:
        """Return why a row is left out, `None` if it is taken.

        `findings_of` gives the finding codes of a row and is only called where they matter.
        """
        checks: tuple[tuple[Objection, Callable[[], bool]], ...] = (
            ("status", lambda: example.status in self.statuses),
            ("split", lambda: self.splits is None or split_of(example) in self.splits),
            ("group", lambda: self.groups is None or example.group in self.groups),
            ("annotator", lambda: self.annotators is None or annotator_of(example) in self.annotators),
            ("score", lambda: self.min_score is None or (best_score(example) or -1) >= self.min_score),
            ("model", lambda: self._accepts_models(example)),
            ("finding", lambda: self._accepts_findings(example, findings_of)),
            ("built-in", lambda: self.include_built_in or example.made_by != BUILT_IN),
            ("licence", lambda: not self.require_licence or licence_of(example) is not None),
        )
        return next((objection for objection, holds in checks if not holds()), None)

    def _accepts_models(self, example: Example) -> bool:
        if self.models is not None and not self.models.issuperset(models_of(example)):
            return False
        first = self.first_choices
        return first is None or all(
            name == first.get(stage, name) for stage, names in example.models.items() for name in names
        )

    def _accepts_findings(
        self, example: Example, findings_of: Callable[[Example], Collection[str]] | None
    ) -> bool:
        if self.without_findings is None or findings_of is None:
            return True
        codes = frozenset(findings_of(example))
        return not (codes & self.without_findings if self.without_findings else codes)


def split_of(example: Example) -> Split:
    """Return the split of a row's sentence."""
    return (example.sentence.split if example.sentence else None) or "train"


def annotator_of(example: Example) -> str | None:
    """Return who decided on a row."""
    return example.decision.by if example.decision else None


def best_score(example: Example) -> int | None:
    """Return the highest score of a row's drafts, `None` where none was scored."""
    return max((draft.score for draft in example.drafts if draft.score is not None), default=None)


def models_of(example: Example) -> frozenset[str]:
    """Return the names of all models that worked on a row."""
    return frozenset(name for names in example.models.values() for name in names)


def licence_of(example: Example) -> str | None:
    """Return the licence of a row's sentence, `None` where it is unknown."""
    licence = example.sentence.licence if example.sentence else None
    return None if not licence or licence.strip().lower() == "unknown" else licence
