"""A run that is watched, as lines: how far it is, its figures, and what the model answers by now."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content

from data.format import Format
from drt_tui.training.watched import Watched
from drt_tui.training.words import clock
from drt_tui.widgets.sheet import plain, set_width, spread
from train.doctor.check import failed
from train.machine import GIB
from train.memory import Estimate
from train.report import TrainReport
from train.run.observe import Run, RunStatus
from train.tags import Sample

COLOURS: dict[RunStatus, str] = {
    "created": "$muted", "running": "$success", "done": "$success", "stopped": "$warning", "failed": "$error",
    "crashed": "$error", "out of memory": "$error", "unreadable": "$error",
}  # fmt: skip
SIGNS: dict[RunStatus, str] = {
    "created": "○", "running": "▶", "done": "✓", "stopped": "‖", "failed": "✗", "crashed": "✗",
    "out of memory": "✗", "unreadable": "?",
}  # fmt: skip
_FIGURE = 26
_MOST_ANSWER = 8_000
"""Characters of an answer that are looked at; a looping one never ends."""
_ENDS = 8
"""Lines that are shown of the beginning and of the end of a long answer."""
_SLOW_PHASES = {
    "loading": "loading the backbone …",
    "asking the backbone": "asking the untrained backbone, to compare with …",
    "saving": "saving what was learned …",
    "checking": "loading it again as a stranger would, and asking held-out prompts …",
}


def result_lines(run: Run, report: TrainReport | None, watched: Watched | None, width: int) -> list[Content]:
    """Return in words what has become of a run, and what to do next."""
    colour = f"bold {COLOURS[run.status]}"
    if run.status == "done" and report is not None:
        return _verdict(report, width)
    if run.status in {"running", "created"}:
        return [spread(Content.styled(_doing(run, watched), colour), _made_by(run), width)]
    step = f" at step {run.checkpoint.step:,}" if run.status == "stopped" and run.checkpoint else ""
    said = f"{run.status}{step}: {run.message}" if run.message else f"{run.status}{step}"
    advice = " ".join(
        part for part in (run.advice.partition("Go on from step")[0].strip(), _next(run)) if part
    )
    return [*plain(said, colour).wrap(width), *plain(advice, "$muted").wrap(width)]


def progress_lines(watched: Watched, estimate: Estimate | None, width: int) -> list[Content]:
    """Return a bar over all steps, and under it the figures of the last one, memory beside its estimate."""
    if watched.steps is None:
        return []
    done = watched.step.step if watched.step else watched.resumed_from or 0
    return [_bar(done, watched.steps, width), *_figures(watched, estimate, width)]


def answer_lines(
    watched: Watched, format: Format, source_of: Callable[[str], str], width: int
) -> list[Content]:
    """Return what the model answered to held-out prompts at the last look, and what its tags are like."""
    probed = watched.probed
    if probed is None:
        return [Content.styled("The model is asked at each evaluation.", "$muted")]
    likely = f"p(first tag) {probed.opening:.2f}  p(end) {probed.ending:.2f}"
    lines = [
        Content.styled(f"at step {probed.step:,}  ", "bold") + Content.styled(likely, "$muted"),
        *Content.styled(probed.rate.words(), "$muted").wrap(width),
    ]
    for sample in probed.samples:
        lines += [Content(), *_answer(sample, format, source_of, width)]
    return lines


def _answer(sample: Sample, format: Format, source_of: Callable[[str], str], width: int) -> list[Content]:
    reply = format.parse(sample.answer)
    troubles = [*reply.troubles, *(["no end"] if sample.cut else [])]
    verdict = f"✗ {', '.join(troubles)}" if troubles else "✓ well formed"
    lines = [*plain(source_of(sample.id).replace("\n", " "), "bold").wrap(width)]
    lines.append(Content.styled(verdict, "$error" if troubles else "$success"))
    text = plain(sample.answer[:_MOST_ANSWER]).split("\n", allow_blank=True)
    body = [part for line in text for part in (line.wrap(width - 2) or [Content()])]
    if len(body) > 2 * _ENDS + 1:
        left_out = Content.styled(f"… {len(body) - 2 * _ENDS:,} lines …", "$faint")
        body = [*body[:_ENDS], left_out, *body[-_ENDS:]]
    return lines + [Content("  ") + line for line in body]


def _verdict(report: TrainReport, width: int) -> list[Content]:
    """Return how the model answers, after which checks failed; their own words stand among the checks."""
    wrong = list(dict.fromkeys(check.id for check in failed(report.findings)))
    tags = report.tags_in_words() or "nobody was asked"
    if wrong:
        return plain(f"✗ {', '.join(wrong)} failed: {tags}", "bold $error").wrap(width)
    return plain(f"✓ {tags}", "bold $success").wrap(width)


def _next(run: Run) -> str:
    """Return whether training can go on, by a key; the run's own advice names a command."""
    if run.checkpoint is not None:
        return f"r goes on from the checkpoint of step {run.checkpoint.step:,}."
    return "" if run.status in {"unreadable", "done"} else "There is no checkpoint to go on from."


def _made_by(run: Run) -> Content:
    if run.state is None:
        return Content()
    plan = run.state.plan
    return plain(
        f"{plan.engine} · {plan.method} · {plan.dtype} · {plan.device} · {run.state.rows:,} rows", "$muted"
    )


def _doing(run: Run, watched: Watched | None) -> str:
    if watched is None:
        return "it is running; enter shows how it goes"
    if not watched.phase:
        return "starting …"
    if watched.is_answering and run.state is not None and run.state.settings.probes:
        return "answering held-out prompts …"
    return _SLOW_PHASES.get(watched.phase, watched.phase)


def _bar(done: int, steps: int, width: int) -> Content:
    told = Content.styled(f" step {done:,} of {steps:,}", "$muted")
    room = max(4, width - told.cell_length)
    full = min(room, room * done // max(1, steps))
    return Content.assemble(("━" * full, "$primary"), ("─" * (room - full), "$faint")) + told


def _figures(watched: Watched, estimate: Estimate | None, width: int) -> list[Content]:
    step, memory = watched.step, _memory(watched.memory, estimate)
    if step is None:
        return [] if watched.memory is None else [Content.assemble(("memory   ", "$muted"), memory)]
    loss = "no number" if step.loss is None else f"{step.loss:.4f}"
    seen = watched.evaluated
    held_out = "-" if seen is None or seen.loss is None else f"{seen.loss:.4f} (step {seen.step:,})"
    rows = (
        ("loss", loss),
        ("rate", "-" if step.learning_rate is None else f"{step.learning_rate:.2e}"),
        ("tokens/s", "-" if step.tokens_per_second is None else f"{step.tokens_per_second:,.0f}"),
        ("held out", held_out),
        ("memory", memory),
        ("left", "-" if step.eta is None or watched.is_over else clock(step.eta)),
        ("saved", "-" if watched.checkpoint is None else f"step {watched.checkpoint:,}"),
    )
    columns = max(1, width // _FIGURE)
    cells = [set_width(Content.assemble((f"{name:<9}", "$muted"), value), _FIGURE) for name, value in rows]
    return [Content("").join(cells[at : at + columns]) for at in range(0, len(cells), columns)]


def _memory(held: int | None, estimate: Estimate | None) -> Content:
    """Return what is held, of what was reckoned before the start."""
    if held is None:
        return Content("-")
    if estimate is None:
        return Content(f"{held / GIB:.1f} GiB")
    told = f"{held / GIB:.1f} of ~{estimate.total / GIB:.1f} GiB"
    return Content.styled(told, "$warning" if held > estimate.total else "")
