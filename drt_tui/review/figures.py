"""How the work goes: speed, shares, and how much of what the models wrote a person had to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from data.edit_rate import hter
from data.records import Candidate, Decision

KINDS = ("accept", "edit", "reject", "skip")


@dataclass(frozen=True, slots=True)
class Tally:
    """What some decisions come to."""

    kinds: Counter[str]
    seconds: float
    """Active seconds in front of what was decided."""
    edits: tuple[float, ...]
    """HTER of each edited output."""

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Tally:
        """Add up."""
        judged = list(judged)
        return cls(
            kinds=Counter(one.decision.kind for one in judged),
            seconds=sum(one.decision.seen.seconds for one in judged),
            edits=tuple(
                hter(one.candidate.output, one.decision.output)
                for one in judged
                if one.candidate is not None and one.decision.output is not None
            ),
        )

    @property
    def rows(self) -> int:
        """Rows decided."""
        return self.kinds.total()

    @property
    def rows_an_hour(self) -> float | None:
        """Rows decided in an active hour."""
        return 3600 * self.rows / self.seconds if self.seconds else None

    @property
    def seconds_a_row(self) -> float | None:
        """Active seconds for one row."""
        return self.seconds / self.rows if self.rows else None

    @property
    def hter(self) -> float | None:
        """Mean HTER of the edited outputs."""
        return sum(self.edits) / len(self.edits) if self.edits else None

    def share(self, kind: str) -> float:
        """Return the part of the decisions that are of a kind."""
        return self.kinds[kind] / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Judged:
    """A decision and the candidate it is about."""

    decision: Decision
    candidate: Candidate | None


class Figures:
    """The decisions of a session, less those taken back."""

    def __init__(self) -> None:
        self._judged: dict[str, Judged] = {}
        self._taken_back: dict[str, Judged] = {}

    def note(self, decision: Decision, candidate: Candidate | None) -> None:
        """Take in a decision."""
        self._judged[decision.id] = Judged(decision, candidate)

    def take_back(self, decision: Decision) -> None:
        """Count a decision no longer."""
        if decision.id in self._judged:
            self._taken_back[decision.id] = self._judged.pop(decision.id)

    def do_again(self, decision: Decision) -> None:
        """Count a decision that was taken back once more."""
        if decision.id in self._taken_back:
            self._judged[decision.id] = self._taken_back.pop(decision.id)

    @property
    def all(self) -> Tally:
        """Everything decided in this session."""
        return Tally.of(self._judged.values())

    def by_model(self) -> dict[str, Tally]:
        """Return a tally for each set of models that made what was judged."""
        return self._by(_models)

    def by_prompt(self) -> dict[str, Tally]:
        """Return a tally for each version of the reformulator's prompt."""
        return self._by(lambda candidate: candidate.prompts.get("reformulate", "no prompt"))

    def by_sight(self) -> dict[str, Tally]:
        """Return a tally of what was judged blind and one of the rest; nothing where nothing was blind."""
        parts = {
            name: Tally.of(one for one in self._judged.values() if one.decision.blind is is_blind)
            for name, is_blind in (("blind", True), ("sighted", False))
        }
        return parts if parts["blind"].rows else {}

    def agreement(self, threshold: int) -> tuple[int, int]:
        """Return of how many blind judgements the loop's score said the same, and how many there were.

        A score of `threshold` says that the output is good; so does accepting it unchanged.
        """
        pairs = [
            (score >= threshold, one.decision.verdicts.output == "good")
            for one in self._judged.values()
            if one.decision.blind and one.decision.kind in {"accept", "edit", "reject"}
            if (score := _score(one.candidate)) is not None
        ]
        return sum(loop == person for loop, person in pairs), len(pairs)

    def _by(self, name: Callable[[Candidate], str]) -> dict[str, Tally]:
        parts: dict[str, list[Judged]] = {}
        for one in self._judged.values():
            if one.candidate is not None:
                parts.setdefault(name(one.candidate), []).append(one)
        return {part: Tally.of(judged) for part, judged in parts.items()}


def _score(candidate: Candidate | None) -> int | None:
    return candidate.drafts[candidate.best].score if candidate is not None and candidate.drafts else None


def _models(candidate: Candidate) -> str:
    names = dict.fromkeys(model for models in candidate.models.values() for model in models)
    return ", ".join(names) or candidate.made_by or "unknown"
