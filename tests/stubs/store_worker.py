"""A process that works on a project: told what to do through a pipe, it answers when that is saved."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from data.records import Call, Candidate, Decision, Sentence
from data.store import Dataset, Lease, ProjectFolder, StageLog

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.stubs.store_worker"])


class Worker:
    """The test's end of the pipe."""

    def __init__(self, root: Path, annotator: str) -> None:
        self.root = root
        self.annotator = annotator
        self._start()

    def _start(self) -> None:
        self._pipe, theirs = _context.Pipe()
        self._process = _context.Process(target=_serve, args=(self.root, self.annotator, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def send(self, name: str, *arguments: Any) -> None:
        """Ask for something without waiting for the answer."""
        self._pipe.send((name, arguments))

    def receive(self) -> Any:
        """Return the answer to the oldest question."""
        answer = self._pipe.recv()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def ask(self, name: str, *arguments: Any) -> Any:
        """Ask and wait."""
        self.send(name, *arguments)
        return self.receive()

    def answers_before_death(self) -> list[Any]:
        """Kill the process at once and return the answers it had given by then."""
        self._process.kill()
        self._process.join()
        answers = []
        with suppress(EOFError, ConnectionResetError):
            while True:
                answers.append(self._pipe.recv())
        return answers

    def kill_and_restart(self) -> None:
        """`kill -9`, then a new process in the same person's name."""
        self.stop()
        self._start()

    def stop(self) -> None:
        """End the process and the pipe."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(root: Path, annotator: str, pipe: Connection) -> None:
    dataset = Dataset.open(ProjectFolder(root), annotator=annotator)
    log = StageLog(ProjectFolder(root))
    leases: dict[str, Lease] = {}

    def claim(sentence: str) -> bool:
        lease = dataset.claim(sentence, "generate")
        if lease is not None:
            leases[sentence] = lease
        return lease is not None

    def view() -> Any:
        dataset.follow()
        return seen_by(dataset)

    tasks: dict[str, Callable[..., Any]] = {
        "add": lambda rows: dataset.add_sentences(map(Sentence.model_validate, rows)),
        "candidate": lambda fields: dataset.add_candidate(Candidate.model_validate(fields)),
        "decide": lambda fields: dataset.decide(Decision.model_validate(fields)),
        "failed": dataset.mark_failed,
        "undo": lambda: _id(dataset.undo()),
        "redo": lambda: _id(dataset.redo()),
        "fold": dataset.fold,
        "claim": claim,
        "release": lambda sentence: leases.pop(sentence).release(),
        "has_candidate": lambda sentence: bool(dataset.candidates_of(sentence)),
        "view": view,
        "call": lambda fields: log.append(Call.model_validate(fields)),
    }
    while True:
        name, arguments = pipe.recv()
        try:
            pipe.send(tasks[name](*arguments))
        except Exception as error:  # noqa: BLE001  # whatever it is, the test must hear of it
            pipe.send(error)


def _id(decision: Decision | None) -> str | None:
    return decision.id if decision else None


def seen_by(dataset: Dataset) -> dict[str, Any]:
    """Return all that a model of the dataset can be compared with."""
    return {
        "sentences": {one: dataset.row(one).status.value for one in dataset.ids()},
        "candidates": {one: dataset.candidates_of(one) for one in dataset.ids()},
        "decisions": [(one.kind, one.sentence, one.by) for one in dataset.decisions()],
        "examples": {one.id: (one.output, one.decision and one.decision.by) for one in dataset.examples()},
        "counts": {status.value: count for status, count in dataset.counts().items() if count},
    }
