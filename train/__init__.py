"""From curated examples to a trained model.

What other rooms call is named here and imported when it is first used; nothing here loads torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from train.doctor.check import Check
    from train.doctor.foreign import doctor_adapter
    from train.export.export import export_model
    from train.export.forms import ExportReport
    from train.prepare import Preflight, Prepared, preflight
    from train.report import TrainReport, read_report, report_before, report_of
    from train.run.control import delete, find_run, follow, kill, resume, start, stop
    from train.run.folder import RunFolder
    from train.run.observe import Run, differences, observe
    from train.run.observe import observe_all as runs
    from train.selection import Selection, select
    from train.settings import TrainSettings

_HOMES = {
    "Check": "doctor.check",
    "ExportReport": "export.forms",
    "Preflight": "prepare",
    "Prepared": "prepare",
    "Run": "run.observe",
    "RunFolder": "run.folder",
    "Selection": "selection",
    "TrainReport": "report",
    "TrainSettings": "settings",
    "delete": "run.control",
    "differences": "run.observe",
    "doctor_adapter": "doctor.foreign",
    "export_model": "export.export",
    "find_run": "run.control",
    "follow": "run.control",
    "kill": "run.control",
    "observe": "run.observe",
    "preflight": "prepare",
    "read_report": "report",
    "report_before": "report",
    "report_of": "report",
    "resume": "run.control",
    "runs": "run.observe",
    "select": "selection",
    "start": "run.control",
    "stop": "run.control",
}
_OTHER_NAMES = {"runs": "observe_all"}

__all__ = [
    "Check", "ExportReport", "Preflight", "Prepared", "Run", "RunFolder", "Selection", "TrainReport",
    "TrainSettings", "delete", "differences", "doctor_adapter", "export_model", "find_run", "follow", "kill",
    "observe", "preflight", "read_report", "report_before", "report_of", "resume", "runs", "select", "start", "stop",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), _OTHER_NAMES.get(name, name))
