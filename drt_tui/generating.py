"""A headless run of the loop: from a session and a plan to a report, told line by line or drawn live."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from drt_tui.narration import RunNarrator, narrate
from drt_tui.preparing import prepared

if TYPE_CHECKING:
    from drt_tui.preparing import GenerationPlan
    from drt_tui.session import Session
    from pipeline.autogen import Autogen
    from pipeline.report import GenerationReport, Projection

_EXIT_CODES = {"done": 0, "budget": 3, "failure-rate": 4, "interrupted": 130}


@dataclass(frozen=True, slots=True)
class GenerationOutcome:
    """What a run came to."""

    report: GenerationReport
    left: int
    """Sentences that are left: of this run, or those that the same command without --dry-run would take."""
    projection: Projection | None
    """Money for them."""

    def as_json(self) -> dict[str, Any]:
        """Return the object that `autogen --json` prints."""
        projected = asdict(self.projection) if self.projection else None
        return {**asdict(self.report), "left": self.left, "projected_cost_usd": projected}

    def as_text(self) -> str:
        """Return the same for a person."""
        report = self.report
        money = "price unknown" if report.cost_usd is None else f"${report.cost_usd:.4f}"
        lines = [
            f"generated {report.generated:,} · failed {report.failed:,} · skipped {report.skipped:,}"
            f" · left {self.left:,}",
            f"{report.calls:,} calls · {report.prompt_tokens:,} + {report.completion_tokens:,} tokens"
            f" · {money} · {report.seconds:.0f} s",
        ]
        lines += [
            f"  {count:,} × {why}" for why, count in sorted(report.reasons.items(), key=lambda r: -r[1])
        ]
        if self.left and (projected := self._projected()):
            lines.append(f"the {self.left:,} left: about {', '.join(projected)}")
        if report.ended == "budget":
            lines.append("stopped at the budget; raise --budget-usd to go on")
        elif report.ended == "failure-rate":
            lines.append("stopped: more than half of the last 50 sentences failed, for the reasons above")
        elif report.ended == "interrupted":
            lines.append("interrupted; the same command goes on from here")
        return "\n".join(lines)

    def _projected(self) -> list[str]:
        """Say what the sentences that are left will take, going by those that were generated."""
        report, parts = self.report, []
        if report.generated and not report.remaining:  # else some calls went into unfinished sentences
            calls = report.calls * self.left / report.generated
            tokens = (report.prompt_tokens + report.completion_tokens) * self.left / report.generated
            parts += [f"{calls:,.0f} calls", f"{tokens:,.0f} tokens"]
        if self.projection is not None:
            low, likely, high = self.projection.low, self.projection.likely, self.projection.high
            parts.append(f"${likely:.2f} (${low:.2f} to ${high:.2f})")
        return parts

    def exit_code(self, *, strict: bool) -> int:
        """Return the exit code of the command."""
        code = _EXIT_CODES.get(self.report.ended, 1)
        return 1 if code == 0 and strict and self.report.failed else code


def generate(session: Session, plan: GenerationPlan, among: Sequence[str] | None = None) -> GenerationOutcome:
    """Run the loop over the planned sentences and return what it came to.

    The first interrupt finishes the calls in flight (at most 30 s), the second stops at once; either
    way what was answered is kept.

    Args:
        session: an open project.
        plan: which sentences.
        among: choose only from these; `None` is all.

    Raises:
        PipelineError: no retry can help: key, model, price, or no endpoint answers.
        StoreError: a candidate could not be saved.
    """
    return asyncio.run(_generate(session, plan, among))


async def _generate(session: Session, plan: GenerationPlan, among: Sequence[str] | None) -> GenerationOutcome:
    async with prepared(session, plan, among) as ready:
        run, sentences = ready.run, len(ready.selection.ids)
        narrate(f"sentences: {sentences:,} · {session.model_label} · calls in flight at most: {ready.slots}")
        await _follow(run, RunNarrator(run, sentences, ready.snapshot))
        rest = len(ready.choose().ids[: plan.limit]) if plan.is_dry_run else run.report.remaining
        return GenerationOutcome(run.report, rest, run.cost_of(rest))


async def _follow(run: Autogen, narrator: RunNarrator) -> None:
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


def _stop(run: Autogen) -> None:
    if run.report.ended == "running":
        narrate("finishing the calls in flight; once more to stop at once")
    run.stop()
