"""`drt-tui autogen`: the loop over many sentences, without a screen."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.model_options import (
    AllowHttpOption,
    BaseUrlOption,
    BudgetOption,
    ConcurrencyOption,
    ModelOption,
    RecordOption,
    ReplayOption,
)
from drt_tui.cli.sources import FilesArgument, HeaderOption, LicenceOption, MapOption


@command("autogen")
def autogen(
    invocation: Invocation,
    files: FilesArgument = None,
    map_text: MapOption = None,
    header: HeaderOption = None,
    licence: LicenceOption = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="N sentences that have no candidate.")
    ] = None,
    concurrency: ConcurrencyOption = None,
    order: Annotated[
        Literal["balanced", "shuffled", "file"] | None,
        typer.Option("--order", help="Which sentences first [default: balanced where there are groups]."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the order and of every call.")] = 0,
    budget_usd: BudgetOption = None,
    arm: Annotated[
        list[str] | None,
        typer.Option("--arm", metavar="NAME=KEY:VALUE,…", help="Compare settings: workflow, prompt, model …"),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Generate five (they are kept), say what the rest would cost, and stop."
        ),
    ] = False,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
    record: RecordOption = None,
    replay: ReplayOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a sentence failed.")] = False,
) -> Outcome:
    """Generate candidates; resumes where it was interrupted, and pays for nothing twice."""
    from drt_tui.cli.sources import column_map
    from drt_tui.narration import narrate
    from drt_tui.project.importing import import_sources
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import changing, locate, open_session, require_dataset
    from drt_tui.running.generating import generate
    from drt_tui.running.preparing import GenerationPlan
    from pipeline.arms import models_of_arms

    mapping = column_map(map_text, header)
    options = ModelOptions(
        base_url, model, allow_http, concurrency, budget_usd, record, replay,
        also=models_of_arms(arm or ()), tell=narrate,
    )  # fmt: skip
    plan = GenerationPlan(limit, order, seed, tuple(arm or ()), is_dry_run=dry_run)
    folder = locate(invocation.project)
    if not files:
        require_dataset(folder)
    with changing(folder) as dataset:
        imported = import_sources(dataset, files or (), mapping, licence)
        session = open_session(dataset, options)
        report = generate(session, plan, among=imported.ids if files else None)
    return Outcome(report.as_json(), report.as_text(), code=report.exit_code(strict=strict))
