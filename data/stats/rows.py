"""What the statistics look at: a sentence, what was made of it, and what people said of that."""

from __future__ import annotations

from dataclasses import dataclass

from data.records import Candidate, Decision, Example, Sentence, Status

WORKED_ON = frozenset({Status.GENERATED, Status.ACCEPTED, Status.EDITED, Status.AUTO})
"""Statuses of sentences that are part of the set, or may become it."""
KEPT = frozenset({Status.ACCEPTED, Status.EDITED, Status.AUTO})
"""Statuses of sentences whose row is in the set."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with the decision on it that counts, if there is one."""

    candidate: Candidate
    decision: Decision | None = None

    @property
    def thought(self) -> str:
        """The thought as it is now: a person's, where one was written."""
        own = self.decision.thought if self.decision else None
        return self.candidate.thought if own is None else own

    @property
    def output(self) -> str:
        """The output as it is now."""
        own = self.decision.output if self.decision else None
        return self.candidate.output if own is None else own


@dataclass(frozen=True, slots=True)
class StatRow:
    """One sentence of a project. `newest` is its newest candidate, `earlier` those before it."""

    sentence: Sentence
    status: Status
    newest: Judged | None = None
    earlier: tuple[Judged, ...] = ()


def row_of_example(example: Example) -> StatRow:
    """Return the row that an exported example makes, for statistics of a file."""
    sentence = example.sentence or Sentence(id=example.id, source=example.source, group=example.group)
    made = example.generated
    candidate = Candidate(
        id=example.candidate or example.id,
        sentence=example.id,
        thought=made.thought if made else example.thought,
        output=made.output if made else example.output,
        drafts=example.drafts,
        models=example.models,
        usage=example.usage,
        made_by=example.made_by,
    )
    return StatRow(sentence, example.status, Judged(candidate, example.decision))
