"""Two and three processes at once, against a model made of plain dicts and lists."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from data.records import Sentence
from data.store import Dataset, ProjectFolder, check
from tests.stubs.made_up import a_candidate, a_decision, a_sentence
from tests.stubs.store_worker import Worker, seen_by

SENTENCES = [a_sentence(number) for number in range(5)]
BY_ID = {sentence.id: sentence for sentence in SENTENCES}
PEOPLE = ("mina", "jun", "sora")
OUTPUT = a_candidate(SENTENCES[0]).output
STATUS = {"accept": "accepted", "edit": "edited", "reject": "rejected", "skip": "skipped", "park": "parked"}


class Model:
    """What the dataset should be, worked out the slow way."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.candidates: dict[str, list[str]] = {}
        self.failed: set[str] = set()
        self.log: list[tuple[str, str, str]] = []
        self.made: list[dict[str, Any]] = []
        """Decisions that are no undo: kind, sentence, by, output, and whether they count."""
        self.done: dict[str, list[dict[str, Any]]] = {person: [] for person in PEOPLE}
        self.undone: dict[str, list[dict[str, Any]]] = {person: [] for person in PEOPLE}

    def add(self, sentences: list[str]) -> int:
        new = [one for one in dict.fromkeys(sentences) if one not in self.sentences]
        self.sentences += new
        return len(new)

    def decide(self, sentence: str, kind: str, by: str, output: str) -> None:
        made = {"kind": kind, "sentence": sentence, "by": by, "output": output, "counts": True}
        self.made.append(made)
        self.done[by].append(made)
        self.undone[by].clear()
        self.log.append((kind, sentence, by))

    def undo(self, by: str) -> bool:
        return self._step(self.done[by], self.undone[by], "undo", by)

    def redo(self, by: str) -> bool:
        return self._step(self.undone[by], self.done[by], "redo", by)

    def _step(self, source: list[dict[str, Any]], target: list[dict[str, Any]], kind: str, by: str) -> bool:
        if not source:
            return False
        target.append(source.pop())
        target[-1]["counts"] = kind == "redo"
        self.log.append((kind, target[-1]["sentence"], by))
        return True

    def view(self) -> dict[str, Any]:
        statuses, examples = {}, {}
        for sentence in self.sentences:
            status = "generated" if self.candidates.get(sentence) else "new"
            status = "failed" if status == "new" and sentence in self.failed else status
            judge = None
            for made in self.made:
                if made["sentence"] == sentence and made["counts"]:
                    if made["kind"] == "skip" and judge not in {None, made["by"]} and status != "skipped":
                        continue
                    status, judge = STATUS[made["kind"]], made["by"]
                    examples[sentence] = (made["output"], made["by"])
            statuses[sentence] = status
            if status not in {"accepted", "edited"}:
                examples.pop(sentence, None)
        return {
            "sentences": statuses,
            "candidates": {one: tuple(self.candidates.get(one, ())) for one in self.sentences},
            "decisions": self.log,
            "examples": {one: examples[one] for one in self.sentences if one in examples},
            "counts": dict(Counter(statuses.values())),
        }


