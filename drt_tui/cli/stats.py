"""`drt-tui stats`: what the set holds, what it cost, and whether it is skewed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command


@command("stats")
def stats(
    invocation: Invocation,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page, too.")
    ] = None,
    arms: Annotated[bool, typer.Option("--arms", help="Compare the arms of an experiment.")] = False,
) -> Outcome:
    """Show status, coverage, scores, openings, decisions, effort and money."""
    from drt_tui.opening import locate, reading
    from drt_tui.summary import arms_of, arms_text, project_statistics, statistics_text, write_page

    folder = locate(invocation.project)
    with reading(folder) as dataset:
        statistics = project_statistics(dataset)
        data, text = statistics.as_json(), statistics_text(statistics)
        if arms:
            data["arms"] = arms_of(dataset)
            text += "\n\n" + arms_text(dataset)
    if html is not None:
        write_page(html, statistics, title=folder.root.name)
        data["html"] = str(html)
        text += f"\n\n{html}"
    return Outcome(data, text)
