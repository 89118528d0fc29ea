"""`drt-tui evaluate`: which translator is better on held-out sentences, with how much certainty."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
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
from drt_tui.cli.sources import HeaderOption, MapOption

_INTERRUPTED = 130


@command("evaluate")
def evaluate(
    invocation: Invocation,
    contenders: Annotated[
        list[str] | None,
        typer.Option(
            "--contenders",
            metavar="SPEC,…",
            help="backbone[+drt], drt, outputs-only, run:NAME, model:NAME[+drt], loop, file:PATH:COLUMN "
            "[repeatable; default: the newest run beside its backbone].",
        ),
    ] = None,
    split: Annotated[Literal["test", "valid"], typer.Option("--split", help="Which sentences.")] = "test",
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", min=1, help="N of them, the same each time.")
    ] = None,
    concurrency: ConcurrencyOption = None,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            metavar="NAME",
            help="Model of drt.toml that scores and compares [default: the first of roles.judge].",
        ),
    ] = None,
    no_judge: Annotated[bool, typer.Option("--no-judge", help="Ask no judge.")] = False,
    judge_limit: Annotated[
        int | None, typer.Option("--judge-limit", metavar="N", min=1, help="Judge only N items.")
    ] = None,
    comet: Annotated[
        str | None,
        typer.Option(
            "--comet",
            metavar="CMD",
            help="External metric: {source} {output} {reference} files in, numbers out.",
        ),
    ] = None,
    evaluator_scale: Annotated[
        bool, typer.Option("--evaluator-scale", help="The project's own evaluator too, in the appendix.")
    ] = False,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the report as Markdown, too.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write one self-contained page, too.")
    ] = None,
    votes: Annotated[
        bool, typer.Option("--votes", help="Count the blind votes of compare; asks nobody.")
    ] = False,
    pairs: Annotated[
        Path | None,
        typer.Option("--pairs", metavar="FILE", help="With --votes: write them as dpo pairs."),
    ] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="With --pairs: those of held-out sentences, too.")
    ] = False,
    map_text: MapOption = None,
    header: HeaderOption = None,
    budget_usd: BudgetOption = None,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
    record: RecordOption = None,
    replay: ReplayOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when an answer is missing.")] = False,
) -> Outcome:
    """Compare translators on held-out sentences; resumes where it was interrupted, and pays for nothing twice."""
    from drt_tui.cli.sources import column_map
    from drt_tui.comparing.contenders import models_of_specs, read_specs, usual_contenders
    from drt_tui.comparing.counting_votes import count_votes
    from drt_tui.comparing.evaluating import EvaluationPlan, usual_judge, write_reports
    from drt_tui.comparing.evaluating import evaluate as run
    from drt_tui.comparing.evaluation_text import evaluation_text
    from drt_tui.narration import narrate
    from drt_tui.project.holding_out import settle_project
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import locate, open_session, reading

    if pairs is not None and not votes:
        raise typer.BadParameter("--pairs goes with --votes.")
    if votes:
        with reading(locate(invocation.project)) as dataset:
            counted = count_votes(dataset, pairs, with_held_out=held_out)
        return Outcome(counted.data, counted.text)
    folder = locate(invocation.project)
    specs = read_specs(contenders or usual_contenders(folder.runs))
    mapping = column_map(map_text, header)
    if no_judge and judge is not None:
        raise typer.BadParameter("--judge and --no-judge exclude each other.")
    judge = None if no_judge else judge or usual_judge(folder, base_url=base_url, model=model)
    also = (*models_of_specs(specs), *([judge] if judge else []))
    options = ModelOptions(
        base_url, model, allow_http, concurrency, budget_usd, record, replay, also=also, tell=narrate
    )
    plan = EvaluationPlan(
        specs, split, limit, judge, judge_limit, comet, evaluator_scale, mapping, concurrency
    )
    settle_project(folder)
    with reading(folder) as dataset:
        outcome = run(open_session(dataset, options), plan)
    evaluation = outcome.evaluation
    written = write_reports(evaluation, markdown, html)
    code = _INTERRUPTED if outcome.is_interrupted else 0
    is_short = outcome.metric_failed or (strict and any(each.failed for each in evaluation.contenders))
    if is_short and not code:
        code = 1
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    text = "\n\n".join([evaluation_text(evaluation, width), *map(str, written)])
    return Outcome(evaluation.as_json() | {"files": [str(path) for path in written]}, text, code)
