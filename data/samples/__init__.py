"""Sentences and worked examples that come with the program, all written for it (Apache-2.0).

`sentences.jsonl` holds Korean sentences with idioms, the same words meant literally, plain ones, talk,
short passages, and English literary sentences, each with a reference of our own. `worked.jsonl` holds
finished candidates, some good, the others with exactly one known fault: the first thing that a
newcomer judges, the pool of few-shot examples and the cases that the linter is tried on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import orjson

from data.records import Candidate, Sentence, sentence_id

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Worked:
    """A sentence with a candidate written by hand, and what is known to be right or wrong with it."""

    sentence: Sentence
    candidate: Candidate
    good: bool
    reason: str | None = None
    """A code of `data.reasons`; `None` for a good one."""
    fault: str | None = None
    """What is wrong and where, in one sentence; `None` for a good one."""


@cache
def sample_sentences(language: Literal["ko", "en"] | None = None) -> tuple[Sentence, ...]:
    """Return the sample sentences, or those in one source language, in the order of their file."""
    return tuple(
        _sentence(row) for row in _rows("sentences.jsonl") if language is None or row["language"] == language
    )


@cache
def worked_examples() -> tuple[Worked, ...]:
    """Return the worked examples in the order of their file; none of their sentences is a sample sentence."""
    return tuple(_worked(row) for row in _rows("worked.jsonl"))


def _rows(name: str) -> Iterator[dict[str, Any]]:
    for line in files(__name__).joinpath(name).read_bytes().splitlines():
        yield orjson.loads(line)


def _sentence(row: dict[str, Any]) -> Sentence:
    return Sentence.model_validate({"id": sentence_id(row["source"])} | row)


def _worked(row: dict[str, Any]) -> Worked:
    sentence = _sentence(row["sentence"])
    candidate = {"id": _candidate_id(sentence.id), "sentence": sentence.id} | row["candidate"]
    return Worked(sentence, Candidate.model_validate(candidate), **row["verdict"])


def _candidate_id(sentence: str) -> str:
    """Return a ULID of time zero whose random part, 80 bits as well, is the sentence's id."""
    bits = int(sentence, 16)
    return "0" * 10 + "".join(_CROCKFORD[bits >> shift & 31] for shift in range(75, -1, -5))
