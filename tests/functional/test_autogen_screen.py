"""Autogen behind the screens: started, paused, steered, stopped and looked at."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from data.records import Stage, Status
from data.store import Dataset, ProjectFolder
from drt_tui.app import DrtApp
from drt_tui.project.models import ModelOptions, way_to_models
from drt_tui.project.settings import Settings
from drt_tui.screens.autogen import AutogenScreen, read_amounts
from drt_tui.screens.review import ReviewScreen
from pipeline.errors import StageFailed, WrongKey
from tests.functional.conftest import Bench
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import model
from tests.stubs.scripted import ScriptedModels
from tests.stubs.served import served
from tests.stubs.session import SOURCES, candidate, fill, project, session

HOSTILE = "[bold red]x[/] [/INST] \x1b[31mred\x1b[0m \u202eleft [@click=app.quit()]y[/]"


@pytest.fixture
def dataset(tmp_path):
    """Five sentences; the first has a candidate, so that the review screen asks no model."""
    with project(tmp_path / "project") as opened:
        fill(opened, ready=1)
        yield opened


class Gated(ScriptedModels):
    """Answers when the gate is open; counts what waits at it."""

    def __init__(self):
        super().__init__()
        self.gate = asyncio.Event()
        self.waiting = 0

    async def complete(self, request):
        self.waiting += 1
        await self.gate.wait()
        self.waiting -= 1
        return await super().complete(request)


def failing_for(*sentences):
    """A literal draft that cannot be had for some sentences."""

    def answer(request):
        if request.sentence in sentences:
            raise StageFailed(f"every model refused {HOSTILE}")
        return "He is well connected."

    return {Stage.LITERAL: [answer]}


async def start(bench, answer=""):
    """Open the screen and start a run."""
    await bench.press("s", "s", *answer, "enter")


def over(bench):
    return bench.app._autogen.is_over


def counted(bench, name):
    """The number beside a label on the screen."""
    line = next(line for line in bench.text.splitlines() if line.strip().startswith(name))
    return int(line.split()[len(name.split())].replace(",", ""))


async def test_a_run_goes_to_its_end_and_its_counts_are_those_of_the_dataset(reviewing, dataset):
    broken = dataset.ids()[3]
    async with reviewing(ScriptedModels(failing_for(broken))) as bench:
        await start(bench)
        await bench.until(lambda: over(bench))
        await bench.until(lambda: "4 of 4" in bench.text and dataset.follow() is not None)
        counts = dataset.counts()
        assert counted(bench, "done") == counts[Status.GENERATED] - 1 == 3
        assert counted(bench, "failed") == counts[Status.FAILED] == 1
        assert counted(bench, "left") == counted(bench, "under way") == 0
        assert "$0.0" in bench.text
        assert dataset.failure(broken).startswith("every model refused")


async def test_so_many_as_asked_for(reviewing, dataset):
    async with reviewing(ScriptedModels()) as bench:
        await start(bench, "2")
        await bench.until(lambda: over(bench))
        await bench.until(lambda: "2 of 2" in bench.text)
    dataset.follow()
    assert dataset.count(Status.GENERATED) == 3


async def test_what_is_not_understood_starts_nothing(reviewing):
    models = ScriptedModels()
    async with reviewing(models) as bench:
        await start(bench, "many")
        assert "'many' is not understood" in bench.text
        assert over(bench)
    assert not models.requests


@pytest.mark.parametrize(
    ("text", "amounts"),
    [("", (None, None)), ("100", (100, None)), (" 1,000  $2.50 ", (1000, 2.5)), ("$5", (None, 5.0))],
)
def test_limit_and_budget_are_read_from_one_line(text, amounts):
    assert read_amounts(text) == amounts


@pytest.mark.parametrize("text", ["0", ",", "five", "5 5 5", "$", "-3", "$5 100", "1e9"])
def test_what_is_neither_limit_nor_budget_is_refused(text):
    with pytest.raises(ValueError, match="not understood"):
        read_amounts(text)


async def test_a_pause_makes_no_new_call_and_the_run_goes_on_after_it(reviewing, dataset):
    models = Gated()
    async with reviewing(models) as bench:
        await start(bench)
        await bench.until(lambda: models.waiting > 0)
        in_flight = models.waiting
        await bench.press("p")
        assert "paused" in bench.text
        models.gate.set()
        await bench.until(lambda: models.waiting == 0)
        await bench.pilot.pause(0.1)
        assert len(models.requests) == in_flight, "those in flight were answered, and no other was made"
        await bench.press("ㅔ")
        await bench.until(lambda: over(bench))
    dataset.follow()
    assert dataset.count(Status.GENERATED) == 5


async def test_a_stopped_run_keeps_what_is_finished(reviewing, dataset):
    models = Gated()
    async with reviewing(models) as bench:
        await start(bench)
        await bench.until(lambda: models.waiting > 0)
        await bench.press("x")
        assert "finishing the calls in flight" in bench.text
        models.gate.set()
        await bench.until(lambda: over(bench))
        asked = len(models.requests)
        await bench.until(lambda: "what was answered is kept" in bench.text)
        await start_again(bench)
        await bench.until(lambda: over(bench))
    keywords = [request.sentence for request in models.asked(Stage.KEYWORDS)]
    assert asked
    assert len(keywords) == len(set(keywords)), "what was answered before the stop is not paid again"
    dataset.follow()
    assert dataset.count(Status.GENERATED) == 5


async def start_again(bench):
    await bench.press("s", "enter")


async def test_a_second_stop_ends_at_once(reviewing):
    models = Gated()
    async with reviewing(models) as bench:
        await start(bench)
        await bench.until(lambda: models.waiting > 0)
        await bench.press("x", "ㅌ")
        await bench.until(lambda: over(bench))
    assert not models.requests


async def test_a_failure_is_listed_plainly_and_enter_opens_it_in_review(reviewing, dataset):
    broken = dataset.ids()[3]
    async with reviewing(ScriptedModels(failing_for(broken)), size=(110, 30)) as bench:
        await start(bench)
        await bench.until(lambda: over(bench))
        await bench.until(lambda: "failed at literal" in bench.text)
        assert (
            "every model refused [bold red]x[/] [/INST] <U+001B>[31mred<U+001B>[0m <U+202E>left" in bench.text
        )
        assert SOURCES[3][0] in bench.text
        await bench.press("down", "enter")
        assert isinstance(bench.app.screen, ReviewScreen)
        assert bench.screen.item.id == broken
        assert "every model refused [bold red]x[/]" in bench.text


async def test_what_failed_once_is_listed_until_it_comes_right(reviewing, dataset):
    class SecondTryGated(ScriptedModels):
        gate = asyncio.Event()

        async def complete(self, request):
            if request.stage is Stage.LITERAL and self.asked(Stage.LITERAL):
                await self.gate.wait()
            return await super().complete(request)

    models = SecondTryGated()
    models.scripts[Stage.LITERAL] = [StageFailed("an empty answer"), "He is well connected."]
    async with reviewing(models) as bench:
        await start(bench, "2")
        await bench.until(lambda: "failed once at literal" in bench.text)
        models.gate.set()
        await bench.until(lambda: over(bench))
        await bench.until(lambda: "2 of 2" in bench.text and "failed once" not in bench.text)
        assert counted(bench, "failed") == 0


async def test_the_newest_candidate_is_opened_in_review(reviewing, dataset):
    async with reviewing(ScriptedModels()) as bench:
        await start(bench, "1")
        await bench.until(lambda: over(bench))
        await bench.until(lambda: "newest  " in bench.text)
        await bench.press("enter")
        assert bench.screen.item.candidate.made_by != "C1"
        assert bench.screen.item.id in dataset.ids()[1:]
        assert dataset.row(bench.screen.item.id).status is Status.GENERATED


async def test_leaving_the_screen_does_not_end_the_run(reviewing, dataset):
    models = Gated()
    async with reviewing(models) as bench:
        await start(bench)
        await bench.until(lambda: models.waiting > 0)
        await bench.press("escape")
        assert isinstance(bench.app.screen, ReviewScreen)
        models.gate.set()
        await bench.until(lambda: over(bench))
        await bench.until(lambda: "finished: 4 generated, 0 failed, 0" in bench.text)
        await bench.until(lambda: "ready 5" in bench.text)
        await bench.press("a")
        await bench.press("s")
        assert "4 of 4" in bench.text
    assert dataset.count(Status.ACCEPTED) == 1


async def test_quitting_ends_the_run_and_keeps_what_was_answered(dataset):
    models = Gated()
    app = DrtApp(session(dataset, models))
    async with app.run_test() as pilot:
        await pilot.press("s", "s", "enter")
        while not models.waiting:
            await pilot.pause(0.01)
        await pilot.press("escape", "q")
    assert app._autogen.is_over
    with Dataset.open(ProjectFolder(dataset.folder.root)) as again:
        assert again.count(Status.NEW) == 4
        lease = again.claim(again.ids()[1], "generate")
        assert lease is not None, "nothing holds the sentences any more"
        lease.release()


async def test_a_wrong_key_breaks_the_run_and_says_what_to_do(reviewing):
    error = WrongKey("The endpoint refuses the key.", hint="Set OPENAI_API_KEY.")
    async with reviewing(ScriptedModels({Stage.KEYWORDS: [error]})) as bench:
        await start(bench)
        await bench.until(lambda: "The endpoint refuses the key. Set OPENAI_API_KEY." in bench.text)
        assert over(bench)
        assert "broken off" in bench.text


async def test_what_is_waited_for_in_review_appears_when_the_run_has_made_it(reviewing, dataset):
    models = Gated()
    async with reviewing(models) as bench:
        await start(bench)
        run = bench.app._autogen
        await bench.until(lambda: models.waiting > 0)
        made = min(run._ready.run.under_way)
        await bench.press("escape", "g", *made[:10], "enter")
        assert bench.screen.item.id == made
        models.gate.set()
        await bench.until(lambda: bench.screen.item.candidate is not None)
        await bench.until(lambda: over(bench))
        assert dataset.candidates_of(made) == (bench.screen.item.candidate.id,), "made once, by one of them"


async def test_the_ceiling_is_raised_and_lowered_while_a_run_goes_on(dataset):
    with served(Script(latency_s=0.3)) as endpoint:
        settings = Settings(models={"main": model(endpoint.url)}, roles={"default": ["main"]})
        asking = replace(
            session(dataset), open_models=way_to_models(dataset.folder, settings, ModelOptions())
        )
        app = DrtApp(asking)
        async with app.run_test(size=(100, 30)) as pilot:
            bench = Bench(app, pilot)
            await start(bench, "$5")
            await bench.until(lambda: "of 4 at most" in bench.text)
            await bench.press("+", "=")
            await bench.until(lambda: "of 6 at most" in bench.text)
            await bench.press("-")
            await bench.until(lambda: "of 5 at most" in bench.text)
            await bench.until(lambda: over(bench))
            await bench.until(lambda: "the project may spend $5.00" in bench.text)
            assert "a minute" in bench.text
            assert "main 5" in bench.text


def test_two_openings_of_one_project_in_one_process_keep_apart(dataset):
    """What the run and the screen rely on: locks and leases hold between openings, not only processes."""
    folder = ProjectFolder(dataset.folder.root)
    with Dataset.open(folder, annotator="kim") as other:
        first, second = other.ids()[1:3]
        lease = other.claim(first, "generate")
        assert lease is not None
        assert dataset.claim(first, "generate") is None
        lease.release()
        other.add_candidate(candidate(other.sentence(first), "R1"))
        dataset.add_candidate(candidate(dataset.sentence(second), "R2"))
        assert dataset.follow() == {first}
        assert other.follow() == {second}
        assert dataset.candidates_of(first) == ("R1",)
        assert other.candidates_of(second) == ("R2",)


async def test_the_screen_is_in_the_palette(reviewing):
    async with reviewing() as bench:
        commands = {command.title: command for command in bench.app.get_system_commands(bench.screen)}
        commands["autogen"].callback()
        await bench.until(lambda: "4 sentences have no candidate" in bench.text)
        assert isinstance(bench.app.screen, AutogenScreen)
