"""The line under blind columns: how to vote, what is marked, and what all votes come to."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from data.reasons import REASONS
from drt_tui.comparing.voting import BOTH_BAD, Standing
from drt_tui.widgets.bars import hint
from drt_tui.widgets.sheet import plain

MARKS = tuple(reason for reason in REASONS if reason.concerns == "output")
"""Errors that can be marked in a translation; a blind vote sees no thought."""


def ballot_line(sides: int, *, is_ready: bool, is_busy: bool) -> Content:
    """Return the question, or what is being waited for; which side has no answer is not told."""
    if is_busy:
        return Content.styled("the answers are shown together, when all are there", "$muted")
    if not is_ready:
        told = Content.styled("a side has no answer, and so there is no vote", "$warning")
        return Content("  ").join((told, hint("r", "ask again"), hint("n", "next"), hint("v", "reveal")))
    better = hint("1" if sides == 1 else f"1-{sides}" if sides > 2 else "1 2", "better")
    bad = hint(str(BOTH_BAD), "both bad" if sides == 2 else "all bad")
    return Content("  ").join(
        (better, hint("0", "tie"), bad, hint("e", "mark errors"), hint("v", "reveal without a vote"))
    )


def marking_line(sides: int, place: int | None) -> Content:
    """Return what the digits mean while errors are marked."""
    if place is None:
        return Content.assemble(("mark errors in  ", "$muted")) + Content("  ").join(
            hint(str(number), "") for number in range(1, sides + 1)
        )
    told = Content.styled(f"side {place + 1}:  ", "$muted")
    return told + Content("  ").join(hint(reason.digit, reason.text) for reason in MARKS)


def standing_lines(standing: Standing, width: int) -> list[Content]:
    """Return how often who was preferred to whom, and who is strongest where more than two met."""
    return list(_standing(standing, width))


def _standing(standing: Standing, width: int) -> Iterator[Content]:
    for tally in standing.pairs:
        rate = f"{tally.rate:.0%}  [{tally.low:.0%}, {tally.high:.0%}]"
        told = plain(tally.name, "bold") + Content.styled(" beats ", "$muted") + plain(tally.rival)
        count = f"  of {tally.votes} vote{'s' * (tally.votes != 1)}, ties as half"
        line = told + Content.styled(f"  {rate}", "bold") + Content.styled(count, "$muted")
        yield line.truncate(width, ellipsis=True)
    if standing.strengths:
        ranked = Content.styled(" > ", "$faint").join(
            plain(f"{name} {strength:+.2f}") for name, strength in standing.strengths
        )
        yield (Content.styled("strength  ", "$muted") + ranked).truncate(width, ellipsis=True)
