"""`drt-tui export-model`: a trained run in the forms that others load, each checked again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command

if TYPE_CHECKING:
    from train.export.forms import Form


@command("export-model")
def export_model(
    invocation: Invocation,
    run: Annotated[str, typer.Argument(metavar="RUN", help="Its name or number.")],
    form: Annotated[
        list[str] | None,
        typer.Option(
            "--form", metavar="FORM", help="adapter, merged, gguf, gguf-lora [repeatable; default: adapter]."
        ),
    ] = None,
    quant: Annotated[
        list[str] | None,
        typer.Option(
            "--quant", metavar="SIZE", help="Of GGUF: q8_0, f16; q4_k_m … need llama.cpp [repeatable]."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="[default: exports/RUN in the project]"),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a check failed.")] = False,
) -> Outcome:
    """Write adapter, merged model, GGUF, Modelfile and card; load each again and check it."""
    import train
    from drt_tui.narration import narrate
    from drt_tui.project.opening import locate
    from drt_tui.training.words import check_line

    folder = locate(invocation.project)
    found = train.find_run(folder.runs, run)
    target = output or folder.exports / found.id
    report = train.export_model(
        found, target, _forms(form or ["adapter"]), quants=tuple(quant or ("q8_0",)), on_progress=narrate
    )
    data = {
        "run": report.run,
        "out": str(target),
        "exported": [
            {"form": each.form, "path": each.path, "bytes": each.bytes, "checks": each.levels}
            for each in report.exported
        ],
        "files": [str(target / name) for name in report.files],
        "checks": report.checks,
    }
    lines = []
    for each in report.exported:
        lines += [f"{each.form:9} {each.path} ({each.bytes / 1e6:,.0f} MB)", *map(check_line, each.checks)]
    lines += [f"beside it: {', '.join(report.files)}"]
    went_wrong = strict and "fail" in report.checks.values()
    return Outcome(data, "\n".join(lines), code=1 if went_wrong else 0)


def _forms(names: list[str]) -> list[Form]:
    from drt_tui.errors import UsageProblem
    from train.export.forms import FORMS

    known: dict[str, Form] = {form: form for form in FORMS}
    for name in names:
        if name not in known:
            raise UsageProblem(f"There is no form {name!r}.", hint=f"There are: {', '.join(known)}.")
    return [known[name] for name in names]
