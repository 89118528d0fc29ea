"""A run that goes on: started, watched, stopped, resumed, left and found again."""

from __future__ import annotations

import time

from drt_tui.screens.review import ReviewScreen
from drt_tui.screens.train import TrainScreen
from drt_tui.screens.train_run import RunScreen
from tests.functional.train_screen.conftest import HOSTILE
from tests.functional.train_screen.walking import examined, opened
from tests.stubs.trainings import record, write_living, write_preflight
from train.doctor.check import Check
from train.machine import GIB
from train.run.events import (
    Checked,
    CheckpointSaved,
    Evaluated,
    PhaseBegun,
    Probed,
    Started,
    Stepped,
)
from train.run.heartbeat import Beat
from train.run.observe import observe, observe_all
from train.tags import Sample, TagRate

STARTED = Started(engine="trl", versions={}, max_steps=16)


async def test_a_run_is_started_stopped_resumed_left_and_found_again(reviewing, settings, runs):
    async with reviewing(train=settings, size=(100, 30)) as bench:
        await examined(bench)
        await bench.press("s")
        await bench.until(lambda: isinstance(bench.app.screen, RunScreen))
        [run] = observe_all(runs)
        assert run.status == "running"
        await bench.until(lambda: "training" in bench.text)

        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, TrainScreen))
        await bench.until(lambda: "▶ running" in bench.text)
        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, ReviewScreen))
        await opened(bench, RunScreen)

        await bench.press("x", "enter")
        await bench.until(lambda: "stopped" in bench.text and observe(run.folder).status == "stopped")
        await bench.press("r")
        await bench.until(lambda: observe(run.folder).status == "running")
        state = observe(run.folder).state
        assert state is not None
        assert state.resumed_from == 5
        await bench.until(lambda: "it goes on" in bench.text)
    assert observe(run.folder).status == "running", "closing the app ends no run"

    async with reviewing(train=settings) as bench:
        await opened(bench, RunScreen)
        await bench.press("x", *"discard", "enter")
        await bench.until(lambda: "stopped" in bench.text)
        await bench.press("D", *"no", "enter")
        assert run.folder.root.exists()
        await bench.press("D", *"yes", "enter")
        await bench.until(lambda: isinstance(bench.app.screen, TrainScreen))
        await bench.until(lambda: "No run yet" in bench.text)
    assert not run.folder.root.exists()


async def test_a_worker_that_hangs_is_named_and_ended(reviewing, settings, runs):
    async with reviewing(train=settings, size=(100, 30)) as bench:
        await examined(bench)
        await bench.press("s")
        await bench.until(lambda: isinstance(bench.app.screen, RunScreen) and "training" in bench.text)
        [run] = observe_all(runs)
        await bench.press("K", *"yes", "enter")
        await bench.until(lambda: "crashed: The worker ended without a word." in bench.text)
    assert observe(run.folder).status == "crashed"


async def test_a_worker_that_was_silent_for_long_is_named(reviewing, settings, runs):
    folder = write_living(runs)
    folder.heartbeat.write_text('{"at": 1000.0, "used": 1, "available": 100}')
    async with reviewing(train=settings) as bench:
        await opened(bench, RunScreen)
        await bench.until(lambda: "no sign of life" in bench.text)
        assert "K ends it" in bench.text


async def test_a_recorded_run_is_shown_with_its_figures_its_checks_and_its_answers(reviewing, settings, runs):
    record(write_living(runs))
    async with reviewing(train=settings, size=(160, 50)) as bench:
        await opened(bench, RunScreen)
        await bench.until(lambda: "step 16 of 16" in bench.text and "held out" in bench.text)
        for word in ("loss", "rate", "tokens/s", "memory", "GiB", "left", "saved"):
            assert word in bench.text
        assert "D1" in bench.text
        assert "p(first tag)" in bench.text
        assert "of 2 answers: opened" in bench.text
        await bench.until(lambda: "⢕⢕ loss" in bench.text or "xx held out" in bench.text)


