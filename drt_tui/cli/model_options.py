"""The options of every command that asks models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

BaseUrlOption = Annotated[
    str | None,
    typer.Option("--base-url", metavar="URL", help="OpenAI-compatible endpoint [env: DRT_BASE_URL]."),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="Model on that endpoint [env: DRT_MODEL].")
]
AllowHttpOption = Annotated[
    bool,
    typer.Option(
        "--allow-http", help="Allow plain http to another machine: key and texts travel unencrypted."
    ),
]
RecordOption = Annotated[
    Path | None, typer.Option("--record", metavar="FILE", help="Record every call to a cassette.")
]
ReplayOption = Annotated[
    Path | None,
    typer.Option("--replay", metavar="FILE", help="Answer every call from a cassette; no key needed."),
]
BudgetOption = Annotated[
    float | None,
    typer.Option("--budget-usd", metavar="USD", min=0, help="Never spend more than this on the project."),
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option("--concurrency", metavar="N", min=1, help="Calls in flight, all models together."),
]
AnnotatorOption = Annotated[
    str | None,
    typer.Option("--annotator", metavar="NAME", help="Whose decisions these are [default: login name]."),
]
