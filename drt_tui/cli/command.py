"""What all commands have in common: `--project`, `--json`, and how they end."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    help="Curate deep-reasoning-translation data: generate, judge, train, compare.",
    rich_markup_mode=None,
    add_completion=False,
)

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", metavar="DIR", help="Project directory [default: nearest drt.toml upwards, else here]."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: `data` is what `--json` prints, `text` what a person reads."""

    data: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    code: int = 0


@dataclass(slots=True)
class Invocation:
    """What the options that every command takes were set to."""

    project: Path | None = None
    json: bool = False


@app.callback()
def root(context: typer.Context, project: ProjectOption = None) -> None:
    """Curate deep-reasoning-translation data: generate, judge, train, compare."""
    context.obj = Invocation(project=project)


def command(name: str) -> Callable[[Callable[..., Outcome]], Callable[..., Outcome]]:
    """Register a function as the command `name` and give it `--project` and `--json`.

    The function takes the `Invocation` first, then its own options, and returns an `Outcome`.
    """

    def register(function: Callable[..., Outcome]) -> Callable[..., Outcome]:
        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]

        @functools.wraps(function)
        def invoke(
            context: typer.Context, *, project: Path | None = None, json: bool = False, **options: Any
        ) -> Outcome:
            invocation: Invocation = context.obj
            invocation.project = project or invocation.project
            invocation.json = json
            return function(invocation, **options)

        shared = [
            inspect.Parameter(
                "project", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ProjectOption
            ),
            inspect.Parameter("json", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=JsonOption),
        ]
        parameters = [
            inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own),
            *shared,
        ]
        invoke.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        invoke.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        del invoke.__wrapped__
        app.command(name)(invoke)
        return function

    return register
