"""Trainings in a list, one of them in detail, and two of them side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from textual.content import Content

from drt_tui.training.form import GROUPS, default_of, written
from drt_tui.training.words import clock
from drt_tui.widgets.check_lines import brief_check_lines
from drt_tui.widgets.sheet import hang, plain, set_width
from drt_tui.widgets.watched_lines import COLOURS, SIGNS, result_lines
from train.doctor.check import failed
from train.machine import GIB
from train.report import TrainReport
from train.run.observe import Run

_NAME = 30
_NARROWEST, _WIDEST, _BESIDE = 20, 44, 50
"""Widths of a run's name in the list, and what is left for the rest."""
_STATUS = 16
_LABEL = 12
_SAME = "-"


@dataclass(frozen=True, slots=True)
class Training:
    """A run with its report, where it has one, and what was written about it."""

    run: Run
    report: TrainReport | None
    notes: str


def training_line(training: Training, *, is_marked: bool, width: int) -> Content:
    """Return a run in one line: its name, what has become of it, how well its answers are tagged."""
    run, report = training.run, training.report
    line = Content.styled("* " if is_marked else "  ", "bold $accent")
    line += set_width(plain(run.id), max(_NARROWEST, min(_WIDEST, width - _BESIDE))) + " "
    line += set_width(_status(run, report), _STATUS)
    told: list[str] = []
    if report is not None and report.tag_rate.drt is not None:
        told.append(f"tags {report.tag_rate.drt:.0%}")
    if report is not None and report.loss is not None:
        told.append(f"loss {report.loss[0]:.2f} → {report.loss[1]:.2f}")
    if run.state is not None:
        told.append(f"{run.state.rows:,} rows")
        told += [name.replace("_", " ") for name in GROUPS["baselines"] if getattr(run.state.settings, name)]
    line += Content.styled("  ".join(told), "$muted")
    first_note = training.notes.partition("\n")[0]
    if first_note:
        line += "  " + plain(first_note, "italic $muted")
    return line.truncate(width, ellipsis=True)


def training_lines(training: Training, width: int) -> list[Content]:
    """Return all that is known of a run: its result, its checks, how it was made, and the notes."""
    run, report, state = training.run, training.report, training.run.state
    lines = [*result_lines(run, report, None, width), Content()]
    if report is not None:
        lines += [*brief_check_lines(report.findings, width), Content()]
    facts: list[tuple[str, str]] = []
    if report is not None and report.tags.drt is not None:
        facts.append(("model", report.tags.drt.words()))
    if report is not None and report.tags.backbone is not None:
        facts.append(("backbone", report.tags.backbone.words()))
    if report is not None:
        peak = "" if report.peak_memory is None else f", {report.peak_memory / GIB:.1f} GiB at most"
        facts.append(("took", f"{report.steps:,} steps, {clock(report.seconds)}{peak}"))
    if state is not None:
        facts += [
            ("trained", f"{state.settings.backbone} with {state.plan.engine}, {state.plan.method}, {state.plan.dtype}, on {state.plan.device}"),
            ("rows", f"{state.rows:,} trained, {state.valid_rows:,} held out"),
            ("dataset", state.dataset),
            ("format", state.format_fingerprint),
            ("chosen", _chosen(run)),
        ]  # fmt: skip
    facts.append(("notes", training.notes or "none; m writes some"))
    for name, fact in facts:
        lines += hang(Content.styled(name, "$muted"), plain(fact), width, indent=_LABEL)
    return lines


def difference_lines(
    runs: tuple[Run, Run], differences: Mapping[str, tuple[Any, ...]], width: int
) -> list[Content]:
    """Return what two runs differ in, a line for each, with the value of either."""
    room = max(10, (width - _NAME) // 2)
    if not differences:
        return [Content.styled("They differ in nothing: same rows, settings and versions.", "$muted")]
    lines = [_three(Content(), *(plain(run.id, "bold") for run in runs), room=room)]
    for name, values in differences.items():
        label = Content.styled(name.removeprefix("settings."), "$muted")
        lines += _beside(label, [plain(written(value)) for value in values], room)
    return lines


def _status(run: Run, report: TrainReport | None) -> Content:
    """Return what has become of a run; one that ended, yet failed a check, is not simply done."""
    wrong = failed(report.findings) if report is not None else ()
    if wrong:
        return Content.styled(f"✗ {wrong[0].id} failed", "$error")
    return Content.styled(f"{SIGNS[run.status]} {run.status}", COLOURS[run.status])


def _beside(label: Content, values: Iterable[Content], room: int) -> list[Content]:
    columns = [value.wrap(room - 2) or [Content(_SAME)] for value in values]
    height = max(len(column) for column in columns)
    blank = Content()
    return [
        _three(
            label if line == 0 else blank,
            *(column[line] if line < len(column) else blank for column in columns),
            room=room,
        )
        for line in range(height)
    ]


def _three(label: Content, first: Content, second: Content, *, room: int) -> Content:
    return set_width(label, _NAME) + set_width(first, room) + second.truncate(room, ellipsis=True)


def _chosen(run: Run) -> str:
    """Return the settings that are not the defaults."""
    assert run.state is not None
    settings = run.state.settings
    changed = [
        f"{name} = {written(getattr(settings, name))}"
        for names in GROUPS.values()
        for name in names
        if getattr(settings, name) != default_of(name)
    ]
    return ", ".join(changed) or "the defaults"
