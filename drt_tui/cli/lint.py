"""`drt-tui lint`: every broken row of a set, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command


@command("lint")
def lint(
    invocation: Invocation,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", help="Anybody's JSONL or JSON; without it, the project's curated rows."
        ),
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="Of the project's rows [repeatable]."),
    ] = None,
    explain: Annotated[
        str | None,
        typer.Option("--explain", metavar="CODE", help="Say what a code means, and how often it errs."),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a row has a finding.")] = False,
) -> Outcome:
    """Check rows without a model: missing outputs, labels, wrong voices, numbers …."""
    from dataclasses import asdict

    from data.errors import DataError
    from data.lint import explain as explain_code
    from drt_tui.errors import UsageProblem
    from drt_tui.project.linting import explanation_text, lint_file, lint_project, report_text
    from drt_tui.project.opening import locate

    if explain is not None:
        try:
            explanation = explain_code(explain)
        except DataError as unknown:
            raise UsageProblem(unknown.message, hint=unknown.hint) from unknown
        return Outcome(asdict(explanation), explanation_text(explanation))
    folder = locate(invocation.project)
    report = lint_file(folder, file) if file else lint_project(folder, tuple(status or ()))
    data = report.to_json()
    return Outcome(data, report_text(report), code=1 if strict and data["rows_with_findings"] else 0)