class Processes(RuleBasedStateMachine):
    people: tuple[str, ...] = PEOPLE

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(mkdtemp())
        self.folder = ProjectFolder(self.root / "project")
        self.model = Model()
        self.workers = {person: Worker(self.folder.root, person) for person in self.people}

    def teardown(self) -> None:
        try:
            for worker in self.workers.values():
                assert worker.ask("view") == self.model.view()
            with Dataset.open(self.folder) as dataset:
                dataset.fold()
                assert seen_by(dataset) == self.model.view()
            assert not [finding for finding in check(self.folder) if finding.level == "error"]
        finally:
            for worker in self.workers.values():
                worker.stop()
            shutil.rmtree(self.root)

    person = st.runner().flatmap(lambda self: st.sampled_from(self.people))
    sentence = st.runner().flatmap(lambda self: st.sampled_from(self.model.sentences))

    @initialize(sentences=st.lists(st.sampled_from(SENTENCES), min_size=1), by=person)
    def begin(self, sentences: list[Sentence], by: str) -> None:
        self.add(sentences, by)

    @rule(sentences=st.lists(st.sampled_from(SENTENCES), min_size=1), by=person)
    def add(self, sentences: list[Sentence], by: str) -> None:
        added, _ = self.workers[by].ask("add", [sentence.model_dump() for sentence in sentences])
        assert added == self.model.add([sentence.id for sentence in sentences])

    @rule(sentence=sentence, by=person)
    def candidate(self, sentence: str, by: str) -> None:
        made = a_candidate(BY_ID[sentence])
        self.workers[by].ask("candidate", made.model_dump())
        self.model.candidates.setdefault(sentence, []).append(made.id)
        self.model.failed.discard(sentence)

    @rule(sentence=sentence, by=person)
    def fail(self, sentence: str, by: str) -> None:
        self.workers[by].ask("failed", sentence, "no answer")
        self.model.failed.add(sentence)

    @rule(sentence=sentence, by=person, kind=st.sampled_from(["accept", "edit", "reject", "skip", "park"]))
    def decide(self, sentence: str, by: str, kind: str) -> None:
        fields, kind, output = self.a_decision(sentence, by, kind)
        self.workers[by].ask("decide", fields)
        self.model.decide(sentence, kind, by, output)

    @rule(sentence=sentence, by=person)
    def die_while_deciding(self, sentence: str, by: str) -> None:
        fields, kind, output = self.a_decision(sentence, by, "edit")
        worker = self.workers[by]
        worker.send("decide", fields)
        acknowledged = worker.answers_before_death()
        worker.stop()
        with Dataset.open(self.folder, read_only=True) as dataset:
            is_saved = fields["id"] in {decision.id for decision in dataset.decisions()}
        assert is_saved or not acknowledged
        if is_saved:
            self.model.decide(sentence, kind, by, output)
        self.workers[by] = Worker(self.folder.root, by)

    @rule(by=person)
    def undo(self, by: str) -> None:
        assert (self.workers[by].ask("undo") is not None) == self.model.undo(by)

    @rule(by=person)
    def redo(self, by: str) -> None:
        assert (self.workers[by].ask("redo") is not None) == self.model.redo(by)

    @rule(by=person)
    def fold(self, by: str) -> None:
        self.workers[by].ask("fold")

    @rule(by=person)
    def kill(self, by: str) -> None:
        self.workers[by].kill_and_restart()

    @precondition(lambda self: self.model.sentences)
    @rule(data=st.data())
    def decide_all_at_once(self, data: st.DataObject) -> None:
        wanted = {by: data.draw(st.sampled_from(self.model.sentences)) for by in self.people}
        made = {by: self.a_decision(sentence, by, "edit") for by, sentence in wanted.items()}
        for by, worker in self.workers.items():
            worker.send("decide", made[by][0])
            worker.send("fold")
        for worker in self.workers.values():
            worker.receive()
            worker.receive()
        with Dataset.open(self.folder, read_only=True) as dataset:
            order = [decision.by for decision in list(dataset.decisions())[-len(made) :]]
        assert sorted(order) == sorted(made)
        for by in order:
            _, kind, output = made[by]
            self.model.decide(wanted[by], kind, by, output)

    @invariant()
    def everybody_sees_the_same(self) -> None:
        if self.model.sentences:
            expected = self.model.view()
            for worker in self.workers.values():
                assert worker.ask("view") == expected

    def a_decision(self, sentence: str, by: str, kind: str) -> tuple[dict[str, Any], str, str]:
        output = OUTPUT if kind == "accept" else f"by {by}"
        texts = {"thought": "written by hand", "output": output} if kind in {"accept", "edit"} else {}
        made = a_decision(BY_ID[sentence], kind, by=by, **texts)
        return made.model_dump(), "edit" if kind == "accept" else kind, output


class TwoProcesses(Processes):
    people = PEOPLE[:2]


slow = settings(
    max_examples=6, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
TestTwoProcesses = TwoProcesses.TestCase
TestTwoProcesses.settings = slow
TestThreeProcesses = Processes.TestCase
TestThreeProcesses.settings = slow
