"""`drt-tui mine`: the sentences of a text that are worth a train of thought."""

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
from drt_tui.cli.sources import HeaderOption, LicenceOption, MapOption, WordsOption


@command("mine")
def mine(
    invocation: Invocation,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="Texts (.txt), such as books; or csv, tsv, xlsx, jsonl, json."
        ),
    ],
    map_text: MapOption = None,
    header: HeaderOption = None,
    licence: LicenceOption = None,
    words: WordsOption = "10-100",
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help="The first N sentences that were not asked about."),
    ] = None,
    concurrency: ConcurrencyOption = None,
    seed: Annotated[int, typer.Option("--seed", help="Of every call.")] = 0,
    budget_usd: BudgetOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Count sentences, calls, tokens and money; ask nothing.")
    ] = False,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
    record: RecordOption = None,
    replay: ReplayOption = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 1 when a sentence failed or a line is bad.")
    ] = False,
) -> Outcome:
    """Find sentences with a figure that a literal translation would spoil; resumes where it stopped."""
    from data.store import Dataset
    from drt_tui.cli.sources import column_map, lengths_of
    from drt_tui.narration import narrate
    from drt_tui.project.languages import settle_languages
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import changing, locate, open_session
    from drt_tui.running.mining import Texts, rehearse
    from drt_tui.running.mining import mine as mine_texts

    texts = Texts(tuple(files), column_map(map_text, header), licence, lengths_of(words))
    options = ModelOptions(
        base_url, model, allow_http, concurrency, budget_usd, record, replay, tell=narrate
    )  # fmt: skip
    folder = locate(invocation.project)
    if dry_run:
        with Dataset.open(folder, read_only=True) as dataset:
            outcome = rehearse(open_session(dataset, options), texts, limit=limit, seed=seed)
    else:
        with changing(folder) as dataset:
            settle_languages(dataset, texts.sentences())
            outcome = mine_texts(open_session(dataset, options), texts, limit=limit, seed=seed)
    code = outcome.exit_code(strict=strict)
    return Outcome(outcome.as_json(), outcome.as_text(), code=1 if strict and outcome.survey.bad else code)
