from __future__ import annotations

import pytest

from data.records import Finding, Status
from data.stats import Judged, StatRow, collect
from drt_tui.widgets.report_lines import report_lines
from tests.unit.data.stats.test_collect import candidate, decision, row, sentence
from tests.unit.data.stats.test_report import a_project


def text(rows: list[StatRow], width: int) -> str:
    return "\n".join(line.plain for line in report_lines(collect(rows), width))


def test_what_is_skewed_is_said_first() -> None:
    lines = text(a_project(), 80).splitlines()
    assert lines[0] == "Groups by initial, against the source file"
    assert lines[1].startswith("only ㄱ-ㄷ so far")
    assert any(line.startswith("ㄱ ━━━━━━━━━━ 30/30") for line in lines)
    assert any("ㅎ ────────── 0/30" in line for line in lines)


@pytest.mark.parametrize("width", [20, 38, 80, 129, 130, 160, 240])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    lines = report_lines(collect(a_project()), width)
    assert max(line.cell_length for line in lines) <= max(width, 50)


def test_every_figure_has_its_place() -> None:
    of = sentence("가마 1", 9)
    found = candidate(of, findings=(Finding(code="outside-voice", message="m"),))
    rows = [*a_project(), StatRow(of, Status.ACCEPTED, Judged(found, decision(of, "accept")))]
    wide = text(rows, 160)
    for told in (
        "Scores by step", "a refinement gains", "Decisions", "Reasons for rejection", "HTER of edited outputs",
        "per kept row", "Findings", "outside-voice", "source, characters", "Annotators", "kim",
    ):  # fmt: skip
        assert told in wide, told


def test_an_empty_project_says_so() -> None:
    assert "none yet" in text([], 80)


def test_what_others_wrote_is_shown_and_never_read() -> None:
    rows = [row("[/INST]\x1b[2J", Status.REJECTED, kind="reject", reasons=("[bold]\x07",))]
    shown = text(rows, 80)
    assert "[bold]<U+0007>" in shown
    assert "\x1b" not in shown
