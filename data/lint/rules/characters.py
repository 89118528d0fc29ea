"""Characters that cannot be seen, or that a wrong decoding left."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Field, Hit, Rule

_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u2060]")
_NEEDS_INVISIBLE = re.compile("[\u0590-\u08ff\u0e00-\u109f\u1780-\u17ff]")
"""Scripts in which invisible marks turn the direction or part words."""
_MISREAD = re.compile(
    "\ufffd|â€[™œ\u009d\x9c\x9d“”¦\x93\x94]|Ã[©¨¡³±¼¶¤]|ì[\u0080-\u00bf]{2}|[ëê][\u0080-\u00bf]{2}"
)
_ESCAPE = re.compile(r"\\u[0-9a-fA-F]{4}|\\[nt](?=\S|\s*\Z)|\\[\"']|&(?:quot|amp|lt|gt|nbsp|#\d{2,5});")


def _texts(row: LintRow) -> tuple[tuple[Field, str], ...]:
    return (("source", row.source), ("output", row.output), ("thought", row.thought or ""))


def _look_for_unseen(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts.row):
        if text.replace("\n", "").isprintable():
            continue
        match = _UNSEEN.search(text)
        if not match and not text.isascii() and not _NEEDS_INVISIBLE.search(text):
            match = _INVISIBLE.search(text)
        if match:
            yield Hit(
                f"The {field} holds the control character U+{ord(match.group()):04X}.", match.span(), field
            )


def _look_for_misread(facts: Facts) -> Iterator[Hit]:
    for field, text in _texts(facts.row):
        match = _MISREAD.search(text) if any(mark in text for mark in "\ufffdâÃìëê") else None
        if match:
            yield Hit(f"The {field} was decoded wrongly: {match.group()!r}.", match.span(), field)


def _look_for_escapes(facts: Facts) -> Iterator[Hit]:
    match = _ESCAPE.search(facts.row.output)
    if match and match.group() not in facts.row.source:
        yield Hit(f"An escape was left in the output: {match.group()!r}.", match.span())


def _strip_unseen(row: LintRow) -> LintRow:
    return replace(
        row,
        source=_visible(row.source),
        output=_visible(row.output),
        thought=None if row.thought is None else _visible(row.thought),
    )


def _visible(text: str) -> str:
    text = _UNSEEN.sub("", text)
    return text if _NEEDS_INVISIBLE.search(text) else _INVISIBLE.sub("", text)


UNSEEN = Rule(
    code="control-character",
    meaning=(
        "A field holds a control character or one that turns the direction of text, which no reader sees and a model "
        "would learn. Line breaks, tabs and joiners are let pass."
    ),
    severity="warning",
    field="output",
    look=_look_for_unseen,
    bad=LintRow(source="그는 떠났다.", output="He\x07 left."),
    good=LintRow(source="그는 떠났다.", output="He\u00a0left."),
    fix=_strip_unseen,
)

MISREAD = Rule(
    code="misread-encoding",
    meaning="A field holds U+FFFD or the marks that UTF-8 leaves when it is read as something else.",
    severity="error",
    field="output",
    look=_look_for_misread,
    bad=LintRow(source="그는 떠났다.", output="He didnâ€™t stay."),
    good=LintRow(source="그는 떠났다.", output="He didn’t stay at the café."),
)

ESCAPE = Rule(
    code="escape-left",
    meaning="An escape of JSON or HTML was left in the output as text, such as \\n or &quot;.",
    severity="warning",
    field="output",
    look=_look_for_escapes,
    bad=LintRow(source="그는 떠났다.", output="He said &quot;bye&quot; and left."),
    good=LintRow(source="R&D는 길다.", output="R&D takes long."),
)
