"""The sentence to be translated, its idiom marked, and where it comes from."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from data.records import Sentence
from drt_tui.review.item import Item
from drt_tui.review.mended_sentence import spans_in
from drt_tui.widgets.marking import IDIOM, marked
from drt_tui.widgets.sheet import Sheet, plain, spread


class SourcePane(Sheet):
    """Shows an item's source."""

    def show_item(self, item: Item, *, with_reference: bool) -> None:
        """Show the source; the reference only when it was asked for."""
        self.show(lambda width: list(_lines(item, width, with_reference)))


def _lines(item: Item, width: int, with_reference: bool) -> Iterable[Content]:
    spans = (
        item.sentence.spans if item.source == item.sentence.source else spans_in(item.sentence, item.source)
    )
    yield from marked(item.source, [(span.start, span.end, IDIOM) for span in spans]).wrap(width)
    yield spread(_keywords(item), _origin(item), width)
    if with_reference:
        for reference in item.sentence.references:
            label = Content.styled(
                "reference  " if reference.good else "reference (marked as bad)  ", "$muted"
            )
            yield from (label + plain(reference.text)).wrap(width)
        if not item.sentence.references:
            yield Content.styled("no reference", "$muted")


def _keywords(item: Item) -> Content:
    sentence, candidate = item.sentence, item.candidate
    chosen = dict(candidate.keywords) if candidate else {}
    group = sentence.group
    translations = chosen.pop(group, ()) if group else ()
    parts = [f"{group}: {', '.join(translations)}" if translations else group] if group else []
    parts += [f"{word} {', '.join(meant)}".strip() for word, meant in chosen.items()]
    return plain(" · ".join(parts), "$muted")


def _origin(item: Item) -> Content:
    made_by = item.candidate.made_by if item.candidate is not None and not item.is_blind else ""
    where = origin(item.sentence) if item.sentence.origin or not made_by else made_by
    return plain(where + "".join(f"  ⚑ {flag}" for flag in sorted(item.flags)), "$faint")


def origin(sentence: Sentence) -> str:
    """Return where a sentence came from, in a few letters."""
    return f"{sentence.origin.file}:{sentence.origin.row}" if sentence.origin else sentence.id[:8]
