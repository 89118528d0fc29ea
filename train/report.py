"""The result of a run: what `drt-tui train --json` prints."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, ValidationError

from train.doctor.check import Check, Level
from train.errors import RunProblem
from train.run.folder import RunFolder
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

    run: str
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

    def verdict(self) -> str:
        """Return the result in one sentence: the tag rates, or the first check that failed."""
        failed = [check for check in self.findings if check.level == "fail"]
        if failed:
            return f"{failed[0].id} failed: {failed[0].message} {failed[0].fix}".strip()
        if self.tag_rate.drt is None:
            return f"{self.status} after {self.steps} steps"
        backbone = "" if self.tag_rate.backbone is None else f"; backbone {self.tag_rate.backbone:.0%}"
        return f"tags in {self.tag_rate.drt:.0%} of held-out answers{backbone}"


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
