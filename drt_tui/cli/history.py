"""`drt-tui history`: who decided what, and when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command

if TYPE_CHECKING:
    from data.store.history import HistoryEntry

_NAME_CELLS = 12


@command("history")
def history(
    invocation: Invocation,
    by: Annotated[
        str | None, typer.Option("--by", metavar="NAME", help="Only this person's decisions.")
    ] = None,
    sentence: Annotated[
        str | None, typer.Option("--sentence", metavar="ID", help="Only on this sentence.")
    ] = None,
    last: Annotated[int | None, typer.Option("--last", metavar="N", min=1, help="Only the last N.")] = None,
) -> Outcome:
    """Show decisions in their order, undos among them."""
    from data.store.history import history as decisions
    from drt_tui.project.opening import locate, reading

    with reading(locate(invocation.project)) as dataset:
        entries = list(decisions(dataset, by=by, sentence=sentence, last=last))
    rows = [
        {**entry.decision.model_dump(mode="json"), "source": entry.source, "taken_back": entry.is_taken_back}
        for entry in entries
    ]
    lines = [_line(entry) for entry in entries]
    nothing = "No decision fits." if by or sentence else "No decisions yet."
    return Outcome({"decisions": rows}, "\n".join(lines) or nothing)


def _line(entry: HistoryEntry) -> str:
    """Tell a decision on one line, whatever was written into it elsewhere."""
    from rich.cells import cell_len

    from data.text import show_controls

    decision = entry.decision
    at, by, reasons, source = (
        show_controls(" ".join(text.split()))
        for text in (decision.at[:19], decision.by, ", ".join(decision.reasons), entry.source[:60])
    )
    name = by + " " * (_NAME_CELLS - cell_len(by))
    return f"{at:19}  {name}  {decision.kind:7}{' (taken back)' * entry.is_taken_back}  {reasons}  {source}"
