"""The command line. Every command is a module here that imports what it needs when it is called."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

import typer

from data.errors import DataError
from drt_tui.cli.command import Outcome, app
from drt_tui.cli.commands import register
from drt_tui.errors import TuiError
from pipeline.errors import PipelineError
from train.errors import TrainError

FAILED, USAGE, BUDGET, FAILURE_RATE, INTERRUPTED = 1, 2, 3, 4, 130
_EXIT_CODES = {
    **dict.fromkeys(("usage", "settings", "file", "key", "model", "endpoint", "price", "prompt"), USAGE),
    **dict.fromkeys(("arm", "cassette", "built-in"), USAGE),
    **dict.fromkeys(("backbone", "not-installed", "unknown-run"), USAGE),
    "budget": BUDGET,
    "failure-rate": FAILURE_RATE,
    "interrupted": INTERRUPTED,
}
"""Exit code by error code; what is not here is 1."""

Problem = DataError | PipelineError | TrainError | TuiError


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; never raises."""
    as_json = "--json" in arguments
    problem: Problem
    try:
        return _end(_call(arguments), as_json)
    except typer.TyperException as error:
        problem = TuiError(error.format_message(), hint="See: drt-tui --help")
        problem.code = "usage"
    except (DataError, PipelineError, TrainError, TuiError) as error:
        problem = error
    except (KeyboardInterrupt, typer.Abort):
        problem = TuiError("Interrupted; what was saved stays saved.")
        problem.code = "interrupted"
    except BrokenPipeError:  # whoever read our output has left; there is nobody to tell
        return FAILED
    except Exception as error:  # noqa: BLE001  the last door: a person gets a sentence, the file the rest
        problem = _unforeseen(error)
    return _end_with_error(problem, as_json)


def _call(arguments: Sequence[str]) -> Outcome:
    register(arguments)
    outcome = app(args=list(arguments) or ["--help"], prog_name="drt-tui", standalone_mode=False)
    if outcome == INTERRUPTED:  # what typer makes of an interrupt that the command left to us
        raise KeyboardInterrupt
    return outcome if isinstance(outcome, Outcome) else Outcome(code=outcome or 0)


def _unforeseen(error: Exception) -> TuiError:
    from drt_tui.logs import write_crash_report

    try:
        hint = f"What was saved is safe. Please report it with {write_crash_report(error)}"
    except OSError:  # a home that is full or read-only
        hint = "What was saved is safe. Please report it."
    return TuiError(f"Something went wrong that nobody foresaw: {type(error).__name__}: {error}", hint=hint)


def _end(outcome: Outcome, as_json: bool) -> int:
    if as_json and outcome.data:
        _write(json.dumps(dict(outcome.data), ensure_ascii=False))
    elif outcome.text and not as_json:
        _write(outcome.text)
    return outcome.code


def _end_with_error(problem: Problem, as_json: bool) -> int:
    if as_json:
        error = {"code": problem.code, "message": problem.message, "hint": problem.hint}
        _write(json.dumps({"error": error}, ensure_ascii=False))
    else:
        print(f"drt-tui: {problem.message}", *filter(None, [problem.hint]), sep="\n", file=sys.stderr)
    return _EXIT_CODES.get(problem.code, FAILED)


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()
