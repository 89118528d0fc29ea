"""What `drt-tui train` does with a run, one function a wish; each ends with the run's report."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import train
from data.store import ProjectFolder
from drt_tui.cli.command import Outcome
from drt_tui.errors import UsageProblem
from drt_tui.narration import narrate
from drt_tui.training.following import watching
from drt_tui.training.setting_out import TrainingOrder, launch_command, start
from drt_tui.training.words import preflight_text, report_text, run_line
from train import Preflight, Prepared, Run, TrainReport

if TYPE_CHECKING:
    from train.doctor.check import Check

FAILED, INTERRUPTED = 1, 130


def checked(report: Preflight) -> Outcome:
    """Show what a preflight found; exit code 1 where it would refuse to start."""
    return Outcome(_before(report), preflight_text(report), code=0 if report.ok else FAILED)


def refused(report: Preflight) -> Outcome:
    """Show why a run was not started."""
    from train.doctor.check import failed

    why = failed(report.checks)
    error = {
        "code": "checks",
        "message": "; ".join(f"{check.id}: {check.message}" for check in why),
        "hint": " ".join(check.fix for check in why),
    }
    return Outcome(
        _before(report) | {"error": error}, f"{preflight_text(report)}\n\nnot started", code=FAILED
    )


def started(
    folder: ProjectFolder, prepared: Prepared, order: TrainingOrder, *, detach: bool, strict: bool
) -> Outcome:
    """Start a run, and watch it to its end unless `detach`."""
    plan = prepared.report.plan
    narrate(f"{plan.engine} ({plan.engine_reason}); {plan.method} ({plan.method_reason})")
    with watching("stop") as watch:
        run = start(folder, prepared, order)
        narrate(f"run {run.id}: {launch_command(prepared)} {run.folder.root}")
        if not detach or watch.interrupted:
            narrate("ctrl+c stops it with a checkpoint; closing the terminal does not stop it")
            run = watch.until_end(run.folder)
        return _ended(run, interrupted=watch.interrupted, strict=strict)


def resumed(folder: ProjectFolder, name: str, *, detach: bool, strict: bool) -> Outcome:
    """Go on with a run from its newest sound checkpoint."""
    found = train.find_run(folder.runs, name)
    said = found.events.stat().st_size if found.events.exists() else 0
    with watching("stop") as watch:
        run = train.resume(found)
        if not detach or watch.interrupted:
            run = watch.until_end(found, offset=said)
        return _ended(run, interrupted=watch.interrupted, strict=strict)


def attached(folder: ProjectFolder, name: str, *, strict: bool) -> Outcome:
    """Watch a run from its beginning; ctrl+c leaves it running."""
    with watching("leave") as watch:
        run = watch.until_end(train.find_run(folder.runs, name))
        return _ended(run, interrupted=watch.interrupted, strict=strict)


def stopped(folder: ProjectFolder, name: str, *, save: bool, detach: bool) -> Outcome:
    """Stop a run, and wait for it unless `detach`."""
    found = train.find_run(folder.runs, name)
    said = found.events.stat().st_size if found.events.exists() else 0
    train.stop(found, save=save)
    narrate(f"run {found.id} stops after the step it is in{', with a checkpoint' if save else ''}")
    with watching("leave") as watch:
        run = train.observe(found) if detach else watch.until_end(found, offset=said)
        outcome = _ended(run, interrupted=watch.interrupted, strict=False)
    by_wish = outcome.code == INTERRUPTED and not watch.interrupted
    return Outcome(outcome.data, outcome.text, code=0) if by_wish else outcome


def deleted(folder: ProjectFolder, name: str, *, ask: bool) -> Outcome:
    """Delete a run's folder, after asking a person."""
    found = train.find_run(folder.runs, name)
    if ask:
        if not sys.stdin.isatty():
            raise UsageProblem(f"Nobody is here to ask whether {found.id} may go.", hint="Add --yes.")
        narrate(f"Delete run {found.id} with its checkpoints and its adapter? [y/N]")
        if input().strip().lower() not in {"y", "yes"}:
            return Outcome({"deleted": None}, "nothing deleted")
    train.delete(found)
    return Outcome({"deleted": found.id}, f"{found.id} deleted")


def listed(folder: ProjectFolder) -> Outcome:
    """Show all runs, the newest first."""
    found = train.runs(folder.runs)
    text = "\n".join(run_line(run) for run in found) or "No run was made yet."
    return Outcome({"runs": [_in_list(run) for run in found]}, text)


def _ended(run: Run, *, interrupted: bool, strict: bool) -> Outcome:
    """Return the report of a run that ended, or was left; a run that failed carries the error."""
    report = train.report_of(run)
    data: dict[str, Any] = _as_json(report)
    if run.status in {"running", "done"}:
        went_wrong = strict and "fail" in report.checks.values()
        code = INTERRUPTED if interrupted and run.status == "running" else FAILED if went_wrong else 0
    elif run.status == "stopped":
        code = INTERRUPTED
        data["checkpoint"] = None if run.checkpoint is None else run.checkpoint.step
    else:
        code = FAILED
        data["error"] = {"code": run.status, "message": run.message, "hint": run.advice}
    return Outcome(data, report_text(run, report), code=code)


def _before(report: Preflight) -> dict[str, Any]:
    preflight = report.model_dump(mode="json", exclude={"checks"})
    return _as_json(train.report_before(report)) | {"ok": report.ok, "preflight": preflight}


def _as_json(report: TrainReport) -> dict[str, Any]:
    """Return a report with its checks also as findings, those that passed left out."""
    data = report.model_dump(mode="json", exclude={"findings"})
    return data | {"findings": [_finding(check) for check in report.findings if check.level != "pass"]}


def _finding(check: Check) -> dict[str, str]:
    return {"id": check.id, "level": check.level, "message": check.message, "fix": check.fix}


def _in_list(run: Run) -> dict[str, Any]:
    state = run.state
    facts: dict[str, Any] = {
        "run": run.id,
        "status": run.status,
        "message": run.message,
        "advice": run.advice,
    }
    facts["checkpoint"] = None if run.checkpoint is None else run.checkpoint.step
    if state is not None:
        facts |= {
            "engine": state.plan.engine, "backbone": state.settings.backbone, "rows": state.rows,
            "steps": state.plan.steps, "created_at": state.created_at, "ended_at": state.ended_at,
            "dataset": state.dataset,
        }  # fmt: skip
    return facts
