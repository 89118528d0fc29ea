"""Where a sentence stands after what people decided of it. Nothing here touches the disk.

Decisions count in journal order. An undo takes one decision out of the line, a redo puts it back in
its old place; neither touches anybody else's. Of those left, the last one rules, with one exception:
skipping a sentence is no judgement, so it does not take away another person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.records import Decision, Status
from data.store.documents import DecisionHead

_STATUS = {
    "accept": Status.ACCEPTED,
    "edit": Status.EDITED,
    "auto": Status.AUTO,
    "reject": Status.REJECTED,
    "skip": Status.SKIPPED,
    "park": Status.PARKED,
}
_NO_JUDGEMENT = {"skip", "reopen"}


def taken_back(decisions: Iterable[DecisionHead | Decision]) -> set[str]:
    """Return the ids of decisions that an undo took out of the line and no redo put back."""
    out: set[str] = set()
    target_of: dict[str, str] = {}
    for decision in decisions:
        if decision.kind == "undo" and decision.undoes:
            target_of[decision.id] = decision.undoes
            out.add(decision.undoes)
        elif decision.kind == "redo" and decision.undoes in target_of:
            out.discard(target_of[decision.undoes])
    return out


def counting(decisions: Sequence[DecisionHead]) -> list[DecisionHead]:
    """Return the decisions on a sentence that nobody took back, in journal order."""
    out = taken_back(decisions)
    return [decision for decision in decisions if not (decision.is_step_back or decision.id in out)]


def ruling(decisions: Sequence[DecisionHead]) -> DecisionHead | None:
    """Return the decision on a sentence that determines its status, if any does."""
    last: DecisionHead | None = None
    for decision in counting(decisions):
        overruled = last is None or last.kind in _NO_JUDGEMENT or last.by == decision.by
        if decision.kind != "skip" or overruled:
            last = decision
    return last


def status_after(decision: DecisionHead | None, undecided: Status) -> Status:
    """Return the status that the ruling decision gives, or the one without decisions."""
    if decision is None or decision.kind == "reopen":
        return undecided
    return Status.PARKED if decision.parks else _STATUS[decision.kind]


@dataclass(slots=True)
class Steps:
    """One person's way through undo and redo, without limit; a new decision forgets what was undone."""

    done: list[str] = field(default_factory=list)
    """Ids of decisions that an undo can take back, the next one last."""
    undone: list[tuple[str, str]] = field(default_factory=list)
    """Ids of undos that a redo can take back, each with the decision it took back, the next one last."""

    def take(self, decision: DecisionHead) -> None:
        """Follow one more decision of the person; a step back that fits nowhere is passed over."""
        if not decision.is_step_back:
            self.done.append(decision.id)
            self.undone.clear()
        elif decision.kind == "undo" and self.done and self.done[-1] == decision.undoes:
            self.undone.append((decision.id, self.done.pop()))
        elif decision.kind == "redo" and self.undone and self.undone[-1][0] == decision.undoes:
            self.done.append(self.undone.pop()[1])
