"""`drt-tui compare`: the compare screen."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.model_options import (
    AllowHttpOption,
    AnnotatorOption,
    BaseUrlOption,
    BudgetOption,
    ModelOption,
)


@command("compare")
def compare(
    invocation: Invocation,
    contenders: Annotated[
        list[str] | None,
        typer.Option(
            "--contenders",
            metavar="NAMES",
            help="Up to nine: backbone, backbone+drt, drt, run:NAME, model:NAME, loop, file:PATH:COLUMN.",
        ),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option("--run", metavar="RUN", help="Whose DRT model [default: the newest finished run's]."),
    ] = None,
    served_at: Annotated[
        str | None,
        typer.Option(
            "--served-at",
            metavar="URL",
            help="An endpoint (vLLM, llama-server, Ollama) that serves the run's model.",
        ),
    ] = None,
    served_as: Annotated[
        str,
        typer.Option(
            "--served-as",
            metavar="BACKBONE,DRT",
            help="What it calls them; one name: llama-server with --lora.",
        ),
    ] = "",
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
    annotator: AnnotatorOption = None,
    budget_usd: BudgetOption = None,
) -> Outcome:
    """See backbone and DRT model answer side by side, and vote blind."""
    from drt_tui.app import DrtApp
    from drt_tui.comparing.comparison import MOST
    from drt_tui.comparing.contenders import models_of_specs, read_specs
    from drt_tui.comparing.served_lineup import lineup_elsewhere, lineup_for_screen, read_elsewhere
    from drt_tui.errors import UsageProblem
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import changing, locate, open_session
    from drt_tui.screens.compare import CompareScreen
    from train import find_run

    if not sys.stdout.isatty():
        raise UsageProblem("compare needs a terminal.", hint="Without one, use: drt-tui evaluate --json")
    folder = locate(invocation.project)
    specs = read_specs(contenders or ())
    if len(specs) > MOST:
        raise UsageProblem(f"{len(specs)} contenders are too many.", hint=f"A screen shows up to {MOST}.")
    place = read_elsewhere(served_at, served_as) if served_at else None
    chosen = find_run(folder.runs, run) if run is not None else None
    options = ModelOptions(
        base_url, model, allow_http, None, budget_usd, also=models_of_specs(specs), screen=True
    )
    with changing(folder, annotator) as dataset:
        session = open_session(dataset, options)
        lineup = (
            lineup_for_screen(session, specs, chosen)
            if place is None
            else lineup_elsewhere(session, place, chosen, allow_http=allow_http)
        )
        DrtApp(session, opening=CompareScreen(session, lineup)).run()
    return Outcome({}, f"{folder.root}: votes are in {folder.votes.name}")
