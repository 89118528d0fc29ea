"""Differences between two texts as lines: what is gone carries a minus, what is new a plus."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from drt_tui.review.diff import diff
from drt_tui.review.item import Item
from drt_tui.widgets.sheet import hang, plain

GONE = "$error"
NEW = "$success"
INDENT = 14
_LONG = 7
"""Words of a text that are shown whole where its ends would do."""


def changed_text(old: str, new: str, *, short: bool = False) -> Content:
    """Return `new` with what it changed of `old` marked by signs and by colour.

    With `short` only the ends of long unchanged stretches are kept.
    """
    told = Content()
    for piece in diff(old, new):
        if piece.kind == "same":
            told += plain(ends_of(piece.text) if short else piece.text)
        else:
            sign, colour = ("-", GONE) if piece.kind == "gone" else ("+", NEW)
            told += " " * piece.text[0].isspace() + plain(f"{sign}{piece.text.strip()}", colour)
            told += " " * (piece.text[-1].isspace() or piece.kind == "gone")
    return told


def ends_of(text: str) -> str:
    """Return the ends of a long text, and a short one whole."""
    words = text.split()
    if len(words) <= _LONG:
        return text
    lead, trail = " " * text[0].isspace(), " " * text[-1].isspace()
    return f"{lead}{' '.join(words[:2])} … {' '.join(words[-2:])}{trail}"


def diff_lines(item: Item, width: int) -> list[Content]:
    """Return all differences that matter for an item: mine, from draft to draft, to the reference."""
    return list(_diff_lines(item, width))


def _diff_lines(item: Item, width: int) -> Iterator[Content]:
    candidate = item.candidate
    if candidate is None:
        return
    if item.edit is not None:
        yield from _compared("mine", candidate.output, item.output, width)
        if item.thought != candidate.thought:
            yield from _compared("my thought", candidate.thought, item.thought, width)
    for number, (old, new) in enumerate(zip(candidate.drafts, candidate.drafts[1:], strict=False), 2):
        yield from _compared(f"draft {number - 1} → {number}", old.text, new.text, width)
    for reference in item.sentence.references:
        yield from _compared("reference", reference.text, item.output, width)


def _compared(label: str, old: str, new: str, width: int) -> Iterator[Content]:
    body = changed_text(old, new) if old != new else Content.styled("the same", "$muted")
    yield from hang(Content.styled(label, "$muted"), body, width, indent=INDENT)
    yield Content()
