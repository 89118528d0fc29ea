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
        case _:
            return tuple(_digits(text))


def _digits(text: str) -> Iterator[Quantity]:
    """Yield numbers in digits, where point and comma may each be either mark: both readings."""
    for match in _DIGITS.finditer(text):
        scale, end = 1.0, match.end()
        for words, value in _SCALE.items():
            if following := words.match(text, match.end()):
                scale, end = value, following.end()
        span = match.start(), end
        readings = _readings(match.group())
        for reading in readings:
            value, is_clear = reading * scale, len(readings) == 1 and reading >= _CLEAR_FROM
            yield Quantity(value, text[slice(*span)], span, sure=is_clear, scaled=scale > 1)


def _readings(number: str) -> set[float]:
    bare = re.sub(r"[\u00a0\u202f ]", "", number)
    readings = {float(re.sub(r"[.,]", "", bare))}
    parts = re.split(r"[.,]", bare)
    if len(parts) > 1:
        readings.add(float("".join(parts[:-1]) + "." + parts[-1]))
    return readings
