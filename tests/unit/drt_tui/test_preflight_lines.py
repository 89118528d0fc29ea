"""The report before a run: nothing is lost in the histogram, and what was refused is named."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format
from drt_tui.widgets.preflight_lines import Examined, histogram_lines, preflight_lines
from tests.stubs.machines import LAPTOP
from tests.stubs.short_rows import short_items
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.prepare import preflight
from train.rows import Refused
from train.selection import divide
from train.settings import TrainSettings


@pytest.fixture(scope="module")
def examined(tmp_path_factory):
    pytest.importorskip("tokenizers")
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("tiny")
    settings = TrainSettings(backbone=str(write_tiny_backbone(folder / "tiny")), engine="trl")
    selection = divide([(item, None) for item in short_items(12)], 0.2, 0)
    return Examined.of(preflight(selection, settings, Format("ko", "en"), folder, machine=LAPTOP))


def text(examined, width=100):
    lines = preflight_lines(examined, lambda row: f"source of {row}")(width)
    assert all(part.cell_length <= width for line in lines for part in line.split("\n"))
    return " ".join("\n".join(line.plain for line in lines).split())


def reported(examined, **changes):
    report = examined.prepared.report.model_copy(update=changes)
    return replace(examined, prepared=replace(examined.prepared, report=report))


@given(st.lists(st.integers(1, 200_000), min_size=1, max_size=300), st.integers(40, 160))
def test_every_row_is_in_one_bar_of_the_histogram(lengths, width):
    lines = histogram_lines(lengths, width)
    assert 1 <= len(lines) <= 8
    assert all(line.cell_length <= width for line in lines)
    found = [re.fullmatch(r" *([\d,]+) to +([\d,]+) ▇* ([\d,]+)", line.plain) for line in lines]
    bars = [tuple(int(part.replace(",", "")) for part in match.groups()) for match in found if match]
    assert len(bars) == len(lines)
    assert all(sum(start <= each <= end for each in lengths) == count for start, end, count in bars)
    assert sum(count for _, _, count in bars) == len(lengths)


def test_several_gpus_are_started_by_a_command_that_is_shown(examined):
    plan = examined.prepared.report.plan
    launch = ("python", "-P", "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2")
    assert "accelerate" not in text(examined)
    told = text(reported(examined, plan=plan.model_copy(update={"command": launch})))
    assert "command python -P -m accelerate.commands.launch --multi_gpu --num_processes 2" in told


def test_many_refused_rows_are_named_up_to_a_point_and_counted(examined):
    refused = tuple(
        Refused(f"r{number}", "B3", "9,999 tokens, the limit is 64", 9999) for number in range(40)
    )
    told = text(reported(examined, refused=refused, suggested_length=10_112))
    assert "40 refused; none is cut" in told
    assert "With max_length 10,112 no row is too long." in told
    assert "source of r11" in told
    assert "r12" not in told
    assert "and 28 more" in told


@pytest.mark.parametrize("width", [40, 80, 160])
def test_no_line_is_wider_than_its_pane(examined, width):
    hostile = Refused("[/b]", "B1", "the output holds the tag <output>\x1b[31m" * 9)
    text(reported(examined, refused=(hostile,)), width)


def test_an_earlier_run_tells_how_long_this_one_takes(examined):
    assert "about 20 min for the steps" in text(reported(examined, expected_seconds=1200.0))
    assert "not known" in text(reported(examined, expected_seconds=None))
