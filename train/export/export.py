"""Exporting a run from a process that never loads torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from train.errors import RunProblem
from train.export.forms import ExportReport, ExportRequest, Form
from train.run.folder import RunFolder
from train.run.observe import observe
from train.run.step import run_step


def export_model(
    folder: RunFolder,
    out: Path,
    forms: Sequence[Form] = ("adapter",),
    *,
    quants: Sequence[str] = ("q8_0",),
    on_progress: Callable[[str], None] = lambda line: None,
) -> ExportReport:
    """Make exports of a finished run below `out`, and check each (A4-A6). Waits until they are made.

    `quants` are sizes of GGUF: f16 and q8_0 are written here, others by llama.cpp where it is found.
    `on_progress` hears what is being made.

    Raises:
        RunProblem: the run is not done, or `out` cannot be written.
        StepFailed: the export refused, or failed; its words say why.
    """
    run = observe(folder)
    if run.status != "done":
        raise RunProblem(f"Run {run.id} is {run.status}; only finished runs are exported.", hint=run.advice)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RunProblem(f"{out} cannot be made: {error.strerror}.", hint="Name another folder.") from error
    request = ExportRequest(
        run=str(folder.root.resolve()), out=str(out.resolve()), forms=tuple(forms), quants=tuple(quants)
    )
    return run_step("train.export", request, ExportReport, folder.root / "export.log", on_progress)
