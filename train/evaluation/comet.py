"""COMET, or any other metric that somebody runs in an environment of its own.

A command gets three files (sources, outputs, references), a line an item, and prints a number a line.
"""

from __future__ import annotations

import asyncio
import math
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from train.errors import StepFailed

_PLACES = ("{source}", "{output}", "{reference}")
_SHOWN = 400


async def external_scores(
    command: str, sources: Sequence[str], outputs: Sequence[str], references: Sequence[str]
) -> list[float]:
    """Return what a command says of each item.

    `{source}`, `{output}` and `{reference}` in it stand for the files; without any of them the three
    are put behind it in this order. The number is the last word of each line that is not empty.

    Raises:
        StepFailed: it cannot be started, failed, or printed something else.
    """
    with tempfile.TemporaryDirectory(prefix="drt-metric-") as folder:
        files = [Path(folder) / name for name in ("source.txt", "output.txt", "reference.txt")]
        for file, texts in zip(files, (sources, outputs, references), strict=True):
            file.write_text("".join(f"{_one_line(text)}\n" for text in texts), encoding="utf-8")
        printed = await _run(_words(command, files))
    lines = [line for line in printed.splitlines() if line.strip()]
    if len(lines) != len(outputs):
        raise StepFailed(
            f"The metric printed {len(lines)} lines for {len(outputs)} items.",
            hint="It must print one number a line, in the order of the files, and nothing else on stdout.",
        )
    return [_number(line, place) for place, line in enumerate(lines, 1)]


def check_startable(command: str) -> None:
    """Make sure that there is such a program, before anything is paid for what it would measure.

    Raises:
        StepFailed: there is none, or the command cannot be read.
    """
    words = _split(command)
    if not words or shutil.which(words[0]) is None:
        name = words[0] if words else "An empty command"
        raise StepFailed(f"{name} cannot be started: there is no such program.", hint="Check --comet.")


def _split(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise StepFailed(f"The command cannot be read: {error}.", hint="Mend its quotes.") from error


def _words(command: str, files: Sequence[Path]) -> list[str]:
    words = _split(command)
    if not any(place in word for word in words for place in _PLACES):
        words += _PLACES
    for place, file in zip(_PLACES, files, strict=True):
        words = [word.replace(place, str(file)) for word in words]
    return words


async def _run(words: Sequence[str]) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    except OSError as error:
        raise StepFailed(f"{words[0]} cannot be started: {error.strerror}.", hint="Check --comet.") from error
    try:
        out, err = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        said = err.decode(errors="replace").strip()[-_SHOWN:]
        raise StepFailed(f"{words[0]} ended with code {process.returncode}: {said}", hint="Check --comet.")
    return out.decode(errors="replace")


def _number(line: str, place: int) -> float:
    try:
        value = float(line.split()[-1])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise StepFailed(
            f"The metric printed no number in line {place}: {line[:_SHOWN]!r}",
            hint="It must print one number a line. What was answered is kept.",
        )
    return value


def _one_line(text: str) -> str:
    return " ".join(text.split())
