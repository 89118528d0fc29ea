"""A step in a process of its own says what it knows, and what it does not know is left to its log."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest

from train.export.forms import ExportReport, ExportRequest
from train.run.step import StepRefused, Tell, step_main

REQUEST = ExportRequest(run="r", out="o", forms=("adapter",))
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    asked, answered, progress = (tmp_path / name for name in ("request.json", "result.json", "progress"))
    asked.write_text(REQUEST.model_dump_json())
    monkeypatch.setattr("sys.argv", ["step", *map(str, (asked, answered, progress))])
    return answered


@pytest.mark.parametrize("error", [FULL, shutil.Error([("a", "b", str(FULL))]), RuntimeError(str(FULL))])
def test_a_full_disk_is_named_whatever_class_the_library_raises(answer: Path, error: Exception) -> None:
    def work(request: ExportRequest, tell: Tell) -> ExportReport:
        raise error

    assert step_main(ExportRequest, work) == 1
    refused = StepRefused.model_validate_json(answer.read_bytes())
    assert (refused.code, refused.message) == ("disk", "The disk is full.")
    assert refused.hint


def test_a_fault_of_ours_is_not_hidden(answer: Path) -> None:
    def work(request: ExportRequest, tell: Tell) -> ExportReport:
        raise KeyError("weights")

    with pytest.raises(KeyError):
        step_main(ExportRequest, work)
    assert not answer.exists()
