"""What the compare screen looks like. Each docstring says what to look for when a picture has changed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from data.store import Dataset
from drt_tui.app import DrtApp
from drt_tui.screens.compare import CompareScreen
from tests.stubs.comparing import CompareBench, hold_out
from tests.stubs.scripted_contenders import ScriptedContender, lineup, thinking
from tests.stubs.session import OUTPUT, project, session

THOUGHT = (
    "I look at 발이 넓다: word for word it speaks of wide feet, yet nobody means feet here. "
    'I try "He has wide feet." An English reader sees feet, not friends. I settle on the reach of it.'
)
WARNING = "DRT model: The prompt differs from character 12 on: 'user' in training, 'system' here."
NOTE = "The sides answer one after the other: only one core is free."


@pytest.fixture
def held_out(tmp_path: Path) -> Iterator[Dataset]:
    with project(tmp_path / "comparing") as dataset:
        hold_out(dataset)
        yield dataset


def comparing(dataset: Dataset, **said: tuple[str, ...]) -> DrtApp:
    contenders = [
        ScriptedContender("backbone", "His feet are wide, so he knows many people.", kind="backbone"),
        thinking("backbone+drt", "Feet.", "He has wide feet.", kind="backbone", is_cut=True, tokens=640),
        thinking("DRT model", THOUGHT, OUTPUT, seconds=3.1, tokens=214),
    ]
    opened = session(dataset)
    screen = CompareScreen(opened, lineup(contenders, **said), chance=random.Random(4))
    return DrtApp(opened, opening=screen)


async def answered(pilot: Pilot[None]) -> None:
    assert isinstance(pilot.app, DrtApp)
    await CompareBench(pilot.app, pilot).answered()


def test_side_by_side(held_out, snap_compare):
    """Red words on top, the idiom marked, three frames; thoughts folded to a count, then what each answer took."""
    app = comparing(held_out, warnings=(WARNING,), notes=(NOTE,))
    assert snap_compare(app, terminal_size=(120, 30), run_before=answered)


def test_blind(held_out, snap_compare):
    """Numbers for names, translations alone; how to vote at the bottom; nothing cut at 80 columns."""

    async def blind(pilot: Pilot[None]) -> None:
        await answered(pilot)
        await pilot.press("b")
        await answered(pilot)

    assert snap_compare(comparing(held_out), terminal_size=(80, 24), run_before=blind)
