"""A headless run of the loop: from a session and a plan to a report, told line by line or drawn live."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from drt_tui.narration import RunNarrator, narrate
from drt_tui.running import headless
from drt_tui.running.preparing import prepared

if TYPE_CHECKING:
    from drt_tui.project.session import Session
    from drt_tui.running.preparing import GenerationPlan
    from pipeline.report import GenerationReport, Projection


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
        lines = [
            f"generated {report.generated:,} · failed {report.failed:,} · skipped {report.skipped:,}"
            f" · left {self.left:,}",
            headless.spent(report),
            *headless.failures(report),
        ]
        if self.left and (projected := self._projected()):
            lines.append(f"the {self.left:,} left: about {', '.join(projected)}")
        return "\n".join([*lines, *headless.ending(report)])

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
        return headless.exit_code(self.report, strict=strict)


def generate(session: Session, plan: GenerationPlan, among: Sequence[str] | None = None) -> GenerationOutcome:
    """Run the loop over the planned sentences and return what it came to.

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
        narrator = RunNarrator(
            run, sentences, ready.snapshot, lambda: f"{run.report.generated:,} of {sentences:,} generated"
        )
        await headless.follow(run, narrator)
        rest = len(ready.choose().ids[: plan.limit]) if plan.is_dry_run else run.report.remaining
        return GenerationOutcome(run.report, rest, run.cost_of(rest))
