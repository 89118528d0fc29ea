"""What a text holds for mining: which of its sentences are to be asked about, before any is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from data.importers import BadRow
from data.importers.running_text import LeftOut
from data.records import Sentence

if TYPE_CHECKING:
    from data.store import Dataset

Row = Sentence | LeftOut | BadRow


@dataclass(slots=True)
class Survey:
    """Counts of a text. `read` is all that follows but `held_out`, `answered`, `to_ask` and `until`."""

    sentences: int = 0
    """Sentences of a fitting length, each counted once."""
    duplicates: int = 0
    """Sentences that stand further up in the text as well."""
    left_out: Counter[str] = field(default_factory=Counter)
    """Headings, and sentences that are too short or too long, by reason."""
    bad: list[BadRow] = field(default_factory=list)
    held_out: int = 0
    """Of `sentences`, those that no model may be shown."""
    answered: int = 0
    """Of `sentences`, those that were answered by an earlier call."""
    to_ask: int = 0
    """Of `sentences`, those that this call asks about."""
    until: str | None = None
    """Id of the last of these."""
    size: int = 0
    """Bytes of the sentences to ask about, in UTF-8."""

    @property
    def read(self) -> int:
        """Sentences and headings that the text holds, and lines that cannot be read."""
        return self.sentences + self.duplicates + self.left_out.total() + len(self.bad)


class _Choice(NamedTuple):
    """The sentences to ask about up to some place."""

    number: int = 0
    size: int = 0
    last: str | None = None


class Seam:
    """The sentences of a text that can be mined. It is read from its beginning each time."""

    def __init__(self, rows: Callable[[], Iterable[Row]], dataset: Dataset, answered: Container[str]) -> None:
        """Prepare.

        Args:
            rows: reads the text, from its beginning.
            dataset: tells which sentences and groups are held out.
            answered: ids of sentences that were answered already.
        """
        self._rows = rows
        self._dataset = dataset
        self._answered = answered

    def survey(self, limit: int | None = None, *, until: str | None = None) -> Survey:
        """Read the text through and count.

        Of the sentences to ask about, at most `limit` are chosen, the first ones; where `until` is
        one of the text, those up to it instead.
        """
        survey = Survey()
        first = up_to = None
        here = _Choice()
        for sentence in self._distinct(survey):
            survey.sentences += 1
            if self._is_held_out(sentence):
                survey.held_out += 1
            elif sentence.id in self._answered:
                survey.answered += 1
            else:
                here = _Choice(here.number + 1, here.size + len(sentence.source.encode()), sentence.id)
            if here.number == limit:
                first = first or here
            if sentence.id == until:
                up_to = here
        chosen = up_to or first or here
        survey.to_ask, survey.size, survey.until = chosen.number, chosen.size, chosen.last
        return survey

    def sentences(self) -> Iterator[Sentence]:
        """Yield the sentences to ask about, in the order of the text."""
        for sentence in self._distinct(Survey()):
            if sentence.id not in self._answered and not self._is_held_out(sentence):
                yield sentence

    def _distinct(self, survey: Survey) -> Iterator[Sentence]:
        seen: set[bytes] = set()
        for row in self._rows():
            match row:
                case Sentence():
                    key = bytes.fromhex(row.id)
                    if key in seen:
                        survey.duplicates += 1
                    else:
                        seen.add(key)
                        yield row
                case LeftOut():
                    survey.left_out[row] += 1
                case BadRow():
                    survey.bad.append(row)

    def _is_held_out(self, sentence: Sentence) -> bool:
        if sentence.id in self._dataset:
            return self._dataset.row(sentence.id).is_held_out
        return sentence.group is not None and sentence.group in self._held_out_groups

    @cached_property
    def _held_out_groups(self) -> frozenset[str]:
        """Groups that are held out whole."""
        held: dict[str, bool] = {}
        for row in self._dataset.rows():
            if row.group is not None:
                held[row.group] = held.get(row.group, True) and row.is_held_out
        return frozenset(group for group, is_held in held.items() if is_held)
