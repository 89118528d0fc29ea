"""What preflights, runs and their events say to a person, in plain lines."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from data.text import show_controls

if TYPE_CHECKING:
    from collections.abc import Callable

    from train import Check, Preflight, Run, TrainReport
    from train.memory import Estimate
    from train.run.events import AnyEvent

GIB = 1024**3

_IDIOMS = 5
_REFUSED = 10


def clock(seconds: float) -> str:
    """Return a length of time as a person says it: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"


def line_of(event: AnyEvent) -> str:
    """Return what an event says in one line."""
    return _LINES[event.type](event)


def check_line(check: Check) -> str:
    """Return a verdict of the doctor, and what to do about it."""
    fix = f" {check.fix}" if check.fix and check.level != "pass" else ""
    return show_controls(f"{check.level:4}  {check.id}  {check.message}{fix}")


def preflight_text(report: Preflight) -> str:
    """Return what a person reads before a run is started."""
    plan, lengths = report.plan, report.lengths
    facts = {
        "rows": f"{report.rows:,} trained, {report.valid_rows:,} held out, {len(report.idioms):,} idioms",
        "idioms": _idioms(report.idioms),
        "tokens": f"median {lengths.median:,}, 95 % {lengths.p95:,}, longest {lengths.longest:,}; "
        f"loss on {report.trained_share:.0%} of them",
        "backbone": report.backbone,
        "engine": f"{plan.engine}: {plan.engine_reason}",
        "method": f"{plan.method}: {plan.method_reason}",
        "steps": f"{plan.steps:,}, learning rate {plan.learning_rate:g}, {plan.dtype}, {plan.optimizer}",
        "memory": memory_words(report.memory),
        "time": "unknown before a first run like it"
        if report.expected_seconds is None
        else f"about {clock(report.expected_seconds)}, going by an earlier run",
        "command": shlex.join([*plan.command, "RUN"]),
        "refused": _refused(report),
    }
    lines = [show_controls(f"{name:9} {said}") for name, said in facts.items() if said]
    return "\n".join([*lines, "", *_sample(report), *map(check_line, report.checks)])


def memory_words(memory: Estimate | None) -> str:
    """Return how much memory a run will take, and how far that can be trusted."""
    if memory is None:
        return "unknown for this kind of backbone"
    place = "GPU" if memory.device == "cuda" else "machine"
    known = "" if memory.checked else " (estimate: nobody measured it on a GPU)"
    return f"about {memory.total / GIB:.1f} of {memory.available / GIB:.1f} GiB free on this {place}{known}"


def run_line(run: Run) -> str:
    """Return one line of the list of runs."""
    if run.state is None:
        return show_controls(f"{run.id:28} {run.status:13} {run.message}")
    state = run.state
    way_on = f", can go on from step {run.checkpoint.step:,}" if run.checkpoint and run.resumable else ""
    facts = f"{state.settings.backbone}, {state.plan.engine}, {state.rows:,} rows, {state.plan.steps:,} steps"
    return show_controls(f"{run.id:28} {run.status:13} {facts}{way_on}")


def report_text(run: Run, report: TrainReport) -> str:
    """Return how a run stands or ended, and what to do next."""
    lines = [f"{run.id}: {report.verdict()}"]
    if report.loss is not None:
        lines.append(
            f"loss {report.loss[0]:.3f} -> {report.loss[1]:.3f}, {report.steps:,} steps, {clock(report.seconds)}"
        )
    if report.tags.drt is not None:
        lines.append(f"the model, {report.tags.drt.words()}")
    lines += [check_line(check) for check in report.findings if check.level != "pass"]
    lines += [line for line in (run.message, run.advice) if line]
    if run.status == "running":
        lines.append(f"Watch it: drt-tui train --attach {run.id}; stop it: drt-tui train --stop {run.id}")
    elif run.status == "done":
        lines.append(f"{report.adapter}\nNext: drt-tui export-model {run.id}")
    elif run.checkpoint is None:
        lines.append("There is no checkpoint to go on from: start a new run.")
    return show_controls("\n".join(lines))


def _idioms(idioms: Mapping[str, int]) -> str:
    if not idioms:
        return ""
    most = ", ".join(f"{name} {count:,}" for name, count in islice(idioms.items(), _IDIOMS))
    return f"{most}{', …' if len(idioms) > _IDIOMS else ''}"


def _refused(report: Preflight) -> str:
    if not report.refused:
        return ""
    named = "; ".join(f"{each.id}: {each.reason}" for each in report.refused[:_REFUSED])
    rest = len(report.refused) - _REFUSED
    return f"{len(report.refused):,} rows: {named}{f'; {rest:,} more' if rest > 0 else ''}"


def _sample(report: Preflight) -> Iterator[str]:
    """Yield the first row as it is trained: what has no loss behind `|`, what has behind `+`."""
    for preview in report.previews[:1]:
        yield f"row {show_controls(preview.id)}, no loss on | lines, loss on + lines"
        for mark, text in (("|", preview.prompt), ("+", preview.answer)):
            yield from (f"  {mark} {show_controls(line)}" for line in text.split("\n"))
        yield ""


def _step(event: Any) -> str:
    parts = [f"step {event.step:,} of {event.max_steps:,}"]
    parts += [f"loss {event.loss:.4f}"] if event.loss is not None else []
    parts += [f"{event.tokens_per_second:,.0f} tokens/s"] if event.tokens_per_second else []
    parts += [f"{event.memory / GIB:.1f} GiB"] if event.memory else []
    parts += [f"{clock(event.eta)} left"] if event.eta is not None else []
    return " · ".join(parts)


def _started(event: Any) -> str:
    resumed = f", from step {event.resumed_from:,}" if event.resumed_from is not None else ""
    return f"worker is up: {event.engine}, {event.max_steps:,} steps{resumed}"


def _evaluated(event: Any) -> str:
    loss = "is no number" if event.loss is None else f"{event.loss:.4f}"
    return f"held-out loss {loss} at step {event.step:,}"


def _probed(event: Any) -> str:
    return (
        f"step {event.step:,}: p(first tag) {event.opening:.2f}, p(end) {event.ending:.2f}; "
        f"{event.rate.words()}"
    )


_LINES: Mapping[str, Callable[[Any], str]] = {
    "started": _started,
    "phase": lambda event: f"{event.phase} …",
    "checked": lambda event: check_line(event.check),
    "step": _step,
    "evaluated": _evaluated,
    "probed": _probed,
    "checkpoint": lambda event: f"checkpoint at step {event.step:,}",
    "warning": lambda event: event.message,
    "failed": lambda event: f"{event.problem.message} {event.problem.hint}".strip(),
    "ended": lambda event: f"the worker ended: {event.status}",
}
