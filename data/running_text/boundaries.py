"""Where one sentence ends and the next begins, in running text of any length.

The rules are for English, Korean and Chinese. Which of them hold is told by the characters around a
mark, so that no language need be named and one text may mix them. A quotation of three sentences is
three; who said it stays with the last of them.

The text comes in pieces of any size. How it is cut into them changes nothing, because a mark is
judged only when enough of what follows is there. Nothing is kept but the sentence under way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from data.running_text.marks import Mark

LONGEST = 5000
"""Characters of a sentence at most; a longer stretch without an end is cut, at a space where there is one."""
_AHEAD = 240
"""Characters behind a mark that are looked at."""
_AT_ONCE = 1024
"""Characters that are gathered before they are looked at."""
_BEHIND = 60
"""Characters before a mark that are looked at."""

_CLOSING_OF = {"(": ")", "（": "）", "[": "]", "［": "］"}
_SIGNS = re.compile(
    r"""
    (?P<mark>
        (?:[.!?…‥。！？．｡؟।]|(?<=\.)\ (?=\.))+    # `. . .` is one mark
        | (?<![—–-])[—–-]++(?=[”’"'」』])            # speech that breaks off
    )
    (?P<closers>(?:["'”’»›」』)）\]］】》〉]|\[\d{1,3}\])*)
    | (?P<opening>[(（\[［])
    | (?P<closing>[)）\]］])
    """,
    re.VERBOSE,
)


def split_sentences(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of one paragraph that comes in pieces. See `SentenceSplitter`."""
    splitter = SentenceSplitter()
    for piece in pieces:
        yield from (sentence.text for sentence in splitter.feed(piece))
    yield from (sentence.text for sentence in splitter.end())


class Placed(NamedTuple):
    """A sentence without the space around it, and where in its paragraph it begins."""

    start: int
    text: str


class _Bracket(NamedTuple):
    """A bracket that is open: what closes it, and whether its sentence began before it."""

    closer: str
    is_within: bool


class SentenceSplitter:
    """Splits one paragraph. Its sentences, joined, are its text, white space aside."""

    def __init__(self) -> None:
        self._text = ""
        self._offset = 0
        """Where in the paragraph `_text` begins."""
        self._start = 0
        """Where in `_text` the sentence under way begins."""
        self._judged = 0
        """Up to where the signs in `_text` have been judged."""
        self._bracket: _Bracket | None = None
        self._gathered: list[str] = []
        self._waiting = 0
        """Characters in `_gathered`."""

    def feed(self, piece: str) -> Iterator[Placed]:
        """Take in more text and yield the sentences that it completes."""
        self._gathered.append(piece)
        self._waiting += len(piece)
        if self._waiting >= _AT_ONCE:
            self._take_in()
            yield from self._sentences(is_whole=False)

    def end(self) -> Iterator[Placed]:
        """Yield what is left when the paragraph has ended."""
        self._take_in()
        yield from self._sentences(is_whole=True)
        yield from self._take(len(self._text))

    def _take_in(self) -> None:
        self._text = "".join((self._text[self._start :], *self._gathered))
        self._offset += self._start
        self._judged -= self._start
        self._start = self._waiting = 0
        self._gathered.clear()

    def _sentences(self, *, is_whole: bool) -> Iterator[Placed]:
        known = len(self._text) if is_whole else len(self._text) - _AHEAD
        while (sign := _SIGNS.search(self._text, self._judged)) and sign.end() <= known:
            yield from self._cut_before(sign.end())
            self._judged = sign.end()
            if self._is_end(sign):
                yield from self._take(sign.end())
        yield from self._cut_before(max(known, self._start))

    def _cut_before(self, place: int) -> Iterator[Placed]:
        """Cut what is too long for a sentence until `place` is within reach."""
        while place - self._start > LONGEST:
            space = self._text.rfind(" ", self._start + 1, self._start + LONGEST)
            yield from self._take(space if space > 0 else self._start + LONGEST)

    def _take(self, end: int) -> Iterator[Placed]:
        sentence = self._text[self._start : end]
        if stripped := sentence.strip():
            lead = len(sentence) - len(sentence.lstrip())
            yield Placed(self._offset + self._start + lead, stripped)
        self._start = end
        self._judged = max(self._judged, end)
        self._bracket = None

    def _is_end(self, sign: re.Match[str]) -> bool:
        """Judge a sign, and keep track of the outermost bracket."""
        bracket = self._bracket
        if sign["opening"]:
            self._bracket = bracket or self._opened(sign)
            return False
        if bracket is not None and bracket.closer in sign.group():
            self._bracket = None
        if sign["closing"]:
            return False
        mark = self._mark(sign)
        if bracket is not None and bracket.is_within:
            goes_on = bracket.closer in mark.after if self._bracket else not mark.next.isupper()
            if goes_on:
                return False
        return mark.ends_sentence

    def _opened(self, sign: re.Match[str]) -> _Bracket:
        before = self._text[self._start : sign.start()].strip(" \n\t\"'“‘「『")
        return _Bracket(_CLOSING_OF[sign["opening"]], is_within=bool(before))

    def _mark(self, sign: re.Match[str]) -> Mark:
        begin = max(self._start, sign.start() - _BEHIND)
        return Mark(
            before=self._text[begin : sign.start()],
            sign=sign["mark"],
            closers=sign["closers"],
            after=self._text[sign.end() : sign.end() + _AHEAD],
            has_all_before=begin == self._start,
        )
