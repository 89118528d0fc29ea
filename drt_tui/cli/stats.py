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
    tokenizer: Annotated[
        str | None,
        typer.Option(
            "--tokenizer",
            metavar="ID|PATH",
            help="Count tokens exactly: a tokenizer.json, a model's folder, a model on the hub, or built-in.",
        ),
    ] = None,
    arms: Annotated[bool, typer.Option("--arms", help="Compare the arms of an experiment.")] = False,
) -> Outcome:
    """Show status, coverage, scores, openings, decisions, effort and money."""
    from drt_tui.narration import now_and_then
    from drt_tui.project.opening import locate, reading
    from drt_tui.project.summary import arms_of, arms_text, project_statistics, statistics_text, write_page
    from drt_tui.project.token_counting import token_counter

    folder = locate(invocation.project)
    tell = now_and_then(lambda done, of: f"counted: {done:,} of {of:,} sentences")
    with reading(folder) as dataset:
        count_tokens = token_counter(tokenizer) if tokenizer is not None else None
        statistics = project_statistics(dataset, count_tokens=count_tokens, progress=tell)
        data, text = statistics.as_json(), statistics_text(statistics)
        if arms:
            data["arms"] = arms_of(dataset)
            text += "\n\n" + arms_text(dataset)
    if html is not None:
        write_page(html, statistics, title=folder.root.name)
        data["html"] = str(html)
        text += f"\n\n{html}"
    return Outcome(data, text)
