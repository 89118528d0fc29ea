"""Whether a mark ends a sentence, told by the characters around it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.running_text.words import (
    CHINESE_END,
    CHINESE_SPEAKER,
    ENGLISH_SPEAKER,
    KOREAN_END,
    KOREAN_SPEAKER,
    MAY_BE_LAST,
    NEVER_LAST,
    RARELY_LAST,
    REFERENCES,
    STARTERS,
    TITLES,
)

_EAST_ASIAN = frozenset("。！？．｡")
_QUOTES = frozenset("\"'”’»›」』")
_OPENING = "“‘「『«—–"
_PAUSES = frozenset("…‥. ")
_LEADING = re.compile(r"[\s\"'“‘«‹「『(（【《〈［\[—–*_-]*")
_BETWEEN_WORDS = re.compile(r"[\s\"'“”‘’()\[\]（）—–…]")
_ROMAN = re.compile(r"[IVXLC]+")
_NEXT_WORD = re.compile(r"[\w’']+")
_NEXT_INITIAL = re.compile(r"\s+[A-Z]\.")
_DOTTED = re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]\Z")
_ENUMERATOR = re.compile(r"\s*\(?(?:\d{1,3}|[A-Za-z]|[ivxlcIVXLC]{1,5})\Z")
_DATE = re.compile(r"\d\.\s*\d{1,2}\Z")
_HAN_OR_KANA = re.compile(r"[\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_HANGUL = re.compile(r"[가-힣]")
_LONGEST_WORD = 20


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark that may end a sentence, and the text around it."""

    before: str
    """What stands before it in its sentence, or the end of that."""
    sign: str
    """The mark itself: a full stop, `?!`, `…`, or the dash of a speech that breaks off."""
    closers: str
    """Quotes and brackets that close right behind it."""
    after: str
    """What follows these."""
    has_all_before: bool = False
    """`before` reaches back to the beginning of the sentence."""

    @property
    def next(self) -> str:
        """The first character that follows, quotes, brackets and dashes aside; empty if there is none."""
        lead = _LEADING.match(self.after)
        place = lead.end() if lead else 0
        return self.after[place : place + 1]

    @property
    def ends_sentence(self) -> bool:
        """Whether a new sentence begins behind it."""
        following = self.next
        if not following or following.islower() or following in ",;:，、；：)）":
            return False
        is_spaced = self.after[0].isspace()
        if not _EAST_ASIAN.isdisjoint(self.sign) or (not is_spaced and _HAN_OR_KANA.match(following)):
            return self._ends_chinese()
        if not is_spaced:
            return self._ends_without_space()
        if self._is_quoted:
            return self._ends_quotation(following)
        if self._is_pause:
            return self._ends_after_pause(following)
        return self.sign != "." or not self._is_part_of_word(following)

    @property
    def _is_quoted(self) -> bool:
        return not _QUOTES.isdisjoint(self.closers)

    @property
    def _is_pause(self) -> bool:
        return self.sign != "." and _PAUSES.issuperset(self.sign)

    @property
    def _last_word(self) -> str:
        return _BETWEEN_WORDS.split(self.before[-_LONGEST_WORD:])[-1]

    @property
    def _next_word(self) -> str:
        found = _NEXT_WORD.search(self.after)
        return found.group() if found else ""

    def _ends_chinese(self) -> bool:
        if self._is_quoted:
            return CHINESE_SPEAKER.match(self.after.lstrip()) is None
        return not self._is_pause or CHINESE_END.search(self.before[-1:]) is not None

    def _ends_without_space(self) -> bool:
        """Judge a mark with no space behind it: a slip of the typist, or one quotation behind another."""
        if self.closers:
            return self.after[0] in _OPENING
        if not _HANGUL.match(self.after):
            return False
        if self.sign == ".":
            return KOREAN_END.search(self.before[-2:]) is not None
        return _HANGUL.match(self.before[-1:]) is not None

    def _ends_quotation(self, following: str) -> bool:
        if _HANGUL.match(following):
            return KOREAN_SPEAKER.match(self.after.lstrip()) is None
        return self.sign == "." or ENGLISH_SPEAKER.match(self.after.lstrip()) is None

    def _ends_after_pause(self, following: str) -> bool:
        """Judge `…`: a Korean ending tells; in English a capital does, unless it is `I`, or a stammer."""
        if _HANGUL.match(following):
            return KOREAN_END.search(self.before[-2:]) is not None
        word = self._next_word
        return re.split("['’]", word)[0] != "I" and self._last_word != word

    def _is_part_of_word(self, following: str) -> bool:
        """Whether a full stop belongs to an abbreviation, a number or an initial, and ends nothing."""
        word = self._last_word
        if self.has_all_before and _ENUMERATOR.match(self.before):
            return True
        if word.lower() in NEVER_LAST or (word.lower() in TITLES and word[0].isupper()):
            return True
        if following.isdigit():
            return bool(
                word.lower() in REFERENCES | RARELY_LAST | MAY_BE_LAST
                or _DOTTED.match(word)
                or word[:1].isdigit()
            )
        if word.lower() in REFERENCES and _ROMAN.fullmatch(self._next_word):
            return word.lower() != "no" or self._next_word != "I"
        if _HANGUL.match(following):
            return _DATE.search(self.before[-6:]) is not None or _is_capital(word)
        return self._is_abbreviation_before_capital(word, following)

    def _is_abbreviation_before_capital(self, word: str, following: str) -> bool:
        if word.lower() in MAY_BE_LAST:
            return not following.isupper()
        begins = self._next_word.lower() in STARTERS
        if _is_capital(word):
            return not self._capital_stands_alone(word, begins=begins)
        return not begins and bool(_DOTTED.match(word) or (word.lower() in RARELY_LAST and word[0].isupper()))

    def _capital_stands_alone(self, letter: str, *, begins: bool) -> bool:
        """Whether a single capital is no initial of a name: `plan B`, `It was I`."""
        words = self.before.removesuffix(letter).split()
        is_pronoun = letter == "I" and bool(words) and words[-1].islower()
        return _NEXT_INITIAL.match(self.after) is None and (begins or is_pronoun)


def _is_capital(word: str) -> bool:
    return len(word) == 1 and word.isascii() and word.isupper()
