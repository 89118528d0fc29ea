"""What keeps a person's judgement honest: blind items, planted checks, audits of what was accepted unread."""

from __future__ import annotations

import pytest

from data.records import Draft, Stage, Status
from drt_tui.review.audit import DRAWN
from tests.stubs.session import OUTPUT, SOURCES, SlowModels, candidate, sentence

ALL = {"blind": 1.0}


async def test_a_blind_item_shows_nothing_of_what_the_loop_thought(reviewing, dataset):
    first = dataset.sentence(dataset.ids()[0])
    made = candidate(first, "C9", models={"literal": ("secret-model",)}, made_by="secret-model")
    dataset.add_candidate(made)
    async with reviewing(size=(120, 40), review=ALL) as bench:
        for key in ("t", "T", "d", "d", "R"):
            await bench.press(key)
            for told in ("93", "secret-model", "scripted-1", "Natural and complete", "best"):
                assert told not in bench.text
        assert "blind" in bench.text
        assert OUTPUT in bench.text
        await bench.press("a")
    [decision] = dataset.decisions_of(first.id)
    assert decision.blind


async def test_nothing_is_blind_until_it_is_switched_on(reviewing, dataset):
    async with reviewing(size=(120, 40)) as bench:
        await bench.press("t")
        assert "93 best" in bench.text
        await bench.press("a")
    [decision] = dataset.decisions_of(dataset.ids()[0])
    assert not decision.blind


class StuckAtRefining(SlowModels):
    """Streams up to the second draft and stays there."""

    async def stream(self, request):
        if request.stage is Stage.REFINE:
            self.gate.clear()
        async for item in super().stream(request):
            yield item


async def test_a_blind_item_streams_without_its_judgements(reviewing, dataset):
    models = StuckAtRefining()
    async with reviewing(models, size=(120, 40), review=ALL) as bench:
        await bench.press("g", "3", "enter")
        await bench.until(lambda: "loop · draft 2" in bench.text)
        assert "draft 1" in bench.text
        assert "reason" not in bench.text
        assert "62" not in bench.text
        models.gate.set()


async def test_the_figures_tell_what_was_judged_blind_and_how_far_it_agrees_with_the_loop(reviewing):
    async with reviewing(size=(120, 40), review=ALL) as bench:
        await bench.press("a", "x", "1", "i")
        assert "without and with the loop's scores" in bench.text
        assert "agreed on 1 of 2 outputs" in bench.text


@pytest.fixture
def many(dataset):
    """Five sentences with candidates that differ."""
    for number, id in enumerate(dataset.ids()[2:], 3):
        one = dataset.sentence(id)
        output = f"Sentence {number} says that somebody is known for the part of the body it names."
        dataset.add_candidate(
            candidate(one, f"C{number}", output=output, thought=f"I settle on “{output}”", drafts=(Draft(text=output, score=95),), best=0)
        )  # fmt: skip
    return dataset


async def test_a_planted_row_that_is_rejected_was_noticed_and_is_no_data(reviewing, many):
    before = many.counts()
    async with reviewing(size=(120, 40), review={"checks": 1.0}) as bench:
        planted = bench.screen.item
        assert planted.planted is not None
        assert many.candidate(planted.candidate.id) != planted.candidate
        await bench.press("x", "1")
        assert "planted check" in bench.text
        assert "enter translates it again" not in bench.text, "there is nothing to be mended"
        assert bench.screen.item.planted is None, "never two in a row"
        await bench.press("i")
        assert "1 of 1 noticed" in bench.text
    assert many.counts() == before
    assert not list(many.decisions())


async def test_a_planted_row_that_is_accepted_was_missed(reviewing, many):
    async with reviewing(size=(120, 40), review={"checks": 1.0}) as bench:
        planted = bench.screen.item.id
        await bench.press("a")
        assert "planted check" in bench.text
        await bench.press("i")
        assert "0 of 1 noticed" in bench.text
    assert many.example(planted) is None
    assert not list(many.decisions())


async def test_an_edit_of_a_planted_row_leaves_no_draft_behind(reviewing, many):
    async with reviewing(size=(120, 40), review={"checks": 1.0}) as bench:
        planted = bench.screen.item.id
        await bench.press("e", *"Mine. ", "ctrl+s")
        assert "planted check" in bench.text
        await bench.press("i")
        assert "1 of 1 noticed" in bench.text
        assert bench.screen.drafts.load(planted) is None
    assert not list(many.decisions())


async def test_a_planted_row_comes_back_as_it_was_made(reviewing, many):
    async with reviewing(size=(120, 40), review={"checks": 1.0}) as bench:
        planted = bench.screen.item.id
        place = list(many.ids()).index(planted) + 1
        await bench.press("x", "1", "g", *str(place), "enter")
        shown = bench.screen.item
        assert (shown.id, shown.planted) == (planted, None)
        assert shown.candidate == many.candidate(shown.candidate.id)


@pytest.fixture
def hundred(dataset):
    """A hundred sentences with candidates that differ in nothing but their source."""
    more = [
        sentence(0, id=f"{number:020x}", source=f"{number}: {SOURCES[0][0]}", spans=()) for number in range(98)
    ]  # fmt: skip
    dataset.add_sentences(more)
    dataset.add_candidates(candidate(one, f"D{number}") for number, one in enumerate(more))
    return dataset


async def accept_all(bench, limit: str) -> None:
    await bench.press("l", "b", "ctrl+u", *limit, "enter")
    await bench.until(lambda: "review audit" in bench.text)


async def test_sixty_rows_without_a_fault_keep_the_batch(reviewing, hundred):
    async with reviewing(size=(120, 40)) as bench:
        await accept_all(bench, "6")
        assert hundred.count(Status.AUTO) == 100
        for _ in range(DRAWN):
            bench.screen.action_accept()
            await bench.pilot.pause()
        await bench.until(lambda: "all stay accepted" in bench.text)
        assert "60 of 60 read, 0 faults, at most 6% of 100" in bench.text
        assert (hundred.count(Status.AUTO), hundred.count(Status.ACCEPTED)) == (40, 60)


async def test_a_fault_over_the_limit_gives_all_that_is_unread_back_in_one_step(reviewing, hundred):
    async with reviewing(size=(120, 40)) as bench:
        await accept_all(bench, "6")
        await bench.press("x", "1")
        await bench.until(lambda: "pending again" in bench.text)
        assert (hundred.count(Status.AUTO), hundred.count(Status.GENERATED)) == (0, 99)
        await bench.press("u")
        assert (hundred.count(Status.AUTO), hundred.count(Status.GENERATED)) == (99, 0)


async def test_an_audit_goes_on_after_a_restart(reviewing, hundred):
    async with reviewing(size=(120, 40)) as bench:
        await accept_all(bench, "10")
        await bench.press("a")
    async with reviewing(size=(120, 40)) as bench:
        assert "goes on with the audit: 1 of 60 read" in bench.text
        await bench.press("enter")
        assert "review audit" in bench.text
        await bench.press("v", "home", "enter")
        assert "review audit" not in bench.text
        await bench.press("v", *["down"] * 8, "enter")
        assert "review audit" in bench.text, "it is a queue like others while it lasts"
