"""The search line: words, and what a sentence must be or have."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.records import Status
from data.text import nfc
from drt_tui.review.codes import CodesOf, codes_of_pass

if TYPE_CHECKING:
    from data.store import Dataset, IndexRow

FIELDS = ("idiom", "status", "model", "finding", "flag", "text")
_TERM = re.compile(r'(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))')
_SCORE = re.compile(r"score(<=|>=|<|>|=)(\d+)")
_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "<": lambda score, limit: score < limit,
    "<=": lambda score, limit: score <= limit,
    ">": lambda score, limit: score > limit,
    ">=": lambda score, limit: score >= limit,
    "=": lambda score, limit: score == limit,
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What a sentence must be or have; every term must hold."""

    query: str
    statuses: frozenset[Status] = frozenset()
    """Empty: any."""
    idioms: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    scores: tuple[tuple[str, int], ...] = ()

    def matches(self, dataset: Dataset, sentence: str, codes: CodesOf = codes_of_pass) -> bool:
        """Whether a sentence fits; it is read only where its index row does not rule it out."""
        row = dataset.row(sentence)
        if not self._fits_row(row):
            return False
        if self.findings and not _has_all(self.findings, codes(row)):
            return False
        if self.models and not self._fits_models(dataset, row):
            return False
        return not self.words or self._fits_text(dataset, row)

    def _fits_row(self, row: IndexRow) -> bool:
        group = (row.group or "").casefold()
        return (
            (not self.statuses or row.status in self.statuses)
            and all(idiom in group for idiom in self.idioms)
            and all(any(flag in one.casefold() for one in row.flags) for flag in self.flags)
            and all(row.score is not None and _COMPARE[sign](row.score, limit) for sign, limit in self.scores)
        )

    def _fits_models(self, dataset: Dataset, row: IndexRow) -> bool:
        if not row.candidates:
            return False
        models = {
            model.casefold()
            for names in dataset.candidate(row.candidates[-1]).models.values()
            for model in names
        }
        return _has_all(self.models, models)

    def _fits_text(self, dataset: Dataset, row: IndexRow) -> bool:
        sentence = dataset.sentence(row.id)
        texts = [row.id, sentence.source, sentence.group or ""]
        if row.candidates:
            candidate = dataset.candidate(row.candidates[-1])
            texts += [candidate.output, candidate.thought]
        told = "\n".join(texts).casefold()
        return all(word in told for word in self.words)


def _has_all(wanted: Iterable[str], there: Collection[str]) -> bool:
    """Whether each of the wanted words is part of one that is there."""
    return all(any(word in one for one in there) for word in wanted)


def parse_filter(query: str) -> Filter:
    """Read a search line such as `idiom:발 status:rejected score<60 "wide feet"`.

    Raises:
        ValueError: an unknown field or status; the message names the valid ones.
    """
    terms: dict[str, list[str]] = {field: [] for field in FIELDS}
    scores: list[tuple[str, int]] = []
    for match in _TERM.finditer(nfc(query)):
        value = match["bare"] or match["quoted"] or ""
        score = _SCORE.fullmatch(match.group())
        if score is not None:
            scores.append((score[1], int(score[2])))
            continue
        field = match["field"] or "text"
        if field not in terms:
            raise ValueError(
                f"{field}: is no field; there are {', '.join(f'{name}:' for name in FIELDS)} and score<60"
            )
        if value:
            terms[field].append(value.casefold())
    return Filter(
        query=query.strip(),
        statuses=frozenset(_status(name) for name in terms["status"]),
        idioms=tuple(terms["idiom"]),
        findings=tuple(terms["finding"]),
        flags=tuple(terms["flag"]),
        models=tuple(terms["model"]),
        words=tuple(terms["text"]),
        scores=tuple(scores),
    )


def _status(name: str) -> Status:
    found = [status for status in Status if status.value.startswith(name)]
    if not found:
        raise ValueError(f"{name!r} is no status; there are {', '.join(Status)}")
    return found[0]
