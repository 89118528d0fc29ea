"""Exporting a run from a process that never loads torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from train.errors import RunProblem
from train.export.forms import ExportReport, ExportRequest, Form
from train.run.folder import RunFolder
from train.run.observe import observe
from train.run.step import run_step


def export_model(
    folder: RunFolder, out: Path, forms: Sequence[Form] = ("adapter",), *, quants: Sequence[str] = ("q8_0",)
) -> ExportReport:
    """Make exports of a finished run below `out`, and check each (A4-A6). Waits until they are made.

    `quants` are sizes of GGUF: f16 and q8_0 are written here, others by llama.cpp where it is found.

    Raises:
        RunProblem: the run is not done.
        StepFailed: the export refused, or failed; its words say why.
    """
    run = observe(folder)
    if run.status != "done":
        raise RunProblem(f"Run {run.id} is {run.status}; only finished runs are exported.", hint=run.advice)
    out.mkdir(parents=True, exist_ok=True)
    request = ExportRequest(
        run=str(folder.root.resolve()), out=str(out.resolve()), forms=tuple(forms), quants=tuple(quants)
    )
    return run_step("train.export", request, ExportReport, folder.root / "export.log")
