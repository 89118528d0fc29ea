"""Running a step that needs torch in a process of its own, and waiting for its result."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from train.errors import StepFailed, TrainError
from train.run.process import environment

Request = TypeVar("Request", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

_LOG_TAIL = 1500


class StepRefused(BaseModel):
    """What a step says instead of a result where it knows what is wrong."""

    message: str
    hint: str = ""


def run_step(module: str, request: BaseModel, result: type[Result], log: Path) -> Result:
    """Run `python -P -m module REQUEST RESULT` and return what it wrote.

    Raises:
        StepFailed: it refused, or ended without a result.
    """
    with tempfile.TemporaryDirectory(prefix="drt-") as scratch:
        folder = Path(scratch)
        asked, answer = folder / "request.json", folder / "result.json"
        asked.write_text(request.model_dump_json(), encoding="utf-8")
        with log.open("ab") as output:
            code = subprocess.run(
                [sys.executable, "-P", "-m", module, str(asked), str(answer)],
                cwd=folder,
                env=environment(folder, None),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        if not answer.exists():
            tail = log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
            raise StepFailed(f"{module} ended with code {code}:\n{tail}", hint=f"The whole log: {log}")
        if code != 0:
            refused = StepRefused.model_validate_json(answer.read_bytes())
            raise StepFailed(refused.message, hint=refused.hint)
        return result.model_validate_json(answer.read_bytes())


def step_main(request: type[Request], work: Callable[[Request], BaseModel]) -> int:
    """Run a step's work as the program of its module; see `run_step`."""
    asked, answer = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        made = work(request.model_validate_json(asked.read_bytes()))
    except TrainError as error:
        refused = StepRefused(message=error.message, hint=error.hint)
        answer.write_text(refused.model_dump_json(), encoding="utf-8")
        return 1
    answer.write_text(made.model_dump_json(), encoding="utf-8")
    return 0
