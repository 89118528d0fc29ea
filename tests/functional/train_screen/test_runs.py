"""All runs of a project: what came of them, and what can be done with them."""

from __future__ import annotations

import subprocess
import sys

from drt_tui.screens.train import TrainScreen
from drt_tui.screens.train_differences import DifferencesScreen
from drt_tui.screens.train_run import RunScreen
from drt_tui.screens.train_setup import SetupScreen
from tests.functional.train_screen.walking import opened
from tests.stubs.checkpoints import write_checkpoint
from tests.stubs.command_line import drt_tui
from tests.stubs.trainings import record, write_report, write_run
from train.doctor.check import Check
from train.run.state import Problem


async def test_the_result_is_read_in_words(reviewing, settings, runs):
    good = write_run(runs, "001-trl-built-in")
    record(good)
    write_report(good, Check("A1", "pass", "fine"))
    bad = write_run(runs, "002-trl-built-in")
    record(bad)
    write_report(bad, Check("A4", "fail", "Tags in 40% only.", "Train longer."))
    async with reviewing(train=settings, size=(160, 50)) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "A4 failed: tags in 95% of held-out answers" in bench.text)
        assert "✗ A4 Tags in 40% only." in bench.text
        assert "→ Train longer." in bench.text
        await bench.press("down")
        await bench.until(lambda: "✓ tags in 95% of held-out answers; backbone 0%" in bench.text)
        assert "0123" in bench.text, "the dataset's fingerprint"
        await bench.press("enter")
        await bench.until(lambda: isinstance(bench.app.screen, RunScreen) and "tags in 95%" in bench.text)


async def test_runs_that_went_wrong_say_so_and_what_to_do(reviewing, settings, runs):
    write_run(runs, "001-crashed", status="running", pid=2**30, process_started=1.0)
    problem = Problem(kind="out-of-memory", message="Memory ran out.", hint="Set batch = 1.")
    write_checkpoint(write_run(runs, "002-starved", status="failed", problem=problem), 8)
    write_run(runs, "003-newer", version=99)
    (runs / "004-damaged").mkdir()
    (runs / "004-damaged" / "run.json").write_text("{", encoding="utf-8")
    told = {
        "004": "is damaged",
        "003": "made by a newer version of drt-tui. pip install -U drt-tui",
        "002": "out of memory: Memory ran out. Set batch = 1. r goes on from the checkpoint of step 8.",
        "001": "The worker ended without a word.",
    }
    async with reviewing(train=settings, size=(160, 40)) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "crashed" in bench.text)
        for number, words in told.items():
            said = " ".join(bench.text.split())
            assert words in said, number
            await bench.press("down")


async def test_a_run_of_a_newer_version_is_not_opened_and_can_be_deleted(reviewing, settings, runs):
    folder = write_run(runs, "001-newer", version=99)
    async with reviewing(train=settings, size=(100, 30)) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "unreadable" in bench.text)
        await bench.press("enter", "r", "x", "K", "c", "a", "d")
        await bench.until(lambda: "newer version" in bench.text)
        assert isinstance(bench.app.screen, TrainScreen)
    assert folder.root.exists()


async def test_two_runs_are_told_apart(reviewing, settings, runs):
    write_run(runs, "001-first", epochs=2)
    write_run(runs, "002-second", epochs=5, dataset="4567")
    async with reviewing(train=settings, size=(120, 40)) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "002-second" in bench.text)
        await bench.press("space", "space", "d")
        await bench.until(lambda: isinstance(bench.app.screen, DifferencesScreen))
        lines = {
            line.split("│")[1].split()[0]: line.split()
            for line in bench.text.splitlines()
            if "│" in line and line.split("│")[1].split()
        }
        assert lines["epochs"][2:4] == ["5", "2"] or lines["epochs"][1:3] == ["5", "2"]
        assert "4567" in bench.text
        assert "learning_rate" not in bench.text, "what is the same is left out"


async def test_notes_are_kept_in_the_runs_folder(reviewing, settings, runs):
    folder = write_run(runs)
    async with reviewing(train=settings, size=(100, 30)) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "001-trl-built-in" in bench.text)
        await bench.press("m", *"좋다 [/b]", "ctrl+s")
        await bench.until(lambda: "좋다 [/b]" in bench.text)
        assert folder.notes.read_text(encoding="utf-8") == "좋다 [/b]\n"
        await bench.press("m", *"x", "escape")
        assert folder.notes.read_text(encoding="utf-8") == "좋다 [/b]\n"


async def test_all_that_is_known_of_a_run_can_be_read_on_a_small_terminal(reviewing, settings, runs):
    folder = write_run(runs)
    write_report(folder, *(Check(f"A{number}", "warn", "odd", "look") for number in range(1, 7)))
    async with reviewing(train=settings) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "tags in 95%" in bench.text)
        assert "notes" not in bench.text.rpartition("\n")[0]
        await bench.press("pagedown", "pagedown")
        await bench.until(lambda: "none; m writes some" in bench.text)


async def test_again_takes_over_the_settings_of_a_run(reviewing, settings, runs, tiny):
    write_run(runs, backbone=str(tiny), epochs=7)
    async with reviewing(train=settings, size=(100, 30)) as bench:
        await opened(bench, TrainScreen)
        await bench.until(lambda: "001-trl-built-in" in bench.text)
        await bench.press("a")
        await bench.until(lambda: isinstance(bench.app.screen, SetupScreen))
        assert bench.app.screen._settings.epochs == 7


async def test_a_trained_model_is_handed_to_the_comparison(reviewing, settings, runs):
    folder = write_run(runs)
    async with reviewing(train=settings, size=(100, 30)) as bench:
        asked = []
        bench.app._compare = asked.append
        await opened(bench, TrainScreen)
        await bench.until(lambda: "001-trl-built-in" in bench.text)
        await bench.press("c")
        assert "nothing was learned yet" in bench.text
        folder.adapter.mkdir()
        await bench.press("c")
        await bench.until(lambda: asked)
        assert [run.root for run in asked] == [folder.root]


def test_the_app_starts_without_what_trains_and_what_plots():
    code = (
        "import sys, drt_tui.app, drt_tui.screens.train, drt_tui.screens.train_run, drt_tui.screens.train_setup; "
        "print([name for name in ('torch', 'transformers', 'plotext', 'textual_plotext') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_the_screen_needs_a_terminal(tmp_path):
    ended = drt_tui("train", "--screen", "--project", tmp_path / "project")
    assert ended.code == 2
    assert "--screen needs a terminal" in ended.err
    assert not (tmp_path / "project").exists()
