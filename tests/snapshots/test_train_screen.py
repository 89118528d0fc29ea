"""What the Train screen looks like. Each docstring says what to look for when a picture has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from data.records import Decision
from tests.stubs.machines import INSTALLED, LAPTOP
from tests.stubs.session import candidate, project, sentence
from tests.stubs.tiny_backbone import write_tiny_backbone
from tests.stubs.trainings import record, write_report, write_run
from train.doctor.check import Check
from train.machine import GIB
from train.run.state import Problem

pytest.importorskip("tokenizers")

SMALL, LARGE = (80, 24), (160, 50)
SETTINGS = {"backbone": "./tiny", "engine": "trl", "max_length": 4096, "valid": 0.25}
CHECKS = tuple(Check(name, "pass", "fine") for name in ("B1", "B4", "D1", "D2", "A1", "A2", "A3"))
WARNED = Check(
    "B6",
    "warn",
    "3 idioms are in training and held out: held-out results will look too good.",
    "Split by idiom: drt-tui split",
)


@pytest.fixture(autouse=True)
def _laptop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The same machine, disk and backbone every time."""
    write_tiny_backbone(tmp_path / "tiny")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("train.prepare.this_machine", lambda: LAPTOP)
    monkeypatch.setattr("train.prepare.installed", INSTALLED.get)
    monkeypatch.setattr("train.prepare.disk_free", lambda folder: 100 * GIB)


@pytest.fixture
def dataset(tmp_path):
    """Four accepted sentences."""
    with project(tmp_path / "project") as opened:
        for number in range(4):
            one = sentence(number)
            opened.add_sentences([one])
            opened.add_candidate(candidate(one, f"C{number}"))
            accepted = Decision(
                id=f"D{number}", sentence=one.id, candidate=f"C{number}", kind="accept", by="kim"
            )
            opened.decide(accepted)
        yield opened


async def shows(pilot: Pilot[None], *words: str) -> None:
    """Wait until the terminal shows these words, and nothing is left to be painted."""
    while not all(word in text_of(pilot) for word in words):
        await pilot.pause(0.02)
    await pilot.pause()


def text_of(pilot: Pilot[None]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


async def examined(pilot: Pilot[None]) -> None:
    """Prepare a run, and wait for its preflight."""
    await pilot.press("w")
    await shows(pilot, "rows to train")


async def drawn(pilot: Pilot[None]) -> None:
    """Open the newest run, and wait until its loss is drawn."""
    await pilot.press("w")
    await shows(pilot, "tags 95%")
    await pilot.press("enter")
    await shows(pilot, "xx held out", "D3", "step 16 of 16")


def test_a_new_run(app, snap_compare):
    """Form and report side by side; chosen values are starred and bold, open ones say what they become."""
    assert snap_compare(app(train=SETTINGS), terminal_size=LARGE, run_before=examined)


def test_a_new_run_small(app, snap_compare):
    """The form alone, with the reason of the setting under the cursor and the verdict at the bottom."""
    assert snap_compare(app(train=SETTINGS), terminal_size=SMALL, run_before=examined)


def test_a_row_with_its_mask(app, snap_compare):
    """What has loss is underlined, prompt and control tokens are not; the legend says so."""

    async def row(pilot: Pilot[None]) -> None:
        await examined(pilot)
        await pilot.press("right_square_bracket")
        await shows(pilot, "row 2 of 4", "<thought>")

    assert snap_compare(app(train=SETTINGS), terminal_size=SMALL, run_before=row)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["small", "large"])
def test_a_run(app, dataset, snap_compare, size):
    """Result, bar, figures; the loss a line and the held-out loss crosses; checks with what to do; answers."""
    folder = write_run(dataset.folder.runs)
    record(folder)
    write_report(folder, WARNED, *CHECKS)
    assert snap_compare(app(train=SETTINGS), terminal_size=size, run_before=drawn)


def test_all_runs(app, dataset, snap_compare):
    """One line a run with a sign for its status; below, the result of the one under the cursor in words."""
    runs = dataset.folder.runs
    write_report(write_run(runs, "001-trl-built-in"), WARNED, *CHECKS)
    problem = Problem(kind="out-of-memory", message="Memory ran out.", hint="Set batch = 1.")
    write_run(runs, "002-trl-built-in", status="failed", problem=problem, outputs_only=True)
    write_run(runs, "003-unsloth-qwen2.5-7b-instruct", version=99)
    failed = write_run(runs, "004-trl-built-in")
    write_report(failed, Check("A4", "fail", "Tags in 40% only.", "Train longer (epochs)."), *CHECKS)
    failed.notes.write_text("하나 더 with a lower rate", encoding="utf-8")

    async def listed(pilot: Pilot[None]) -> None:
        await pilot.press("w")
        await shows(pilot, "A4 failed: tags in 95%", "Tags in 40% only.")

    assert snap_compare(app(train=SETTINGS), terminal_size=SMALL, run_before=listed)
