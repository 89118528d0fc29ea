"""The result of a run: what `drt-tui train --json` prints."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from train.doctor.check import Check, Level, levels
from train.errors import RunProblem
from train.prepare import Preflight
from train.run.events import Checked, Ended, EventTail, Started, Stepped
from train.run.folder import RunFolder
from train.run.observe import Run
from train.tags import TagRate


class Shares(BaseModel):
    """Share of held-out answers with every tag; `None` where nobody was asked."""

    model_config = ConfigDict(frozen=True)

    drt: float | None = None
    backbone: float | None = None


class Tags(BaseModel):
    """The counts behind the shares."""

    model_config = ConfigDict(frozen=True)

    drt: TagRate | None = None
    backbone: TagRate | None = None


class TrainReport(BaseModel):
    """How a run ended. `loss` is the first and the last step's; `seconds` of the worker that ended it."""

    model_config = ConfigDict(frozen=True)

    run: str | None
    """`None` for a run that was not started."""
    status: str
    engine: str
    backbone: str
    rows: int
    steps: int
    seconds: float
    loss: tuple[float, float] | None
    tag_rate: Shares
    checks: dict[str, Level]
    adapter: str | None
    tags: Tags = Tags()
    findings: tuple[Check, ...] = ()
    """The checks with their words, those of the preflight first."""
    peak_memory: int | None = None
    """Bytes that the worker held at most."""
    held_out: bool = True
    """The rows that were answered are held out; else they are trained ones, since none is."""

    def verdict(self) -> str:
        """Return the result in one sentence: the tag rates, or the first check that failed."""
        failed = [check for check in self.findings if check.level == "fail"]
        if failed:
            return f"{failed[0].id} failed: {failed[0].message} {failed[0].fix}".strip()
        return self.tags_in_words() or f"{self.status} after {self.steps} steps"

    def tags_in_words(self) -> str:
        """Return the tag rates in words, nothing where nobody was asked."""
        if self.tag_rate.drt is None:
            return ""
        backbone = "" if self.tag_rate.backbone is None else f"; backbone {self.tag_rate.backbone:.0%}"
        asked = "held-out answers" if self.held_out else "answers to trained rows"
        return f"tags in {self.tag_rate.drt:.0%} of {asked}{backbone}"


def report_of(run: Run) -> TrainReport:
    """Return how a run stands: its own report once it ended as it should, else what its record tells.

    Raises:
        RunProblem: the run cannot be read.
    """
    if run.state is None:
        raise RunProblem(run.message, hint=run.advice)
    if run.status in {"done", "stopped"} and run.folder.report.exists():
        return read_report(run.folder)
    events = EventTail(run.folder.events).read()
    losses = [event.loss for event in events if isinstance(event, Stepped) and event.loss is not None]
    began = max((event.at for event in events if isinstance(event, Started)), default=0.0)
    findings = (*_checked_before(run.folder), *(each.check for each in events if isinstance(each, Checked)))
    return TrainReport(
        run=run.id,
        status=run.status,
        engine=run.state.plan.engine,
        backbone=run.state.settings.backbone,
        rows=run.state.rows,
        steps=max((event.step for event in events if isinstance(event, Stepped)), default=0),
        seconds=events[-1].at - began if began else 0.0,
        loss=(losses[0], losses[-1]) if losses else None,
        tag_rate=Shares(),
        checks=levels(findings),
        adapter=None,
        findings=findings,
        peak_memory=next((event.memory for event in events if isinstance(event, Ended)), None),
    )


def report_before(preflight: Preflight) -> TrainReport:
    """Return the report of a run that was not started: what its preflight says."""
    return TrainReport(
        run=None,
        status="checked" if preflight.ok else "refused",
        engine=preflight.plan.engine,
        backbone=preflight.backbone,
        rows=preflight.rows,
        steps=preflight.plan.steps,
        seconds=preflight.seconds,
        loss=None,
        tag_rate=Shares(),
        checks=levels(preflight.checks),
        adapter=None,
        findings=preflight.checks,
    )


def read_report(folder: RunFolder) -> TrainReport:
    """Return a finished run's report.

    Raises:
        RunProblem: there is none yet.
    """
    try:
        return TrainReport.model_validate_json(folder.report.read_bytes())
    except OSError as error:
        raise RunProblem(
            f"Run {folder.id} has no result yet.", hint=f"drt-tui train --attach {folder.id}"
        ) from error
    except ValidationError as error:
        raise RunProblem(
            f"{folder.report} is damaged: {error}", hint="Check the adapter: drt-tui doctor"
        ) from error


def read_preflight(folder: RunFolder) -> Preflight | None:
    """Return what was known before a run was started; `None` where that cannot be read."""
    try:
        return Preflight.model_validate_json(folder.preflight.read_bytes())
    except (OSError, ValidationError):
        return None


def _checked_before(folder: RunFolder) -> tuple[Check, ...]:
    before = read_preflight(folder)
    return () if before is None else before.checks
