"""What preflights, runs and events say in plain lines."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from data.format import Format
from drt_tui.training.words import clock, line_of, preflight_text, run_line
from tests.stubs.machines import GPU_BOX, LAPTOP
from tests.stubs.run_states import state
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.doctor.check import Check
from train.prepare import Preflight, preflight
from train.rows import Item
from train.run import events
from train.run.checkpoints import Checkpoint
from train.run.folder import RunFolder
from train.run.observe import Run
from train.run.state import Problem
from train.selection import divide
from train.settings import TrainSettings
from train.tags import TagRate

pytest.importorskip("tokenizers")

SAID = [
    (events.Started(engine="trl", versions={}, max_steps=900, resumed_from=1200), "from step 1,200"),
    (events.PhaseBegun(phase="loading"), "loading …"),
    (
        events.Checked(check=Check("A1", "fail", "Nothing loads.", "Train again.")),
        "Nothing loads. Train again.",
    ),
    (events.Stepped(step=3, max_steps=9, loss=None, eta=7300), "step 3 of 9 · 2 h 02 min left"),
    (events.Evaluated(step=3, loss=None), "no number"),
    (events.Probed(step=3, opening=0.5, ending=0.25, rate=TagRate(items=2, tagged=1)), "with all tags 1"),
    (events.CheckpointSaved(step=3), "checkpoint at step 3"),
    (events.Warned(message="so plain TRL trains"), "so plain TRL trains"),
    (
        events.Failed(problem=Problem(kind="error", message="The disk is full.", hint="Free some.")),
        "Free some.",
    ),
    (events.Ended(status="done"), "done"),
]


def report(tmp_path: Path, *, machine=LAPTOP, output: str = "He", **settings: object) -> Preflight:
    backbone = str(write_tiny_backbone(tmp_path / "tiny"))
    items = [Item(str(n), f"그는 {n}번", "I think", output, group=f"idiom {n % 9}") for n in range(20)]
    chosen = TrainSettings.model_validate({"backbone": backbone, "engine": "trl"} | settings)
    selection = divide([(item, None) for item in items], 0.2, 0)
    return preflight(selection, chosen, Format("ko", "en"), tmp_path, machine=machine).report


def test_every_kind_of_event_has_its_words() -> None:
    assert {type(event) for event, _ in SAID} == set(get_args(get_args(events.AnyEvent)[0]))
    for event, words in SAID:
        assert words in line_of(event)


def test_a_preflight_shows_a_row_with_its_mask_and_every_check(tmp_path: Path) -> None:
    text = preflight_text(report(tmp_path))
    assert "  | <|im_start|>system" in text
    assert "  + <thought>" in text
    for id in ("B1", "B5", "B9"):
        assert f"pass  {id}  " in text
    assert "train.worker RUN" in text


def test_what_a_row_holds_cannot_recolour_the_terminal(tmp_path: Path) -> None:
    text = preflight_text(report(tmp_path, output="\x1b[31mHe"))
    assert "\x1b" not in text
    assert "<U+001B>[31mHe" in text


def test_long_rows_are_named_with_their_length(tmp_path: Path) -> None:
    text = preflight_text(report(tmp_path, max_length=64))
    assert "20 rows: " in text
    assert "the limit is 64; 10 more" in text


def test_memory_on_a_gpu_is_called_an_estimate(tmp_path: Path) -> None:
    assert "nobody measured it on a GPU" in preflight_text(report(tmp_path, machine=GPU_BOX))
    assert "nobody measured it" not in preflight_text(report(tmp_path))


def test_a_run_in_the_list_says_how_it_goes_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "001-trl-built-in")
    crashed = Run(folder, "crashed", state(), checkpoint=Checkpoint(40, tmp_path))
    assert "can go on from step 40" in run_line(crashed)
    assert "damaged" in run_line(Run(folder, "unreadable", None, "run.json is damaged"))


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.4, "0 s"), (89, "89 s"), (95, "2 min"), (7300, "2 h 02 min")]
)
def test_time_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert clock(seconds) == said
