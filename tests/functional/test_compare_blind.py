"""Blind mode: votes are counted, and nothing tells whose translation is whose."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest
from textual.widgets import Input

from data.errors import NotSaved
from data.records import Decision, Status
from data.store import Dataset
from drt_tui.comparing.losses import FLAG
from drt_tui.comparing.voting import Ballot
from tests.stubs.comparing import CompareBench, comparing, hold_out
from tests.stubs.scripted_contenders import ScriptedContender, thinking
from tests.stubs.session import candidate, project
from train.evaluation.votes import Vote, VoteFile

SAME = "He is so well connected that he knows everyone."
DRT, BACKBONE = "DRT model", "backbone"


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


@pytest.fixture
def held_out(tmp_path: Path) -> Iterator[Dataset]:
    with project(tmp_path / "project") as dataset:
        hold_out(dataset, 4)
        yield dataset


def sides(backbone: str = "He has wide feet.", drt: str = SAME) -> list[ScriptedContender]:
    """A quick, cheap, short side without tags, and one that thinks, costs, and was cut."""
    return [
        ScriptedContender(BACKBONE, backbone, kind="backbone", seconds=0.4, tokens=9, cost_usd=0.0),
        thinking(DRT, "I think of feet.", drt, seconds=9.7, tokens=412, cost_usd=0.07, is_cut=True),
    ]


def votes_of(dataset: Dataset) -> tuple[Vote, ...]:
    return VoteFile(dataset.folder.votes).standing()


def side_of(bench: CompareBench, name: str) -> int:
    """The digit of the side where a contender stands."""
    assert bench.screen.ballot is not None
    return next(
        place + 1 for place in range(len(bench.columns)) if bench.screen.column_at(place).name == name
    )


async def go_blind(bench: CompareBench) -> None:
    """Hide the sides; what is in front by then was seen openly, so the next one is asked."""
    await bench.press("b")
    await bench.answered()


def painted(bench: CompareBench) -> list[str]:
    """All that can be seen, colours and styles included."""
    strips = bench.screen._compositor.render_strips()
    return [repr([(segment.text, str(segment.style)) for segment in strip]) for strip in strips]


async def test_both_assignments_of_the_sides_look_the_same(held_out: Dataset) -> None:
    """Same words on both sides, all else as different as can be: each frame is the same frame."""
    frames: dict[bool, list[list[str]]] = {}
    seeds = iter(range(100))
    while len(frames) < 2:
        async with comparing(held_out, sides(SAME), size=(120, 30), seed=next(seeds)) as bench:
            for contender in (one.contender for one in bench.columns):
                contender.gate.clear()  # type: ignore[attr-defined]
            await bench.press("b")
            seen = [painted(bench)]
            quick, slow = (one.contender for one in bench.columns)
            quick.gate.set()  # type: ignore[attr-defined]
            await bench.until(lambda: bench.columns[0].state == "done")
            bench.screen.paint()
            await bench.painted()
            seen.append(painted(bench))
            slow.gate.set()  # type: ignore[attr-defined]
            await bench.answered()
            seen.append(painted(bench))
            await bench.press("e", "1", "3", "e")
            seen.append(painted(bench))
            await bench.press("d", "R")
            seen.append(painted(bench))
            frames.setdefault(side_of(bench, DRT) == 1, seen)
    for one, other in zip(frames[True], frames[False], strict=True):
        assert one == other


async def test_nothing_of_the_sides_is_on_screen_until_it_is_revealed(held_out: Dataset) -> None:
    async with comparing(held_out, sides(), size=(120, 30)) as bench:
        await go_blind(bench)
        for told in (
            DRT,
            BACKBONE,
            "tags",
            "cut",
            "tokens",
            "9.7 s",
            "0.4 s",
            "$0.07",
            "free",
            "I think",
            "words",
        ):
            assert told not in bench.text, told
        assert SAME in bench.text
        assert "He has wide feet." in bench.text
        await bench.press("v")
        for told in (DRT, BACKBONE, "412 tokens", "9.7 s", "$0.07"):
            assert told in bench.text, told
        await bench.press("1")
        assert votes_of(held_out) == (), "what was revealed is not voted on"


async def test_what_was_seen_under_its_names_is_not_voted_on(held_out: Dataset) -> None:
    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        assert "held-out 2 of 4" in bench.text
        await bench.press("b", "b")  # a look, and blind again
        await bench.answered()
        assert "held-out 3 of 4" in bench.text
        await bench.press("p")
        await bench.answered()
        assert BACKBONE in bench.text
        await bench.press("1")
        assert "no vote on this one" in bench.text
        assert votes_of(held_out) == ()


async def test_a_typed_sentence_that_was_seen_under_its_names_is_not_voted_on(held_out: Dataset) -> None:
    async with comparing(held_out, sides()) as bench:
        await bench.press("i", *"ab", "enter")
        await bench.answered()
        await bench.press("b", "1", "r")
        await bench.answered()
        await bench.press("1")
        assert votes_of(held_out) == ()
        await bench.press("i", *"cd", "enter")
        await bench.answered()
        await bench.press("1")
        assert [vote.source for vote in votes_of(held_out)] == ["cd"]


async def test_no_side_is_shown_before_the_other(held_out: Dataset) -> None:
    contenders = sides()
    async with comparing(held_out, contenders, size=(120, 30)) as bench:
        contenders[1].gate.clear()
        await bench.press("b", "n")
        await bench.until(lambda: bench.columns[0].state == "done")
        bench.screen.paint()
        await bench.painted()
        assert "He has wide feet." not in bench.text
        await bench.press("1")
        assert votes_of(held_out) == ()
        contenders[1].gate.set()
        await bench.answered()
        assert "He has wide feet." in bench.text
        assert SAME in bench.text


async def test_a_vote_is_kept_for_whoever_stood_there(held_out: Dataset) -> None:
    async with comparing(held_out, sides(), seed=3) as bench:
        await go_blind(bench)
        for wanted in (DRT, BACKBONE, DRT):
            source = bench.screen.comparison.question.source  # type: ignore[union-attr]
            await bench.press(str(side_of(bench, wanted)))
            bench.screen.guard._dead = None  # as if the key had been let go
            assert (votes_of(held_out)[-1].winner, votes_of(held_out)[-1].source) == (wanted, source)
            await bench.answered()
    assert [vote.verdict for vote in votes_of(held_out)] == ["better"] * 3
    assert all(vote.by == "kim" and vote.of(DRT).thought == "I think of feet." for vote in votes_of(held_out))


@pytest.mark.parametrize(("key", "verdict"), [("0", "tie"), ("9", "both-bad")])
async def test_a_tie_and_both_bad_have_no_winner(held_out: Dataset, key: str, verdict: str) -> None:
    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        await bench.press(key)
        assert [(vote.verdict, vote.winner) for vote in votes_of(held_out)] == [(verdict, None)]


async def test_a_held_key_votes_once(held_out: Dataset) -> None:
    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        await bench.press("1")
        await bench.answered()
        await bench.press("1", "1", "1")
        assert len(votes_of(held_out)) == 1


async def test_error_marks_go_with_the_vote(held_out: Dataset) -> None:
    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        await bench.press("e", str(side_of(bench, BACKBONE)), "2", "4", "4", "e")
        assert "marked: idiom or image lost" in bench.text
        await bench.press(str(side_of(bench, DRT)))
        (vote,) = votes_of(held_out)
        assert (vote.of(BACKBONE).errors, vote.of(DRT).errors) == (("image-lost",), ())


async def test_a_vote_can_be_taken_back(held_out: Dataset) -> None:
    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        await bench.press("1", "u")
        assert votes_of(held_out) == ()
        await bench.press("u")
        assert "nothing to undo" in bench.text


async def test_the_reveal_tells_the_win_rate_with_its_interval(held_out: Dataset) -> None:
    async with comparing(held_out, sides(), size=(120, 30)) as bench:
        await go_blind(bench)
        await bench.press(str(side_of(bench, DRT)))
        await bench.answered()
        await bench.press("v")
        assert f"{DRT} beats {BACKBONE}  100%  [21%, 100%]" in bench.text, "Wilson, one of one"


async def test_of_more_than_two_the_strengths_are_told(held_out: Dataset) -> None:
    contenders = [*sides(), ScriptedContender("Papago", "He knows many.")]
    async with comparing(held_out, contenders, size=(160, 30)) as bench:
        await go_blind(bench)
        await bench.press(str(side_of(bench, DRT)))
        await bench.answered()
        await bench.press("v")
        assert "strength" in bench.text
        assert votes_of(held_out)[0].contenders == (DRT, "Papago", BACKBONE)


async def test_a_side_that_failed_is_no_vote(held_out: Dataset) -> None:
    contenders = sides()
    contenders[0].fails_after = 1
    async with comparing(held_out, contenders) as bench:
        await go_blind(bench)
        await bench.press("1")
        assert votes_of(held_out) == ()
        assert "a side has no answer, and so there is no vote" in bench.text
        assert "r ask again  n next" in bench.text
        assert BACKBONE not in bench.text


async def test_a_vote_that_is_not_saved_can_be_given_again(
    held_out: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: VoteFile, vote: Vote) -> None:
        raise NotSaved("The disk is full.", hint="Free some space.")

    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        with monkeypatch.context() as full:
            full.setattr(VoteFile, "add", refuse)
            await bench.press("1")
        assert "held-out 2 of 4" in bench.text
        await bench.press("1")
        assert len(votes_of(held_out)) == 1


async def test_the_file_gives_no_side_away(held_out: Dataset) -> None:
    orders = set()
    async with comparing(held_out, sides(), seed=5) as bench:
        await go_blind(bench)
        for _ in range(12):
            orders.add(bench.screen.ballot.order)  # type: ignore[union-attr]
            await bench.press(str(side_of(bench, DRT)) if bench.screen.is_blind else "n")
            bench.screen.guard._dead = None
            await bench.answered()
    assert len(orders) == 2
    lines = [json.loads(line)["vote"] for line in held_out.folder.votes.read_text().splitlines()]
    assert {tuple(shown["contender"] for shown in line["shown"]) for line in lines} == {(DRT, BACKBONE)}
    assert {frozenset(line) for line in lines} == {frozenset(lines[0])}


async def test_losses_go_back_to_review_and_can_be_taken_back(held_out: Dataset) -> None:
    _, first, accepted, won, *_ = held_out.ids()
    made = candidate(held_out.sentence(accepted), "C1")
    held_out.add_candidate(made)
    held_out.decide(Decision(id="D1", sentence=accepted, candidate="C1", kind="accept", by="kim"))
    async with comparing(held_out, sides()) as bench:
        await go_blind(bench)
        for wanted in (BACKBONE, BACKBONE, DRT):
            await bench.press(str(side_of(bench, wanted)))
            bench.screen.guard._dead = None
            await bench.answered()
        await bench.press("l")
        assert "2 lost sentences are in review again" in bench.text
        assert held_out.row(first).status is Status.GENERATED, "the losing answer can be judged"
        assert held_out.candidate(held_out.row(first).candidates[-1]).output == SAME
        assert held_out.row(accepted).status is Status.GENERATED
        assert [FLAG in held_out.row(each).flags for each in (first, accepted, won)] == [True, True, False]
        assert held_out.decisions_of(first)[-1].note == f"{DRT} lost blind: {BACKBONE} was better"
        await bench.press("l")
        assert "lost no vote that is not in review already" in bench.text
        await bench.press("u")
        assert held_out.row(accepted).status is Status.ACCEPTED
        assert FLAG not in held_out.row(first).flags


@pytest.mark.parametrize("count", [2, 3, 8])
def test_every_order_of_the_sides_is_drawn(count: int) -> None:
    chance = random.Random(1)
    drawn = {Ballot.draw(count, chance).order for _ in range(400)}
    if count < 4:
        assert drawn == set(permutations(range(count)))
    assert all(sorted(order) == list(range(count)) for order in drawn)
    firsts = {order[0] for order in drawn}
    assert firsts == set(range(count))


async def test_what_was_answered_ahead_is_not_shown_before_its_turn(held_out: Dataset) -> None:
    contenders = [
        ScriptedContender("one", "first answer", cost_usd=0.0),
        ScriptedContender("two", "second answer", cost_usd=0.001),
    ]
    async with comparing(held_out, contenders) as bench:
        await go_blind(bench)
        await bench.until(lambda: len(contenders[0].asked) == 3)
        contenders[1].gate.clear()
        await bench.press("n")
        await bench.until(lambda: len(contenders[1].asked) == 3)
        assert bench.columns[0].state == "done"
        assert "first answer" not in bench.text, "one side alone gives away that it is free"
        contenders[1].gate.set()
        await bench.answered()
        assert "first answer" in bench.text
