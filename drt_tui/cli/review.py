"""`drt-tui review`: the review screen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.model_options import (
    AllowHttpOption,
    AnnotatorOption,
    BaseUrlOption,
    BudgetOption,
    ModelOption,
    RecordOption,
    ReplayOption,
)
from drt_tui.cli.sources import FilesArgument, HeaderOption, LicenceOption, MapOption

DEMO_FOLDER = Path("drt-demo")


@command("review")
def review(
    invocation: Invocation,
    files: FilesArgument = None,
    map_text: MapOption = None,
    header: HeaderOption = None,
    licence: LicenceOption = None,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
    annotator: AnnotatorOption = None,
    budget_usd: BudgetOption = None,
    record: RecordOption = None,
    replay: ReplayOption = None,
    demo: Annotated[
        bool, typer.Option("--demo", help=f"Open our sample sentences, in ./{DEMO_FOLDER}.")
    ] = False,
) -> Outcome:
    """Judge candidates, with the loop running ahead of you."""
    from drt_tui.pauses import while_loading

    while_loading()
    from drt_tui.app import DrtApp
    from drt_tui.cli.sources import column_map
    from drt_tui.errors import UsageProblem
    from drt_tui.project.demo import fill_demo
    from drt_tui.project.importing import ImportReport, import_sources
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import changing, locate, open_session

    mapping = column_map(map_text, header)
    if not sys.stdout.isatty():
        raise UsageProblem(
            "review needs a terminal.", hint="Without one, use: drt-tui autogen, then drt-tui export."
        )
    folder = locate(DEMO_FOLDER if demo and invocation.project is None else invocation.project)
    options = ModelOptions(base_url, model, allow_http, None, budget_usd, record, replay, screen=True)
    with changing(folder, annotator) as dataset:
        first = fill_demo(dataset) if demo else ()
        report = import_sources(dataset, files, mapping, licence) if files else ImportReport()
        session = open_session(dataset, options, first=first, preferred=report.ids)
        if report.bad:
            session = session.with_notice(
                f"{len(report.bad):,} rows could not be read: drt-tui import --dry-run"
            )
        DrtApp(session).run()
        counts = dataset.counts()
    told = ", ".join(f"{count:,} {status}" for status, count in counts.items() if count)
    return Outcome({"status": {str(key): value for key, value in counts.items()}}, f"{folder.root}: {told}")
