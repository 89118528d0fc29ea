"""Running a step that needs torch in a process of its own, and waiting for its result."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO, TypeVar

from pydantic import BaseModel

from train.errors import StepFailed, TrainError
from train.machine import is_disk_full
from train.run.process import environment

Request = TypeVar("Request", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)

_LOG_TAIL = 1500
_POLL_SECONDS = 0.2

Tell = Callable[[str], None]
"""Says in a line what is being done."""


class StepRefused(BaseModel):
    """What a step says instead of a result where it knows what is wrong."""

    code: str
    message: str
    hint: str = ""


def run_step(
    module: str,
    request: BaseModel,
    result: type[Result],
    log: Path,
    on_progress: Tell = lambda line: None,
) -> Result:
    """Run `python -P -m module REQUEST RESULT PROGRESS` and return what it wrote; an interrupt ends it too.

    Raises:
        StepFailed: it refused, or ended without a result.
    """
    with tempfile.TemporaryDirectory(prefix="drt-") as scratch:
        folder = Path(scratch)
        asked, answer, progress = (folder / name for name in ("request.json", "result.json", "progress"))
        asked.write_text(request.model_dump_json(), encoding="utf-8")
        progress.touch()
        with log.open("ab") as output, progress.open(encoding="utf-8") as lines:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", module, str(asked), str(answer), str(progress)],
                cwd=folder,
                env=environment(folder, None),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            code = _awaited(process, lines, on_progress)
        if not answer.exists():
            tail = log.read_text(encoding="utf-8", errors="replace")[-_LOG_TAIL:]
            raise StepFailed(f"{module} ended with code {code}:\n{tail}", hint=f"The whole log: {log}")
        if code != 0:
            refused = StepRefused.model_validate_json(answer.read_bytes())
            failure = StepFailed(refused.message, hint=refused.hint)
            failure.code = refused.code
            raise failure
        return result.model_validate_json(answer.read_bytes())


def step_main(request: type[Request], work: Callable[[Request, Tell], BaseModel]) -> int:
    """Run a step's work as the program of its module; see `run_step`."""
    asked, answer, progress = map(Path, sys.argv[1:4])

    def tell(line: str) -> None:
        with progress.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    try:
        made = work(request.model_validate_json(asked.read_bytes()), tell)
    except TrainError as error:
        refused = StepRefused(code=error.code, message=error.message, hint=error.hint)
    except Exception as error:  # libraries wrap what the disk says in classes of their own
        if not is_disk_full(error):
            raise
        refused = StepRefused(code="disk", message="The disk is full.", hint="Free some, then try again.")
    else:
        answer.write_text(made.model_dump_json(), encoding="utf-8")
        return 0
    answer.write_text(refused.model_dump_json(), encoding="utf-8")
    return 1


def _awaited(process: subprocess.Popen[bytes], lines: TextIO, on_progress: Tell) -> int:
    """Wait for a process, handing on what it says; never leave it behind."""
    try:
        while True:
            ended = process.poll()
            for line in lines:
                on_progress(line.rstrip("\n"))
            if ended is not None:
                return ended
            time.sleep(_POLL_SECONDS)
    except BaseException:
        process.kill()
        process.wait()
        raise
