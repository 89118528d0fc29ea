"""The Train screen: what would be trained, a run as it goes on, and what can be done with runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from data.records import Decision
from drt_tui.app import DrtApp
from drt_tui.screens.review import ReviewScreen
from drt_tui.screens.train import TrainScreen
from drt_tui.screens.train_differences import DifferencesScreen
from drt_tui.screens.train_run import RunScreen
from drt_tui.screens.train_setup import SetupScreen
from tests.stubs import fake_worker
from tests.stubs.checkpoints import write_checkpoint
from tests.stubs.command_line import drt_tui
from tests.stubs.machines import GPU_BOX, INSTALLED, LAPTOP
from tests.stubs.session import candidate, project, sentence
from tests.stubs.tiny_backbone import write_tiny_backbone
from tests.stubs.trainings import record, write_living, write_report, write_run
from train.doctor.check import Check
from train.run.control import kill
from train.run.events import (
    Checked,
    CheckpointSaved,
    Evaluated,
    PhaseBegun,
    Probed,
    Started,
    Stepped,
)
from train.run.observe import observe, observe_all
from train.run.state import Problem
from train.tags import Sample, TagRate

pytest.importorskip("tokenizers")

HOSTILE = "[bold red]x[/] [/INST] \x1b[31mred\x1b[0m \u202eleft [@click=app.quit()]y[/]"
STARTED = Started(engine="trl", versions={}, max_steps=16)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    return write_tiny_backbone(tmp_path_factory.mktemp("tiny") / "tiny")


def accept(dataset, of, number):
    dataset.add_candidate(candidate(of, f"C{number}"))
    dataset.decide(Decision(id=f"D{number}", sentence=of.id, candidate=f"C{number}", kind="accept", by="kim"))


@pytest.fixture
def dataset(tmp_path):
    """Four accepted sentences of four idioms, and one that is not judged."""
    with project(tmp_path / "project") as opened:
        sentences = [sentence(number) for number in range(5)]
        opened.add_sentences(sentences)
        for number, one in enumerate(sentences[:4]):
            accept(opened, one, number)
        opened.add_candidate(candidate(sentences[4], "C9"))
        yield opened


@pytest.fixture
def runs(dataset):
    yield dataset.folder.runs
    for run in observe_all(dataset.folder.runs):
        if run.state is not None and run.state.pgid is not None:
            kill(run.folder)


@pytest.fixture
def settings(tiny):
    """What the tiny backbone needs, whose tokens are bytes."""
    return {"backbone": str(tiny), "engine": "trl", "max_length": 4096, "valid": 0.25}


@pytest.fixture(autouse=True)
def _laptop(monkeypatch):
    """A machine without a GPU, on which training is installed and its worker only pretends to train."""
    equip(monkeypatch, LAPTOP, INSTALLED)
    command = (sys.executable, "-P", str(Path(fake_worker.__file__)), "until stopped")
    monkeypatch.setattr("train.plan._command", lambda gpus: command)


def equip(monkeypatch, machine, installed):
    monkeypatch.setattr("train.prepare.this_machine", lambda: machine)
    monkeypatch.setattr("train.prepare.installed", installed.get)


async def opened(bench, screen=SetupScreen):
    await bench.press("w")
    await bench.until(lambda: isinstance(bench.app.screen, screen))


async def examined(bench):
    """Open the form, and wait for its preflight."""
    await opened(bench)
    await bench.until(lambda: "looking at" not in bench.text)


async def set_to(bench, name, value):
    """Go to a setting that is typed, and type a value."""
    bench.app.screen.form.highlighted = bench.app.screen.form.get_option_index(name)
    await bench.press("enter", "ctrl+u", *value, "enter")


def words(bench):
    """What is on the terminal as one line, so that it does not matter where lines are broken."""
    return " ".join(bench.text.split())


def underlined(bench):
    """The underlined part of what is on the terminal, a line a line."""
    strips = bench.app.screen._compositor.render_strips()
    texts = ("".join(part.text for part in strip if part.style and part.style.underline) for strip in strips)
    return "\n".join(text for text in texts if text.strip())


# before the start


async def test_what_would_be_trained_is_shown_before_anything_is_started(reviewing, settings, runs):
    async with reviewing(train=settings, size=(160, 100)) as bench:
        await examined(bench)
        assert "4 accepted" in bench.text
        assert "3 trained, 1 held out, 0 refused" in bench.text
        assert "there is no NVIDIA GPU" in bench.text
        assert all(f"B{number}" in bench.text for number in range(1, 10))
        assert "GiB free" in bench.text
        assert "no earlier run was like this one" in bench.text
        assert "3 idioms, 1 to 1 rows each" in bench.text
        assert "▇" in bench.text
        assert "auto → 0.0002" in bench.text, "what the plan made of an open setting stands beside it"
    assert not runs.exists()


async def test_the_loss_mask_is_seen_without_colour(reviewing, settings, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with reviewing(train=settings) as bench:
        await examined(bench)
        await bench.press("right_square_bracket")
        await bench.until(lambda: "<|im_start|>user" in bench.text)
        read = bench.text
        assert "<|im_start|>" not in underlined(bench)
        assert "Please translate" in read
        bench.app.screen.scroll.scroll_end(animate=False)
        await bench.until(lambda: "</output><|im_end|>" in bench.text)
        assert "</output><|im_end|>" in underlined(bench), "the end token has loss as well"
        assert "Please translate" not in underlined(bench)


async def test_rows_are_looked_at_one_after_the_other(reviewing, settings):
    async with reviewing(train=settings) as bench:
        await examined(bench)
        await bench.press("right_square_bracket")
        await bench.until(lambda: "row 2 of 4 · trained" in bench.text)
        await bench.press("left_square_bracket", "left_square_bracket")
        await bench.until(lambda: "row 4 of 4 · held out" in bench.text)


async def test_a_choice_goes_round_and_the_reason_stands_below(reviewing, settings):
    async with reviewing(train=settings) as bench:
        await examined(bench)
        await bench.press("down")
        assert "Unsloth where it can use a GPU" in bench.text
        await bench.press("enter")
        await bench.until(lambda: "auto → trl" in bench.text)
        await bench.press("enter", "enter")
        await bench.until(lambda: bench.app.screen._settings.engine == "trl")


async def test_a_value_that_cannot_be_is_refused_in_words_and_can_be_mended(reviewing, settings):
    async with reviewing(train=settings) as bench:
        await examined(bench)
        await set_to(bench, "learning_rate", "-1")
        assert "learning_rate cannot be '-1': input should be greater than 0" in bench.text
        await bench.press("ctrl+u", *"1e-5", "enter")
        await bench.until(lambda: "rows to train" in bench.text)
        assert bench.app.screen._settings.learning_rate == 1e-5
        await bench.press("backspace")
        await bench.until(lambda: "auto → 0.0002" in bench.text)


async def test_rows_that_are_too_long_are_refused_and_named_and_nothing_starts(reviewing, settings, runs):
    async with reviewing(train=settings | {"max_length": 64}, size=(160, 60)) as bench:
        await examined(bench)
        assert "It cannot start: B3" in bench.text
        assert "the limit is 64" in bench.text
        assert re.search(r"With max_length [\d,]+ no row is too long", bench.text)
        assert "그는 발이 넓어서" in bench.text, "a refused row is shown with its source"
        await bench.press("s")
        assert "a check failed" in bench.text
    assert not runs.exists()


async def test_no_accepted_row_is_said_with_what_to_do(reviewing, settings, dataset):
    async with reviewing(train=settings | {"statuses": ("auto",)}) as bench:
        await examined(bench)
        assert "There is no row to train on." in bench.text
        await bench.press("tab")
        assert "Accept some candidates first" in bench.text
        await bench.press("s")
        assert isinstance(bench.app.screen, SetupScreen)


async def test_a_set_of_one_idiom_is_named_as_such(tmp_path, reviewing, settings, dataset):
    for one in [sentence(number, group="발이 넓다") for number in range(4)]:
        dataset.add_sentences([one])
    with project(tmp_path / "one") as other:
        same = [sentence(number, group="발이 넓다") for number in range(4)]
        other.add_sentences(same)
        for number, one in enumerate(same):
            accept(other, one, number)
        from tests.functional.conftest import Bench
        from tests.stubs.session import session

        app = DrtApp(session(other, train=settings))
        async with app.run_test(size=(160, 60), notifications=True) as pilot:
            bench = Bench(app, pilot)
            await examined(bench)
            assert "One idiom only" in bench.text


async def test_training_that_is_not_installed_is_said_with_what_to_install(reviewing, settings, monkeypatch):
    equip(monkeypatch, LAPTOP, {})
    async with reviewing(train=settings, size=(160, 50)) as bench:
        await examined(bench)
        assert "Training is not installed: torch" in bench.text
        assert "pip install 'drt-tui[train]'" in bench.text


async def test_unsloth_that_is_missing_is_said_where_a_gpu_would_use_it(reviewing, settings, monkeypatch):
    equip(monkeypatch, GPU_BOX, INSTALLED)
    async with reviewing(train=settings | {"engine": "auto"}) as bench:
        await examined(bench)
        await bench.press("tab")
        assert "Unsloth is not installed; with it a GPU trains about twice as fast" in words(bench)
        assert "nobody checked on a GPU" in words(bench), "an estimate is called one"


async def test_an_unknown_backbone_is_said_with_what_to_give(reviewing, settings):
    async with reviewing(train=settings | {"backbone": "/no/such/model"}, size=(160, 50)) as bench:
        await examined(bench)
        assert "There is no folder /no/such/model" in bench.text
        assert "built-in" in bench.text


async def test_hostile_text_in_rows_is_shown_as_it_is(reviewing, settings, dataset):
    hostile = sentence(4, id="h" * 20, source=f"{HOSTILE} 발", group=HOSTILE)
    dataset.add_sentences([hostile])
    dataset.add_candidate(candidate(hostile, "CH", thought=HOSTILE, output=HOSTILE))
    dataset.decide(Decision(id="DH", sentence=hostile.id, candidate="CH", kind="accept", by="kim"))
    async with reviewing(train=settings | {"valid": 0}, size=(160, 60)) as bench:
        await examined(bench)
        for _ in range(5):
            await bench.press("right_square_bracket")
            if "[bold red]x[/]" in bench.text.partition("row ")[2]:
                break
        assert "[bold red]x[/] [/INST]" in bench.text
        assert "\x1b" not in bench.text
        assert "\u202e" not in bench.text


# a run that goes on


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


# what came of runs


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
        bench.app.action_compare = asked.append
        await opened(bench, TrainScreen)
        await bench.until(lambda: "001-trl-built-in" in bench.text)
        await bench.press("c")
        assert "nothing was learned yet" in bench.text
        folder.adapter.mkdir()
        await bench.press("c")
        assert [run.id for run in asked] == ["001-trl-built-in"]


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
