"""A headless run on a terminal: followed to its end, interrupted with care, summed up in words."""

from __future__ import annotations

import asyncio
import signal
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from drt_tui.narration import RunNarrator, narrate

if TYPE_CHECKING:
    from pipeline.report import RunReport
    from pipeline.run import Run

_EXIT_CODES = {"done": 0, "budget": 3, "failure-rate": 4, "interrupted": 130}
_ENDINGS = {
    "budget": "stopped at the budget; raise --budget-usd to go on",
    "failure-rate": "stopped: more than half of the last 50 sentences failed, for the reasons above",
    "interrupted": "interrupted; the same command goes on from here",
}


async def follow(run: Run[Any, Any], narrator: RunNarrator) -> None:
    """Run to the end and tell about it.

    The first interrupt finishes the calls in flight (at most 30 s), the second stops at once; either
    way what was answered is kept.
    """
    loop = asyncio.get_running_loop()
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(interrupt, _stop, run)
    telling = asyncio.create_task(narrator.keep_telling())
    try:
        with narrator:
            async with aclosing(run.events()) as events:
                async for event in events:
                    narrator.tell(event)
    finally:
        telling.cancel()
        for interrupt in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(interrupt)


def exit_code(report: RunReport, *, strict: bool) -> int:
    """Return the exit code of a command whose run ended so."""
    code = _EXIT_CODES.get(report.ended, 1)
    return 1 if code == 0 and strict and report.failed else code


def spent(report: RunReport) -> str:
    """Say what a run took."""
    money = "price unknown" if report.cost_usd is None else f"${report.cost_usd:.4f}"
    return (
        f"{report.calls:,} calls · {report.prompt_tokens:,} + {report.completion_tokens:,} tokens"
        f" · {money} · {report.seconds:.0f} s"
    )


def failures(report: RunReport) -> list[str]:
    """Say why sentences failed, a line a reason, the commonest first."""
    by_count = sorted(report.reasons.items(), key=lambda reason: -reason[1])
    return [f"  {count:,} × {why}" for why, count in by_count]


def ending(report: RunReport) -> list[str]:
    """Say why a run ended before everything was done."""
    return [_ENDINGS[report.ended]] if report.ended in _ENDINGS else []


def _stop(run: Run[Any, Any]) -> None:
    if run.report.ended == "running":
        narrate("finishing the calls in flight; once more to stop at once")
    run.stop()
