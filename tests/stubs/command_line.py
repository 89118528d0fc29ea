"""The program as its users call it: words in; exit code, one object and narration out."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drt_tui.cli import run

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object that is on stdout; anything else there is an error."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        return self.data["error"]


def start(*arguments: object) -> subprocess.Popen[str]:
    """Start a command in a process of its own; neither output nor input is a terminal."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "drt_tui", *map(str, arguments)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def end(process: subprocess.Popen[str]) -> Ended:
    """Wait until a command has ended."""
    out, err = process.communicate()
    return Ended(process.returncode, out, err)


def drt_tui(*arguments: object) -> Ended:
    """Run a command to its end in this process, which saves the start of another."""
    out, err = _captured(), _captured()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Ended(code, _text(out), _text(err))


def _captured() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.detach()
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")
