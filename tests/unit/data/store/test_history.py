from __future__ import annotations

from data.store import Dataset, ProjectFolder, history
from tests.stubs.made_up import a_candidate, a_decision, a_sentence


def test_history_tells_who_decided_what_in_order(folder: ProjectFolder) -> None:
    one, two = a_sentence(1), a_sentence(2)
    with Dataset.open(folder, annotator="mina") as mina, Dataset.open(folder, annotator="jun") as jun:
        mina.add_sentences([one, two])
        mina.add_candidate(a_candidate(one))
        mina.decide(a_decision(one, by="mina", note="good"))
        jun.decide(a_decision(two, "skip", by="jun"))
        mina.undo()
        mina.fold()
        jun.decide(a_decision(one, "reject", by="jun", reasons=("unnatural",)))
        mina.follow()
        entries = [
            (entry.decision.by, entry.decision.kind, entry.source, entry.is_taken_back)
            for entry in history(mina)
        ]
        assert entries == [
            ("mina", "accept", one.source, True),
            ("jun", "skip", two.source, False),
            ("mina", "undo", one.source, False),
            ("jun", "reject", one.source, False),
        ]
        assert [entry.decision.kind for entry in history(mina, by="mina")] == ["accept", "undo"]
        assert [entry.decision.kind for entry in history(mina, sentence=one.id, last=2)] == ["undo", "reject"]
        assert all(entry.decision.at for entry in history(mina))
