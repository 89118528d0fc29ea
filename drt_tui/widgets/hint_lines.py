"""Hints as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from drt_tui.review.glossary import Term
from drt_tui.review.hints import Hint
from drt_tui.widgets.sheet import hang, plain

INDENT = 10


def hint_lines(hints: Sequence[Hint], terms: Sequence[Term], width: int) -> list[Content]:
    """Return what is known of similar sentences and of the terms of this one."""
    lines = [line for term in terms for line in _term(term, width)]
    if terms:
        lines.append(Content())
    for hint in hints:
        lines.extend(_hint(hint, width))
    if not hints:
        lines.append(Content.styled("No similar sentence was judged before.", "$muted"))
    return lines


def _term(term: Term, width: int) -> Iterator[Content]:
    label = Content.styled("glossary", "$muted")
    yield from hang(label, plain(f"{term.source} → {' or '.join(term.targets)}"), width, indent=INDENT)


def _hint(hint: Hint, width: int) -> Iterator[Content]:
    label = Content.styled("rejected" if hint.why else "accepted", "$error" if hint.why else "$success")
    likeness = Content.styled(f"{hint.likeness} % alike", "$faint")
    yield from hang(label, plain(hint.source), width, indent=INDENT, tail=likeness)
    yield from hang(Content(), plain(hint.output, "bold"), width, indent=INDENT)
    if hint.why:
        yield from hang(Content(), plain(hint.why, "$muted"), width, indent=INDENT)
    yield Content()
