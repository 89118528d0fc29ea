"""A process that dies between any two steps on the disk leaves a readable project and loses nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB

from data.records import Decision
from data.store import Dataset, ProjectFolder, check, repair
from tests.stubs.faults import AtStep, watch_disk
from tests.stubs.made_up import a_candidate, a_decision, a_sentence

SENTENCES = [a_sentence(number) for number in range(2)]


class Died(BaseException):
    """The process ended here: nothing after this reaches the disk."""


def dying(step: int, *, half_written: bool = False) -> AtStep:
    """Return what lets everything pass before a step and nothing from it on, but half of a write."""

    def at_step(now: int, name: str, arguments: tuple[Any, ...]) -> None:
        if now == step and name == "write" and half_written:
            fd, content = arguments
            os.write(fd, bytes(content)[: len(content) // 2])
        if now >= step:
            raise Died

    return at_step


class Work:
    """A day's work, and what of it was acknowledged."""

    def __init__(self, folder: ProjectFolder) -> None:
        self.folder = folder
        self.added = 0
        self.candidates = 0
        self.decided: list[str] = []
        self.decisions: list[Decision] = []
        """Made, whether acknowledged or not."""

    def run(self) -> None:
        with Dataset.open(self.folder, annotator="mina") as dataset:
            for sentence in SENTENCES:
                dataset.add_sentences([sentence])
                self.added += 1
                dataset.add_candidate(a_candidate(sentence))
                self.candidates += 1
                self._decide(dataset, a_decision(sentence, output=f"by hand {self.added}"))
                dataset.fold()
            self._decide(dataset, a_decision(SENTENCES[0], "reject"))
            dataset.fold()

    def _decide(self, dataset: Dataset, decision: Decision) -> None:
        self.decisions.append(decision)
        dataset.decide(decision)
        self.decided.append(decision.id)

    def is_kept(self, dataset: Dataset) -> None:
        """Check that everything acknowledged is there once, and nothing that was never asked for."""
        ids = dataset.ids()
        assert ids == [sentence.id for sentence in SENTENCES[: len(ids)]]
        assert self.added <= len(ids) <= self.added + 1
        candidates = [one for sentence in ids for one in dataset.candidates_of(sentence)]
        assert self.candidates <= len(candidates) <= self.candidates + 1
        assert all(dataset.candidate(one).id == one for one in candidates)
        found = [decision.id for decision in dataset.decisions()]
        assert found[: len(self.decided)] == self.decided
        assert found == [decision.id for decision in self.decisions[: len(found)]]
        for example in dataset.examples():
            assert example.decision is not None
            assert example.decision.id in found
        assert len(list(dataset.examples())) == dataset.counts()["edited"]  # type: ignore[index]


@pytest.mark.parametrize("half_written", [False, True])
def test_a_crash_at_any_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half_written: bool) -> None:
    step, died = 0, True
    while died:
        step += 1
        folder = ProjectFolder(tmp_path / f"{half_written}-{step}")
        work = Work(folder)
        with monkeypatch.context() as fault:
            watch_disk(fault, dying(step, half_written=half_written))
            try:
                work.run()
                died = False
            except Died:
                pass
        with Dataset.open(folder, read_only=True) as dataset:
            work.is_kept(dataset)
        assert not [finding for finding in check(folder) if finding.level == "error"]
        assert folder.holds_rows() or not work.added
        with Dataset.open(folder, annotator="mina") as dataset:
            work.is_kept(dataset)
            dataset.fold()
            work.is_kept(dataset)
            assert not folder.frozen_journals()
            decided = len(list(dataset.decisions()))
            for _ in range(decided):
                assert dataset.undo() is not None
            assert dataset.undo() is None
            assert list(dataset.examples()) == []
            dataset.fold()
        if folder.dataset.exists():
            with TinyDB(folder.dataset, encoding="utf-8") as stock:
                assert len(stock.table("decisions")) == 2 * decided
    assert step > 60


def test_a_crash_at_any_step_of_a_repair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step, died = 0, True
    while died:
        step += 1
        folder = ProjectFolder(tmp_path / str(step))
        work = Work(folder)
        work.run()
        with Dataset.open(folder, annotator="mina") as dataset:
            dataset.undo()
        content = folder.dataset.read_bytes()
        folder.dataset.write_bytes(content[: len(content) // 2])
        with monkeypatch.context() as fault:
            watch_disk(fault, dying(step))
            try:
                repair(folder)
                died = False
            except Died:
                pass
        repair(folder)
        with Dataset.open(folder, annotator="mina") as dataset:
            assert len(list(dataset.decisions())) == 4
            assert dataset.counts()["edited"] == 2  # type: ignore[index]
            assert dataset.redo() is not None
    assert step > 10
