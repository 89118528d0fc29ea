"""Reading JSON out of what a model wrote, as tolerantly as one reading allows.

Models wrap their JSON in fences and prose, leave trailing commas, quote with the wrong quotes or
stop before the last brace. What can be read in one way only is read; the rest raises
`UnusableReply` in words that can be shown to the model.
"""

from __future__ import annotations

import ast
import json
import math
import re

from pipeline.errors import UnusableReply

_FENCE = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
_SMART_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "‟": '"', "＂": '"', "‘": "'", "’": "'"})
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_OUT_OF = re.compile(r"([-+]?\d+(?:[.,]\d+)?)\s*(?:/|out of|of)\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)


def json_object(reply: str) -> dict[str, object]:
    """Return the JSON object a reply holds.

    Raises:
        UnusableReply: there is none, or it cannot be read.
    """
    for stretch in _stretches(reply):
        for spelling in (stretch, _plain(stretch)):
            value = _read(spelling)
            if isinstance(value, dict) and (value or "}" in reply):
                return {str(key): item for key, item in value.items()}
    if "{" not in reply:
        raise UnusableReply("the reply holds no JSON object")
    raise UnusableReply("the JSON object in the reply cannot be read")


def whole_score(value: object) -> int:
    """Return a score from 0 to 100 however it was written.

    `85`, `85.0`, `"85"`, `"85/100"`, `"8.5/10"`, `"85 %"` and `0.85` are all 85; what lies above
    100 or below 0 is taken for the end it overshoots.

    Raises:
        UnusableReply: the value is no number.
    """
    number = _number(value)
    if number is None or not math.isfinite(number):
        raise UnusableReply("the score must be a whole number from 0 to 100")
    if 0 < number < 1:
        number *= 100
    return max(0, min(100, math.floor(number + 0.5)))


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _as_float(value)
    if not isinstance(value, str):
        return None
    if share := _OUT_OF.search(value):
        part, whole = (_as_float(number.replace(",", ".")) for number in share.groups())
        return 100 * part / whole if whole else None
    found = _NUMBER.search(value)
    return _as_float(found.group().replace(",", ".")) if found else None


def _as_float(number: float | str) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf


def _stretches(reply: str) -> list[str]:
    """Return where an object may stand, the likeliest first: whole reply, fences, outer braces."""
    found = [reply.strip()]
    found += [match.group(1).strip() for match in _FENCE.finditer(reply)]
    found += [_balanced(text, start) for text in (*found,) for start in _openings(text)]
    return list(dict.fromkeys(found))


def _openings(text: str) -> list[int]:
    """Return the first places where an object may begin."""
    return [match.start() for match, _ in zip(re.finditer(r"\{", text), range(4), strict=False)]


def _balanced(text: str, start: int) -> str:
    """Return the stretch from the brace at `start` to the one that closes it, or to the end."""
    closers: list[str] = []
    quoted = escaped = False
    for place in range(start, len(text)):
        character = text[place]
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = quoted
        elif character == '"':
            quoted = not quoted
        elif not quoted and character in "{[":
            closers.append("}" if character == "{" else "]")
        elif not quoted and closers and character == closers[-1]:
            closers.pop()
            if not closers:
                return text[start : place + 1]
    return text[start:] + '"' * quoted + "".join(reversed(closers))


def _plain(text: str) -> str:
    """Return `text` with ordinary quotes outside strings and without trailing commas."""
    pieces: list[str] = []
    quoted = escaped = False
    for character in text:
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
            pieces.append(character)
            continue
        plain = character.translate(_SMART_QUOTES)
        quoted = character == '"'
        if plain in "}]":
            _drop_trailing_comma(pieces)
        pieces.append(plain)
    return "".join(pieces)


def _drop_trailing_comma(pieces: list[str]) -> None:
    place = len(pieces) - 1
    while place >= 0 and pieces[place].isspace():
        place -= 1
    if place >= 0 and pieces[place] == ",":
        del pieces[place]


def _read(text: str) -> object:
    if not text.startswith("{"):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)  # single quotes, True, None
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return None
