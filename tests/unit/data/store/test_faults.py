from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path

import pytest

from data.errors import NotSaved
from data.store import Dataset, ProjectFolder, StageLog
from tests.stubs.faults import refuse, watch_disk
from tests.stubs.made_up import a_call, a_candidate, a_decision, a_sentence


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EACCES])
@pytest.mark.parametrize("step", ["open", "write", "fsync"])
def test_a_refused_change_counts_for_nothing_and_can_be_repeated(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch, step: str, code: int
) -> None:
    sentence, decision = a_sentence(), a_decision(a_sentence(), output="changed")
    refusing = [step]
    watch_disk(monkeypatch, lambda _, name, __: refuse(code) if name in refusing else None)
    folder.root.mkdir()
    with Dataset.open(folder, annotator="mina") as dataset:
        with pytest.raises(NotSaved) as caught:
            dataset.add_sentences([sentence])
        assert caught.value.hint
        refusing.clear()
        dataset.add_sentences([sentence])
        dataset.add_candidate(a_candidate(sentence))
        if step == "open":
            return
        refusing.append(step)
        for _ in range(2):
            with pytest.raises(NotSaved):
                dataset.decide(decision)
        assert dataset.row(sentence.id).status == "generated"
        assert dataset.decisions_of(sentence.id) == ()
        assert dataset.example(sentence.id) is None
        with Dataset.open(folder, read_only=True) as other:
            assert list(other.decisions()) == []
        refusing.clear()
        dataset.decide(decision)
        assert dataset.undo() is not None
        dataset.redo()
    with Dataset.open(folder) as dataset:
        assert dataset.row(sentence.id).status == "edited"
        assert len(dataset.decisions_of(sentence.id)) == 3


def test_a_line_that_was_taken_in_part_is_taken_back(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence(1)])
        before = folder.journal.stat().st_size
        with monkeypatch.context() as fault:
            fault.setattr("data.store.disk.os.write", lambda fd, data, write=os.write: write(fd, data[:40]))
            with pytest.raises(NotSaved, match="full"):
                dataset.add_sentences([a_sentence(2)])
        assert folder.journal.stat().st_size == before
        dataset.add_sentences([a_sentence(2)])
        assert dataset.count() == 2


def test_a_line_that_can_not_even_be_taken_back_is_not_counted_twice(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    decision = a_decision(a_sentence(), "skip")
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence()])
        with monkeypatch.context() as fault:
            watch_disk(fault, lambda _, name, __: refuse() if name in {"fsync", "ftruncate"} else None)
            with pytest.raises(NotSaved):
                dataset.decide(decision)
        dataset.decide(decision)
        assert len(dataset.decisions_of(decision.sentence)) == 1
    with Dataset.open(folder) as dataset:
        assert len(list(dataset.decisions())) == 1


def test_a_vanished_folder_is_reported_and_work_goes_on_when_it_is_back(
    folder: ProjectFolder, tmp_path: Path
) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence(1)])
        folder.root.rename(tmp_path / "elsewhere")
        with pytest.raises(NotSaved, match="gone"):
            dataset.add_sentences([a_sentence(2)])
        assert dataset.count() == 1
        assert dataset.sentence(a_sentence(1).id) == a_sentence(1)
        assert not folder.root.exists()
        (tmp_path / "elsewhere").rename(folder.root)
        dataset.add_sentences([a_sentence(2)])
        dataset.fold()
    with Dataset.open(folder) as dataset:
        assert dataset.count() == 2


def test_a_removed_folder_is_not_made_again(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([a_sentence(1)])
        shutil.rmtree(folder.root)
        for _ in range(2):
            with pytest.raises(NotSaved, match="gone"):
                dataset.decide(a_decision(a_sentence(1), "skip"))
        with pytest.raises(NotSaved, match="gone"):
            dataset.claim(a_sentence(1).id, "review")
        assert not folder.root.exists()


def test_a_clock_that_goes_backwards_changes_no_order(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time_ns()
    sentences = [a_sentence(number) for number in range(5)]
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.add_sentences(sentences)
        for hours, sentence in enumerate(sentences):
            moment = now - hours * 3_600_000_000_000
            monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment)
            dataset.decide(a_decision(sentence, "skip"))
            dataset.fold()
        assert dataset.undo().sentence == sentences[-1].id  # type: ignore[union-attr]
        assert [one.sentence for one in dataset.decisions()][:5] == [one.id for one in sentences]
    with Dataset.open(folder, annotator="mina") as dataset:
        assert dataset.undo().sentence == sentences[-2].id  # type: ignore[union-attr]


def test_a_fold_that_the_disk_refuses_loses_nothing(
    folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Dataset.open(folder) as dataset:
        for number in range(20):
            dataset.add_sentences([a_sentence(number)])
            with monkeypatch.context() as fault:
                counting = watch_disk(fault, lambda step, *_, n=number: refuse() if step == n + 1 else None)
                try:
                    dataset.fold()
                except NotSaved:
                    assert counting.steps >= number
            assert not folder.dataset.with_name("dataset.json.new").exists()
            assert dataset.count() == number + 1
            with Dataset.open(folder, read_only=True) as other:
                assert other.count() == number + 1
        dataset.fold()
    assert not folder.frozen_journals()
    with Dataset.open(folder) as dataset:
        assert dataset.ids() == [a_sentence(number).id for number in range(20)]


def test_a_refused_trace_is_reported(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.root.mkdir()
    with StageLog(folder) as log:
        log.append(a_call(key="k1"))
        with monkeypatch.context() as fault:
            watch_disk(fault, lambda _, name, __: refuse() if name == "write" else None)
            with pytest.raises(NotSaved, match="full"):
                log.append(a_call(key="k2"))
        log.append(a_call(key="k3"))
        assert [log.find(key) is not None for key in ("k1", "k2", "k3")] == [True, False, True]
