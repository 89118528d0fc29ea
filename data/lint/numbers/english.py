"""Numbers in English: digits, words, ordinals, months, decades and the words that stand for a number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.numbers.value import DIGITS, Quantity, is_in_a_name, value_of_digits

_UNITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {word: 10 * value for value, word in enumerate(
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2)}  # fmt: skip
_ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
            "sixteenth",
            "seventeenth",
            "eighteenth",
            "nineteenth",
            "twentieth",
        ],
        start=1,
    )
}
_SCALES = {
    "hundred": 1e2,
    "thousand": 1e3,
    "million": 1e6,
    "billion": 1e9,
    "trillion": 1e12,
    "quadrillion": 1e15,
}
_SHORT_SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}
_MEANINGS = {
    "half": (0.5, 50, 2), "halves": (0.5, 2), "quarter": (0.25, 4, 15, 25), "quarters": (0.25, 4), "third": (1 / 3,),
    "dozen": (12,), "dozens": (12,), "couple": (2,), "pair": (2,), "both": (2,), "twice": (2,), "double": (2,),
    "doubled": (2,), "doubling": (2,), "twofold": (2, 200), "once": (1,), "single": (1,), "triple": (3,),
    "tripled": (3,), "threefold": (3,), "thrice": (3,), "quadruple": (4,), "fourfold": (4,), "tenfold": (10,),
    "decade": (10,), "decades": (10,), "century": (100,), "centuries": (100,), "millennium": (1000,),
    "fortnight": (14, 2), "score": (20,), "noon": (12,), "midnight": (12, 0, 24), "teens": (10,), "teenage": (10,),
    "teenager": (10,), "teenagers": (10,), "twenties": (20,), "thirties": (30,), "forties": (40,), "fifties": (50,),
    "sixties": (60,), "seventies": (70,), "eighties": (80,), "nineties": (90,), "a": (1,), "an": (1,),
    "daily": (1,), "annual": (1,), "last": (1,), "hundreds": (100,), "thousands": (1000, 1e4),
    "millions": (1e6,), "billions": (1e9,), "trillions": (1e12,), "centennial": (100,), "centenary": (100,),
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ],
        start=1,
    )
    for name in names.split()
}
_LINKS = frozenset({"and", "a", "an"})
"""Words amid a number that do not count: half a million."""
_CLEAR_FROM = 13
"""Smaller numbers in words are often idiom, or stand in other words in the other language."""
_SINGLE = _UNITS | _TENS | _ORDINALS
_WORD_NUMBERS = {**_UNITS, **_TENS, **_SCALES}
_ALL_WORDS = {**_ORDINALS, **_WORD_NUMBERS, **dict.fromkeys(_MEANINGS, 0)}
_TOKEN = re.compile(
    rf"(?<![A-Za-z\d.,/:-])(?P<digits>(?>{DIGITS}))(?!:\d)(?:(?P<ordinal>st|nd|rd|th)\b|(?P<decade>['’]?s)\b"
    r"|[\s-]?(?P<scale>hundred|thousand|million|billion|trillion|quadrillion)s?\b"
    rf"|(?P<short>k|mn?|bn?|tn)\b|)"
    rf"|\b(?P<words>(?:{'|'.join(sorted(_ALL_WORDS, key=len, reverse=True))})\b"
    rf"(?:[\s-]+(?:(?:and|an?)[\s-]+)?(?:{'|'.join(sorted((*_WORD_NUMBERS, *_ORDINALS), key=len, reverse=True))})\b)*)",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"\b(January|February|March|April|May|June|July|August|September|October|November|December|"
    r"(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?=\.|\s\d))\b"
)

_MAY_AS_MONTH = re.compile(
    r"\b(?:in|of|on|last|next|since|until|by|early|late|mid-?|this|every) ?May\b|\bMay \d|\d May\b"
)
_CONVERTED = re.compile(
    r"[\s-]?(?:miles?|feet|foot|ft|inch(?:es)?|yards?|pounds?|lbs?|ounces?|oz|acres?|gallons?|pints?|quarts?|leagues?|"
    r"fathoms?|furlongs?|stone|degrees?|°|square)\b"
)
"""Measures that a translation may convert."""
_TIME = re.compile(r"(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])")


def english(text: str) -> Iterator[Quantity]:
    """Yield the numbers of an English text; a word that may mean several yields each."""
    for match in _MONTH.finditer(text):
        is_clear = match[1] != "May" or _MAY_AS_MONTH.search(text, max(0, match.start() - 8), match.end() + 6)
        month = _MONTHS[match[1].lower()]
        yield Quantity(month, match[1], match.span(), kind="month", sure=bool(is_clear))
    for match in _TIME.finditer(text):
        for part in match.groups():
            yield Quantity(float(part), match.group(), match.span())
    for match in _TOKEN.finditer(text):
        yield from _in_words(match) if match["words"] else _in_digits(match)


def _in_digits(match: re.Match[str]) -> Iterator[Quantity]:
    value = value_of_digits(match["digits"])
    scale = _SCALES.get((match["scale"] or "").lower()) or _SHORT_SCALES.get(
        (match["short"] or "").lower(), 1
    )
    is_plain = match["decade"] is None and match["short"] is None
    is_plain = is_plain and not is_in_a_name(match.string, match.end())
    is_plain = is_plain and not _CONVERTED.match(match.string, match.end())
    yield Quantity(value * scale, match.group(), match.span(), sure=is_plain, scaled=scale > 100)


def _in_words(match: re.Match[str]) -> Iterator[Quantity]:
    said = re.split(r"[\s-]+", match["words"].lower())
    words = [said[0], *(word for word in said[1:] if word not in _LINKS)]
    if len(words) == 1 and words[0] in _MEANINGS:
        for meaning in _MEANINGS[words[0]]:
            yield Quantity(meaning, match.group(), match.span())
    value, is_usual = _value(words)
    is_scaled = any(word in _SCALES and word != "hundred" for word in words)
    is_clear = is_usual and value >= _CLEAR_FROM and not _CONVERTED.match(match.string, match.end())
    is_clear = is_clear and all(word in _WORD_NUMBERS for word in words)
    yield Quantity(value, match.group(), match.span(), sure=is_clear, scaled=is_scaled)


def _value(words: list[str]) -> tuple[float, bool]:
    """Return what number words are worth, and whether they are put together as numbers usually are.

    Not so are years and prices: "nineteen forty-eight", "four-fifty".
    """
    total = section = 0.0
    is_usual = True
    for word in words:
        if word in _SCALES:
            section = (section or 1) * _SCALES[word]
            if word != "hundred":
                total, section = total + section, 0
            continue
        value = _MEANINGS[word][0] if word in _MEANINGS and word not in _ORDINALS else _SINGLE.get(word, 0)
        if value >= 10 and section % 100 > 0:
            section, is_usual = section * 100, False
        section += value
    return total + section, is_usual
