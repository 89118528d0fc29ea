"""What was answered is kept at once, and never asked or paid for again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from train.evaluation.contender import Answer, Contender, Question
from train.evaluation.lines import LineFile


class Kept:
    """A file of values by key; of two with one key the later counts.

    A value is handed to the system before `keep` returns, and so survives `kill -9`.
    """

    def __init__(self, path: Path) -> None:
        self._lines = LineFile(path)
        self._values: dict[str, Mapping[str, Any]] = {}
        for line in self._lines.read():
            self._take(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    def find(self, key: str) -> Mapping[str, Any] | None:
        """Return what is kept under a key."""
        return self._values.get(key)

    def keep(self, key: str, value: Mapping[str, Any], **about: object) -> None:
        """Append a value; `about` is for people who read the file.

        Raises:
            NotSaved: the disk refused.
        """
        line = {"key": key, **about, "value": dict(value)}
        self._lines.append(line)
        self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        key, value = line.get("key"), line.get("value")
        if isinstance(key, str) and isinstance(value, dict):
            self._values[key] = value


def key_of(*parts: object) -> str:
    """Return the key of what depends on these parts and on nothing else."""
    return blake2b(repr(parts).encode("utf-8", "replace"), digest_size=12).hexdigest()


def answer_key(contender: Contender, question: Question) -> str:
    """Return the key of a contender's answer; its name is no part of it."""
    about = contender.about
    before = (
        question.before if about.context is None else question.before[-about.context :] * bool(about.context)
    )
    return key_of(about.identity, question.source, before, question.history, question.sampling)


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as it is kept."""
    return asdict(answer)


def answer_of(value: Mapping[str, Any]) -> Answer | None:
    """Read a kept answer; `None` where another version wrote something else."""
    try:
        return Answer(**{**value, "troubles": tuple(value["troubles"])})
    except (TypeError, KeyError):
        return None
