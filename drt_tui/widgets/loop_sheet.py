"""The loop: a line a stage, while it runs and afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from drt_tui.running.live import Line
from drt_tui.widgets.sheet import Sheet, hang, plain

INDENT = 11
CURSOR = "▌"
TAIL = 1_500
"""Characters of a stage that are shown: the newest of a running one, else the first."""


class LoopSheet(Sheet):
    """Shows the stages of a pass; one of them may be chosen, and `chosen_rows` says where it stands."""

    chosen_rows: tuple[int, int] = (0, 0)
    """Its first row and how many rows it has."""

    def show_lines(
        self,
        lines: Sequence[Line],
        chosen: int | None = None,
        note: str = "",
        facts: Sequence[tuple[str, str]] = (),
    ) -> bool:
        """Show the stages of a pass that may be running; return whether they take more or less room.

        Under a finished one stand `facts`, labels and what they say.
        """
        return self.show(lambda width: [*self._built(lines, width, chosen, note), *_fact_lines(facts, width)])

    def _built(self, lines: Sequence[Line], width: int, chosen: int | None, note: str) -> list[Content]:
        built: list[Content] = []
        for number, part in enumerate(_parts(lines, width, chosen, note)):
            if number == chosen:
                self.chosen_rows = (len(built), len(part))
            built += part
        return built


def _parts(lines: Sequence[Line], width: int, chosen: int | None, note: str) -> Iterator[list[Content]]:
    for number, line in enumerate(lines):
        is_chosen = number == chosen
        label = Content.styled(
            ("› " if is_chosen else "  ") + line.label, "bold $primary" if is_chosen else "$muted"
        )
        yield hang(label, _body(line), width, indent=INDENT + 2, tail=_score(line))
    if note:
        yield hang(Content(), plain(note, "$warning"), width, indent=INDENT + 2)


def _fact_lines(facts: Sequence[tuple[str, str]], width: int) -> Iterator[Content]:
    if facts:
        yield Content()
    for label, told in facts:
        yield from hang(
            Content.styled(f"  {label}", "$muted"), plain(told, "$muted"), width, indent=INDENT + 2
        )


def _body(line: Line) -> Content:
    if line.kind == "working":
        text = line.text if len(line.text) <= TAIL else "… " + line.text[-TAIL:]
        return plain(text) + Content.styled(CURSOR, "$primary")
    rest = len(line.text) - TAIL
    more = Content.styled(f" … and {rest:,} more characters", "$faint") if rest > 0 else Content()
    return plain(line.text[:TAIL], "$muted" if line.kind in {"reason", "advice"} else "") + more


def _score(line: Line) -> Content | None:
    if line.score is None:
        return None
    return Content.styled(
        f"{line.score} best" if line.best else f"{line.score}     ", "bold" if line.best else ""
    )