async def test_what_the_worker_says_is_taken_in_as_it_comes(reviewing, settings, runs):
    folder = write_living(runs)
    record(folder, [STARTED, PhaseBegun(phase="loading")])
    async with reviewing(train=settings, size=(100, 40)) as bench:
        await opened(bench, RunScreen)
        await bench.until(lambda: "loading the backbone" in bench.text)
        record(folder, [PhaseBegun(phase="training"), step(1, 2.5), step(2, 2.25)])
        await bench.until(lambda: "2.2500" in bench.text and "step 2 of 16" in bench.text)
        record(
            folder,
            [
                Evaluated(step=2, loss=2.75),
                Checked(check=Check("D2", "warn", "The loss does not fall.", "Raise learning_rate.")),
                CheckpointSaved(step=2),
            ],
        )
        await bench.until(lambda: "2.7500 (step 2)" in bench.text)
        assert "answering held-out prompts" in bench.text
        folder.stop.write_text("save", encoding="utf-8")
        await bench.until(lambda: "It stops after the step that is under way." in bench.text)
        await bench.until(lambda: "D2 The loss does not fall." in bench.text)
        assert "Raise learning_rate." in bench.text
        assert "step 2" in bench.text


async def test_a_line_that_is_half_written_is_waited_for(reviewing, settings, runs):
    folder = write_living(runs)
    record(folder, [STARTED, step(1, 2.5)])
    line = step(2, 2.25).model_dump_json().encode() + b"\n"
    async with reviewing(train=settings) as bench:
        await opened(bench, RunScreen)
        await bench.until(lambda: "2.5000" in bench.text)
        with folder.events.open("ab") as file:
            file.write(line[:20])
        await bench.pilot.pause(0.3)
        assert "2.5000" in bench.text
        with folder.events.open("ab") as file:
            file.write(line[20:])
        await bench.until(lambda: "2.2500" in bench.text)


async def test_hostile_answers_are_shown_as_they_are_and_judged(reviewing, settings, runs, dataset):
    known = dataset.ids()[0]
    samples = (
        Sample(id=known, answer=f"<thought>\n{HOSTILE}\n</thought>", tokens=9, cut=True),
        Sample(
            id="[/nobody]", answer="<thought>\na\n</thought>\n<output>\nb\n</output>", tokens=9, cut=False
        ),
    )
    folder = write_living(runs)
    probed = Probed(step=4, opening=0.5, ending=0.25, rate=TagRate(items=2, opened=2), samples=samples)
    record(folder, [STARTED, probed])
    async with reviewing(train=settings, size=(160, 50)) as bench:
        await opened(bench, RunScreen)
        await bench.until(lambda: "p(first tag) 0.50" in bench.text)
        assert "그는 발이 넓어서 아는 사람이 많다." in bench.text
        assert "✗ no-output, no end" in bench.text
        assert "✓ well formed" in bench.text
        assert "[bold red]x[/] [/INST]" in bench.text
        assert "[/nobody]" in bench.text
        assert "\x1b" not in bench.text
        assert "\u202e" not in bench.text


def step(number, loss):
    return Stepped(step=number, max_steps=16, loss=loss, learning_rate=1e-4, tokens_per_second=80.0, eta=60.0)


async def test_memory_is_told_beside_its_estimate_also_between_the_steps(reviewing, settings, runs):
    folder = write_living(runs)
    write_preflight(folder, weights=2 * GIB)
    record(folder, [STARTED, PhaseBegun(phase="loading")])
    async with reviewing(train=settings, size=(100, 30)) as bench:
        await opened(bench, RunScreen)
        await bench.until(lambda: "loading the backbone" in bench.text)
        beat(folder, used=1.5 * GIB)
        await bench.until(lambda: "memory   1.5 of ~2.0 GiB" in bench.text)
        record(folder, [PhaseBegun(phase="training"), step(1, 2.5)])
        beat(folder, used=2.3 * GIB)
        await bench.until(lambda: "2.3 of ~2.0 GiB" in bench.text and "2.5000" in bench.text)


def beat(folder, *, used):
    """Let the worker say what it holds."""
    folder.heartbeat.write_text(Beat(at=time.time(), used=int(used), available=GIB).model_dump_json())
