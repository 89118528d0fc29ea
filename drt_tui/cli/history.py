"""`drt-tui history`: who decided what, and when."""

from __future__ import annotations

from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command


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
    from data.text import show_controls
    from drt_tui.project.opening import locate, reading

    with reading(locate(invocation.project)) as dataset:
        entries = list(decisions(dataset, by=by, sentence=sentence, last=last))
    rows = [
        {**entry.decision.model_dump(mode="json"), "source": entry.source, "taken_back": entry.is_taken_back}
        for entry in entries
    ]
    lines = [
        f"{entry.decision.at[:19]:19}  {entry.decision.by:12}  {entry.decision.kind:7}"
        f"{' (taken back)' if entry.is_taken_back else ''}  {', '.join(entry.decision.reasons)}"
        f"  {show_controls(entry.source[:60])}"
        for entry in entries
    ]
    return Outcome({"decisions": rows}, "\n".join(lines) or "No decisions yet.")
