"""One contender's answer as lines: thought, output or its difference to another, and what it took."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from data.format import parse_begun
from drt_tui.comparing.comparison import Column
from drt_tui.widgets.bars import compact, money
from drt_tui.widgets.diff_lines import changed_text
from drt_tui.widgets.sheet import plain

_TAIL_LINES, _STEP_LINES = 40, 24
"""Of a text in the making about so many lines are shown: its end, cut off anew only now and then."""
_TURNS = 5
"""Earlier turns of a chat that are told, a line each."""
_TROUBLES = {
    "no-thought": "no thought",
    "no-output": "no output",
    "thought-cut": "thought not closed",
    "output-cut": "output not closed",
    "doubled": "a field twice",
    "nested": "a tag within a field",
    "order": "output before thought",
    "outside": "text beside the tags",
    "empty": "an empty field",
}


@dataclass(frozen=True, slots=True)
class Look:
    """How a column is to be shown."""

    is_folded: bool = True
    """Of a finished thought only the length is told."""
    base: str | None = None
    """Text that the output is compared with, word by word."""
    is_blind: bool = False
    """Nothing may tell whose it is: the translation alone."""
    marks: tuple[str, ...] = ()
    """Errors that the person marked in it."""


def column_lines(column: Column, look: Look, width: int) -> list[Content]:
    """Return the lines of a column."""
    return list(_blind(column, look, width) if look.is_blind else _open(column, look, width))


def _open(column: Column, look: Look, width: int) -> Iterator[Content]:
    if column.state == "empty":
        return
    yield from _earlier(column, width)
    yield from _thought(column, look, width)
    output = column.output
    if output and column.is_busy:
        yield from (plain(_tail(output, width), "bold") + Content.styled("▌", "$primary")).wrap(width)
    elif output:
        yield from _output(output, look).wrap(width)
    yield from _trouble(column, width)
    if column.state == "done":
        yield Content()
        yield from _filled(facts(column), width)
    yield from _marks(look, width)


def _earlier(column: Column, width: int) -> Iterator[Content]:
    """Yield the last turns that went along, a line each: what was asked, and how the answer to it begins."""
    for turn in column.history[-_TURNS:]:
        said = " ".join((parse_begun(turn.answer).output or turn.answer).split())
        told = (
            Content.styled("› ", "$primary") + plain(turn.question, "$muted") + plain(f" → {said}", "$faint")
        )
        yield told.truncate(width, ellipsis=True)
    if column.history:
        yield Content()


def _blind(column: Column, look: Look, width: int) -> Iterator[Content]:
    text = column.reads_as
    yield from (_output(text, look) if text else Content.styled("nothing", "$faint")).wrap(width)
    yield from _marks(look, width)


def _output(text: str, look: Look) -> Content:
    return plain(text, "bold") if look.base is None else changed_text(look.base, text)


def _thought(column: Column, look: Look, width: int) -> Iterator[Content]:
    thought = column.thought
    if not thought:
        return
    is_growing = column.is_busy and not column.output
    if look.is_folded and not is_growing:
        count = len(thought.split())
        short, told = f"thought · {count}", f"thought · {count} word{'s' * (count != 1)}"
        yield Content.styled(told if len(told) <= width else short, "$faint")
        return
    for line in (_tail(thought, width) if is_growing else thought).split("\n"):
        yield from plain(line, "$muted").wrap(width) or [Content()]
    yield Content()


def _tail(text: str, width: int) -> str:
    """Return the end of a text. Its beginning stays where it is for a while, so that lines stay what they are."""
    step = _STEP_LINES * width
    over = len(text) - _TAIL_LINES * width
    if over < step:
        return text
    return f"… {text[over // step * step :].split(maxsplit=1)[-1]}"


def _trouble(column: Column, width: int) -> Iterator[Content]:
    """Say why there is nothing, or why there is less than there should be."""
    if column.state == "waiting":
        yield Content.styled(f"again: {column.why}" if column.why else "…", "$faint").truncate(width)
    elif column.state == "failed":
        yield from plain(column.why, "$error").wrap(width)
        yield Content.styled("r asks again", "$muted")
    elif column.state == "stopped":
        yield Content.styled("stopped", "$warning")
    elif column.state == "done" and not column.output:
        yield Content.styled("no output in tags; it said:", "$warning").truncate(width)
        yield from plain(column.answer.text if column.answer else "").wrap(width)


def _marks(look: Look, width: int) -> Iterator[Content]:
    if look.marks:
        yield from Content.styled("marked: " + ", ".join(look.marks), "$warning").wrap(width)


def _filled(parts: Sequence[Content], width: int) -> Iterator[Content]:
    """Yield lines of parts that stay whole: no number is parted from its unit."""
    line = Content()
    for part in parts:
        longer = line + Content.styled(" · ", "$faint") + part if line else part
        if line and longer.cell_length > width:
            yield from line.wrap(width)
            longer = part
        line = longer
    yield from line.wrap(width)


def facts(column: Column) -> list[Content]:
    """Return what a finished answer took, and whether its form is right."""
    answer = column.answer
    if answer is None:
        return []
    told = []
    if column.contender.has_thought:
        wrong = ", ".join(_TROUBLES.get(trouble, trouble) for trouble in answer.troubles)
        told.append(
            Content.styled(f"tags: {wrong}", "$error") if wrong else Content.styled("tags ok", "$success")
        )
    if answer.is_cut:
        told.append(Content.styled("cut by the token limit", "$error bold"))
    if answer.completion_tokens is not None:
        told.append(Content.styled(f"{compact(answer.completion_tokens)} tokens", "$muted"))
    if answer.seconds is not None:
        told.append(Content.styled(f"{answer.seconds:.1f} s", "$muted"))
    if answer.calls > 1:
        told.append(Content.styled(f"{answer.calls} calls", "$muted"))
    if answer.calls:
        told.append(Content.styled("free" if answer.cost_usd == 0 else money(answer.cost_usd), "$muted"))
    else:
        told.append(Content.styled("imported", "$muted"))
    return told
