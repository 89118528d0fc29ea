"""`drt-tui split`: how the sentences are split, and whether anything is on two sides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.sources import HeaderOption, MapOption

_SHOWN = 20


@command("split")
def split(
    invocation: Invocation,
    check: Annotated[
        list[Path] | None,
        typer.Option("--check", metavar="FILE", help="Compare these files instead [repeatable]."),
    ] = None,
    map_text: MapOption = None,
    header: HeaderOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when anything leaks.")] = False,
) -> Outcome:
    """Show train, valid and test, and every text that is on two sides.

    Near-duplicates that are still to be moved to one side are counted there.
    """
    from data.split import LeakReport, SplitReport, check_files, report_splits
    from data.text import show_controls
    from drt_tui.cli.sources import column_map
    from drt_tui.project.holding_out import moving, telling
    from drt_tui.project.opening import locate, reading

    report: LeakReport | SplitReport
    if check:
        report = check_files(check, column_map(map_text, header), progress=telling())
    else:
        with reading(locate(invocation.project)) as dataset:
            moved = {sentence.id: sentence for sentence in moving(dataset, telling())}
            report = report_splits(
                (moved.get(sentence) or dataset.sentence(sentence) for sentence in dataset.ids()),
                progress=telling(),
            )
    data = report.as_json()
    lines = [f"{name} {value:,}" for name, value in data.items() if isinstance(value, int)]
    lines += [show_controls(f"{leak.one} = {leak.other}: {leak.text}") for leak in report.leaks[:_SHOWN]]
    return Outcome(data, "\n".join(lines), code=1 if strict and report.leaks else 0)
