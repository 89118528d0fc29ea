"""Session figures as an aligned table."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from drt_tui.review.figures import KINDS, Figures, Tally
from drt_tui.review.planted import CheckTally
from drt_tui.widgets.sheet import plain, set_width

_NAME = 26
_COLUMNS = ("rows", "rows/h", "s/row", *KINDS, "HTER")
_WIDTH = 8


def figure_lines(figures: Figures, checks: CheckTally, threshold: int, width: int) -> list[Content]:
    """Return the figures of a session: of all of it, by model, by prompt, blind; and the planted checks.

    `threshold` is the score from which the loop takes a draft for good.
    """
    name = max(10, min(_NAME, width - _WIDTH * len(_COLUMNS)))
    lines = [Content.styled(" " * name + "".join(f"{column:>{_WIDTH}}" for column in _COLUMNS), "$muted")]
    lines.append(_row("this session", figures.all, name))
    for heading, parts in _parts(figures):
        if parts:
            lines += [Content(), Content.styled(heading, "$muted")]
            lines += [_row(part, tally, name) for part, tally in parts.items()]
    lines += _asides(figures, checks, threshold)
    lines += [Content(), Content.styled("Active time only: of a pause, two minutes count.", "$faint")]
    return lines


def _parts(figures: Figures) -> Iterator[tuple[str, dict[str, Tally]]]:
    yield "by model", figures.by_model()
    yield "by prompt", figures.by_prompt()
    yield "without and with the loop's scores", figures.by_sight()


def _asides(figures: Figures, checks: CheckTally, threshold: int) -> list[Content]:
    told = []
    same, judged = figures.agreement(threshold)
    if judged:
        told.append(
            f"Blind, you and the loop (good from {threshold} on) agreed on {same} of {judged} outputs."
        )
    planted = checks.caught + checks.missed
    if planted:
        told.append(f"Planted checks, all sessions: {checks.caught} of {planted} noticed.")
    return [Content(), *map(Content, told)] if told else []


def _row(name: str, tally: Tally, room: int) -> Content:
    cells = (
        str(tally.rows), _number(tally.rows_an_hour), _number(tally.seconds_a_row),
        *(f"{tally.share(kind):.0%}" for kind in KINDS), _number(tally.hter, digits=2),
    )  # fmt: skip
    return set_width(plain(name), room) + "".join(f"{cell:>{_WIDTH}}" for cell in cells)


def _number(value: float | None, *, digits: int = 0) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
