"""The numbers of a text in any language."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.numbers.east_asian import han, korean
from data.lint.numbers.english import english
from data.lint.numbers.value import Quantity

_DIGITS = re.compile(r"(?<![A-Za-z\d.,/:-])\d+(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?(?![A-Za-z\d])")
_SCALES = {
    r"million|millionen|millions|millones|millón|milioni|milione|milhões|milhão|miljoen|milyon|миллион\w*|млн": 1e6,
    r"milliarde|milliarden|milliards?|miliardi|miliardo|miljard|milyar|миллиард\w*|млрд|bilhões|bilhão": 1e9,
}
_CLEAR_FROM = 13
"""Smaller numbers are often written in words, which are not read here."""
_THOUSANDS = 3
"""Digits of a group behind a thousands separator; any other number of them is a fraction."""
_POINTS_GROUP = frozenset({"de", "es", "it", "pt", "nl", "tr", "id", "vi", "da"})
"""Languages that part thousands by points."""
_SCALE = {re.compile(rf"\s+(?:{words})\b", re.IGNORECASE): value for words, value in _SCALES.items()}


def quantities(text: str, language: str | None) -> tuple[Quantity, ...]:
    """Return the numbers of `text`; outside English and East Asia only those in digits."""
    match (language or "").split("-")[0]:
        case "ko":
            return tuple(korean(text))
        case "zh" | "ja":
            return tuple(han(text))
        case "en":
            return tuple(english(text))
        case code:
            return tuple(_digits(text, points_group=code in _POINTS_GROUP))


def _digits(text: str, *, points_group: bool) -> Iterator[Quantity]:
    """Yield numbers in digits; a mark that may be a thousands separator or a decimal one gives both readings."""
    for match in _DIGITS.finditer(text):
        scale, end = 1.0, match.end()
        for words, value in _SCALE.items():
            if following := words.match(text, match.end()):
                scale, end = value, following.end()
        span = match.start(), end
        readings = _readings(match.group(), points_group=points_group)
        for reading in readings:
            value = reading * scale
            is_clear = len(readings) == 1 and value >= _CLEAR_FROM
            yield Quantity(value, text[slice(*span)], span, sure=is_clear, scaled=scale > 1)


def _readings(number: str, *, points_group: bool) -> set[float]:
    bare = re.sub(r"[\u00a0\u202f ]", "", number)
    *whole, last = re.split(r"[.,]", bare)
    together = float("".join(whole) + last)
    if not whole:
        return {together}
    with_fraction = float("".join(whole) + "." + last)
    if len(last) != _THOUSANDS or {".", ","} <= set(bare):
        return {with_fraction}
    is_grouped = len(whole) > 1 or (points_group and "." in bare)
    return {together} if is_grouped else {together, with_fraction}
