"""Real processes on one project, killed for real."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.records import Status
from data.store import Dataset, ProjectFolder
from tests.stubs.made_up import a_candidate, a_decision, a_sentence
from tests.stubs.store_worker import Worker

DECIDING = """
import sys
import threading
from data.records import Decision
from data.ids import new_id
from data.store import Dataset, ProjectFolder
from pathlib import Path

with Dataset.open(ProjectFolder(Path(sys.argv[1])), annotator=sys.argv[2]) as dataset:
    while True:
        for sentence in dataset.ids():
            decision = Decision(id=new_id(), sentence=sentence, kind="skip", by=sys.argv[2])
            dataset.decide(decision)
            sys.stdout.write(decision.id + "\\n")
            sys.stdout.flush()
"""


@contextmanager
def deciding(folder: ProjectFolder, annotator: str) -> Iterator[subprocess.Popen[str]]:
    """Run a process that decides as fast as it can and prints each decision once it is saved."""
    command = [sys.executable, "-c", DECIDING, str(folder.root), annotator]
    root = Path(__file__).parents[4]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        try:
            yield process
        finally:
            process.kill()


def test_kill_9_in_a_burst_of_decisions_loses_no_acknowledged_one(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_sentences(a_sentence(number) for number in range(20))
        with deciding(folder, "mina") as mina, deciding(folder, "jun") as jun:
            assert mina.stdout is not None
            assert jun.stdout is not None
            acknowledged = {"mina": [mina.stdout.readline()], "jun": [jun.stdout.readline()]}
            for _ in range(3):
                acknowledged["mina"] += [mina.stdout.readline() for _ in range(20)]
                acknowledged["jun"] += [jun.stdout.readline() for _ in range(20)]
                dataset.fold()
            mina.kill()
            jun.kill()
            acknowledged["mina"] += mina.stdout.readlines()
            acknowledged["jun"] += jun.stdout.readlines()
        dataset.follow()
        seen = [(decision.by, decision.id) for decision in dataset.decisions()]
    with Dataset.open(folder) as dataset:
        assert [(decision.by, decision.id) for decision in dataset.decisions()] == seen
    for person, printed in acknowledged.items():
        wanted = [line.strip() for line in printed if line.endswith("\n")]
        assert [one for by, one in seen if by == person][: len(wanted)] == wanted


def test_following_says_which_sentences_others_changed(folder: ProjectFolder) -> None:
    one, two, three = (a_sentence(number) for number in range(3))
    with Dataset.open(folder, annotator="mina") as mina, Dataset.open(folder, annotator="jun") as jun:
        mina.add_sentences([one, two, three])
        assert mina.follow() == frozenset()
        assert jun.follow() == {one.id, two.id, three.id}
        mina.add_candidate(a_candidate(two))
        jun.decide(a_decision(one, "skip", by="jun"))
        assert jun.follow() == {two.id}
        assert mina.follow() == {one.id}
        mina.fold()
        mina.set_flag(three.id, "hard", True)
        mina.fold()
        mina.decide(a_decision(two, by="mina"))
        assert jun.follow() == {two.id, three.id}
        assert jun.follow() == frozenset()
        for dataset in (mina, jun):
            assert dataset.ids({Status.ACCEPTED}) == [two.id]
            assert dataset.row(three.id).flags == ("hard",)


def test_many_folds_by_others_are_followed(folder: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.store.storage._MANY_FILES", 8)
    with Dataset.open(folder) as watcher, Dataset.open(folder) as worker:
        for number in range(25):
            worker.add_sentences([a_sentence(number)])
            worker.fold()
            if number % 3 == 0:
                assert watcher.follow()
            watcher.fold()
        watcher.follow()
        assert watcher.ids() == [a_sentence(number).id for number in range(25)]
        assert [watcher.sentence(one).id for one in watcher.ids()] == watcher.ids()
        assert len(watcher._storage.contents.files) <= 9


def test_folding_in_a_thread_while_deciding(folder: ProjectFolder) -> None:
    sentences = [a_sentence(number) for number in range(60)]
    done = threading.Event()
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.add_sentences(sentences)

        def keep_folding() -> None:
            while not done.is_set():
                dataset.fold()

        folding = threading.Thread(target=keep_folding)
        folding.start()
        try:
            for sentence in sentences:
                dataset.decide(a_decision(sentence, thought="t", output=sentence.source))
                assert dataset.example(sentence.id).output == sentence.source  # type: ignore[union-attr]
        finally:
            done.set()
            folding.join()
    with Dataset.open(folder) as dataset:
        assert [example.output for example in dataset.examples()] == [one.source for one in sentences]


def test_a_sentence_is_generated_by_one_process_only(folder: ProjectFolder) -> None:
    sentences = [a_sentence(number) for number in range(8)]
    with Dataset.open(folder) as dataset:
        dataset.add_sentences(sentences)
    workers = [Worker(folder.root, person) for person in ("mina", "jun")]
    try:
        taken = dict.fromkeys((sentence.id for sentence in sentences), 0)
        for sentence in sentences:
            for worker in workers:
                worker.send("claim", sentence.id)
            granted = [worker for worker in workers if worker.receive()]
            for worker in granted:
                if not worker.ask("has_candidate", sentence.id):
                    worker.ask("candidate", a_candidate(sentence).model_dump())
                    taken[sentence.id] += 1
                worker.ask("release", sentence.id)
        assert set(taken.values()) == {1}
    finally:
        for worker in workers:
            worker.stop()
    assert list(folder.leases.iterdir()) == []


def test_leases_end_with_their_process(folder: ProjectFolder) -> None:
    sentence = a_sentence()
    with Dataset.open(folder) as dataset:
        dataset.add_sentences([sentence])
        worker = Worker(folder.root, "jun")
        try:
            assert worker.ask("claim", sentence.id)
            assert dataset.claim(sentence.id, "generate") is None
            worker.kill_and_restart()
            lease = dataset.claim(sentence.id, "generate")
            assert lease is not None
            assert not worker.ask("claim", sentence.id)
            lease.release()
            assert worker.ask("claim", sentence.id)
        finally:
            worker.stop()
