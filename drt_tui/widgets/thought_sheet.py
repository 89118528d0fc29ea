"""The thought: folded to what argues, or whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from data.records import Candidate, Finding
from drt_tui.review.folding import Piece, Thought, fold
from drt_tui.review.item import Item
from drt_tui.widgets.diff_lines import changed_text
from drt_tui.widgets.marking import with_findings
from drt_tui.widgets.sheet import Sheet, hang, plain

INDENT = 7


class ThoughtSheet(Sheet):
    """Shows an item's thought; `summary` and `folded` say what is on view, in words."""

    summary: str = ""
    folded: int = 0

    def show_item(self, item: Item, candidate: Candidate, *, whole: bool) -> None:
        """Show a candidate's thought."""
        thought = Thought(
            item.thought,
            item.sentence.source,
            item.output,
            candidate.keywords,
            candidate.drafts,
            item.findings,
        )
        pieces = fold(thought)
        self.folded = sum(piece.kind == "folded" for piece in pieces)
        words = len(item.thought.split())
        if whole:
            self.summary = f"thought · {words} words"
            self.show(lambda width: _whole(thought.text, item.findings, width))
        else:
            left = sum(len(thought.text[p.start : p.end].split()) for p in pieces if p.kind != "folded")
            count = f"{self.folded} sentence{'s' if self.folded != 1 else ''} folded"
            self.summary = (
                f"thought · {left} of {words} words · {count}" if self.folded else f"thought · {words} words"
            )
            self.show(lambda width: list(_folded(thought, pieces, width)))


def _whole(text: str, findings: Sequence[Finding], width: int) -> list[Content]:
    return [
        line for part in with_findings(text, findings, "thought").split("\n") for line in part.wrap(width)
    ]


def _folded(thought: Thought, pieces: Sequence[Piece], width: int) -> Iterator[Content]:
    """Yield attempts beside their number, what argues about one under it, and a mark where something is folded."""
    beside = 0
    paragraph: list[Content] = []
    attempts = 0
    before: str | None = None

    def flush() -> Iterator[Content]:
        if paragraph:
            yield from hang(Content(), Content(" ").join(paragraph), width, indent=beside)
            paragraph.clear()

    for piece in pieces:
        if piece.kind == "attempt":
            yield from flush()
            attempts, beside = attempts + 1, INDENT
            text = _attempt_text(thought, piece)
            yield from _attempt(thought, piece, attempts, text, before, width)
            before = text
        elif piece.kind == "argues":
            paragraph.append(
                with_findings(thought.text, thought.findings, "thought", piece.start, piece.end).rstrip()
            )
        elif not paragraph or paragraph[-1].plain != "…":
            paragraph.append(Content.styled("…", "$faint"))
    yield from flush()


def _attempt(
    thought: Thought, piece: Piece, number: int, text: str, before: str | None, width: int
) -> Iterator[Content]:
    label = Content.styled(f"try {number}", "$secondary bold")
    if text == before:
        body = Content.styled("the same again", "$muted")
    else:
        body = plain(text) if before is None else changed_text(before, text, short=True)
    tail = Content.styled("= output", "$muted") if text == thought.output else None
    yield from hang(label, body, width, indent=INDENT, tail=tail)


def _attempt_text(thought: Thought, piece: Piece) -> str:
    if piece.draft is None:
        return thought.text[piece.start : piece.end].strip()
    return (*(draft.text for draft in thought.drafts), thought.output)[piece.draft]
