"""`drt-tui translate`: a text line by line with one contender."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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

_INTERRUPTED = 130


@command("translate")
def translate(
    invocation: Invocation,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Text, a sentence a line.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="OUT", help="As many lines; answers in OUT.log.jsonl.")
    ],
    contender: Annotated[
        str | None,
        typer.Option(
            "--contender",
            metavar="SPEC",
            help="backbone[+drt], drt, outputs-only, run:NAME, model:NAME[+drt], loop "
            "[default: the newest run, else the first model].",
        ),
    ] = None,
    lines_before: Annotated[
        int | None,
        typer.Option("--context", metavar="K", min=0, help="Show the K lines before each line."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Translate five (they are kept), say what the rest would cost, and stop."
        ),
    ] = False,
    concurrency: ConcurrencyOption = None,
    budget_usd: BudgetOption = None,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
    record: RecordOption = None,
    replay: ReplayOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a line failed.")] = False,
) -> Outcome:
    """Translate a text line by line; failures are marked, and an interrupted call goes on where it was."""
    from data.store import Dataset
    from drt_tui.comparing.contenders import models_of_specs
    from drt_tui.comparing.translating import TranslationPlan, usual_spec
    from drt_tui.comparing.translating import translate as run
    from drt_tui.narration import narrate
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import locate, open_session

    folder = locate(invocation.project)
    spec = usual_spec(folder, contender, base_url=base_url, model=model)
    options = ModelOptions(
        base_url, model, allow_http, concurrency, budget_usd, record, replay,
        also=models_of_specs([spec]), tell=narrate,
    )  # fmt: skip
    plan = TranslationPlan(file, output, spec, lines_before, dry_run, concurrency)
    with Dataset.open(folder, read_only=True) as dataset:
        work = run(open_session(dataset, options), plan)
    code = _INTERRUPTED if work.is_interrupted else int(strict and bool(work.failed))
    data = work.as_json() | {"out": str(output), "log": str(plan.log), "contender": spec.name}
    return Outcome(data, work.as_text(), code)
