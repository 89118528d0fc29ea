"""A run before it is started: its settings, and exactly what would be trained."""

from __future__ import annotations

import re

from data.records import Decision
from drt_tui.app import DrtApp
from drt_tui.screens.train import TrainScreen
from drt_tui.screens.train_setup import SetupScreen
from tests.functional.conftest import Bench
from tests.functional.train_screen.conftest import HOSTILE, accept, equip
from tests.functional.train_screen.walking import examined, set_to, underlined, words
from tests.stubs.machines import GPU_BOX, INSTALLED, LAPTOP
from tests.stubs.session import candidate, project, sentence, session


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


# the project's own values


async def test_the_values_are_saved_in_the_projects_settings_and_the_next_run_begins_from_them(
    reviewing, settings, dataset
):
    path = dataset.folder.settings
    path.write_text("# ours\n[train]\nbatch = 2  # fits\n", encoding="utf-8")
    async with reviewing(train=settings, size=(160, 50)) as bench:
        await examined(bench)
        assert "^s save" in words(bench)
        await set_to(bench, "batch", "1")
        await set_to(bench, "epochs", "5")
        await bench.press("ctrl+s")
        await bench.until(lambda: "saved in drt.toml" in bench.text)
        assert "batch" in bench.text.partition("saved in drt.toml")[2]
        await bench.press("ctrl+s")
        await bench.until(lambda: "drt.toml says so already" in bench.text)
        text = path.read_text(encoding="utf-8")
        assert text.startswith("# ours\n[train]\nbatch = 1  # fits\n")
        assert "epochs = 5" in text
        await bench.press("escape", "n")
        await bench.until(lambda: isinstance(bench.app.screen, SetupScreen))
        assert bench.app.screen._settings.epochs == 5


async def test_settings_that_cannot_be_saved_are_said_and_stay_as_they_are(reviewing, settings, dataset):
    path = dataset.folder.settings
    async with reviewing(train=settings, size=(160, 50)) as bench:
        await examined(bench)
        path.write_text("[train\n", encoding="utf-8")
        await bench.press("ctrl+s")
        await bench.until(lambda: "not saved: drt.toml is not TOML" in bench.text)
        await bench.press("escape", "n")
        await bench.until(lambda: "drt.toml is not valid TOML" in words(bench))
        assert isinstance(bench.app.screen, TrainScreen)
    assert path.read_text(encoding="utf-8") == "[train\n"
