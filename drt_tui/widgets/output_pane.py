"""The translation to be judged, and how it came to differ from the first draft."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from data.records import Candidate
from drt_tui.review.diff import changes
from drt_tui.review.item import Item
from drt_tui.running.live import LivePass
from drt_tui.widgets.diff_lines import ends_of
from drt_tui.widgets.marking import IDIOM, finding_marks, marked, occurrences
from drt_tui.widgets.sheet import Sheet, hang, plain, spread

GONE = "$muted strike"
NEW = "$success"
SINCE_LINES = 2
"""Most lines spent on what changed since the first draft."""


class OutputPane(Sheet):
    """Shows an item's output, or the newest draft while there is none."""

    def show_item(self, item: Item) -> None:
        """Show the output of a candidate."""
        candidate = item.candidate
        if candidate is None:
            self.show_waiting()
        else:
            self.show(lambda width: list(_lines(item, candidate, width)))

    def show_waiting(self) -> None:
        """Show that there is nothing yet."""
        self.show(lambda width: [Content.styled("no draft yet", "$faint")])

    def show_live(self, live: LivePass) -> None:
        """Show the best draft there is while the loop runs."""
        drafts = live.progress.drafts
        text = drafts[-1].text if drafts else ""
        label = f"draft {len(drafts)}, not final" if drafts else "no draft yet"
        self.show(lambda width: [*plain(text, "$muted").wrap(width), Content.styled(label, "$faint")])


def _lines(item: Item, candidate: Candidate, width: int) -> Iterable[Content]:
    yield from _marked_output(item, candidate).wrap(width)
    count = len(candidate.drafts)
    told = f"{count} draft{'s' if count != 1 else ''} · ends at draft {candidate.best + 1}" if count else ""
    if item.is_blind:
        told = "blind: scores and models are not shown"
    if item.place >= 0 and len(item.candidates) > 1:
        told = f"candidate {item.place + 1} of {len(item.candidates)} · {told}"
    if item.has_open_version:
        told = "your version"
    elif item.is_judged:
        told = item.judgement
    facts = plain(told, "$warning" if item.has_open_version else "$muted" if item.is_judged else "$faint")
    first = candidate.drafts[0].text if candidate.drafts else ""
    if not first or first == item.output:
        yield spread(Content.styled("as first drafted" if first else "", "$muted"), facts, width)
        return
    label = Content.styled("since draft 1", "$muted")
    lines = hang(label, _since(first, item.output), width, indent=15, tail=facts)
    if len(lines) > SINCE_LINES:
        lines = hang(label, _since(first, item.output, short=True), width, indent=15, tail=facts)
    if len(lines) > SINCE_LINES:
        lines[SINCE_LINES - 1] = lines[SINCE_LINES - 1].truncate(width - 2) + Content.styled(" …", "$faint")
    yield from lines[:SINCE_LINES]


def _marked_output(item: Item, candidate: Candidate) -> Content:
    """Return the output with its findings, and with what became of the idiom."""
    meant = candidate.keywords.get(item.sentence.group or "", ())
    idiom = [(start, end, IDIOM) for start, end in occurrences(item.output, meant)]
    return marked(item.output, [*finding_marks(item.findings, "output"), *idiom], style="bold")


def _since(first: str, output: str, *, short: bool = False) -> Content:
    """Return what changed; with `short` only the ends of what is gone: the output itself stands above."""
    told = Content()
    for number, change in enumerate(changes(first, output)):
        told += Content.styled("  ·  " if number else "", "$faint")
        old = ends_of(change.old) if short else change.old
        told += plain(old, GONE) if old else Content()
        told += Content.styled(
            " → " if change.old and change.new else ("+" if change.new else " left out"), "$muted"
        )
        told += plain(change.new, NEW) if change.new else Content()
    return told
