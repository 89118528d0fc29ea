"""Queues, searching, jumping, and the dataset screen."""

from __future__ import annotations

import pytest

from data.ids import new_id
from data.records import Decision, Status
from drt_tui.app import DrtApp
from drt_tui.screens.dataset import DatasetScreen
from tests.functional.conftest import Bench
from tests.stubs.session import SOURCES, candidate, project, session


def decide(dataset, number: int, kind: str) -> None:
    dataset.decide(Decision(id=new_id(), sentence=dataset.ids()[number], kind=kind, by="kim"))


@pytest.mark.parametrize(
    ("kind", "downs", "name"),
    [("accept", 1, "accepted"), ("reject", 3, "rejected"), ("skip", 4, "skipped"), ("park", 5, "parked")],
)
async def test_a_queue_shows_its_sentences_and_nothing_else(reviewing, dataset, kind, downs, name):
    decide(dataset, 1, kind)
    async with reviewing() as bench:
        await bench.press("v", *["down"] * downs, "enter")
        assert f"review {name}" in bench.text
        assert SOURCES[1][0] in bench.text
        await bench.press("space")
        assert f"Nothing is {name} any more" in bench.text or SOURCES[1][0] not in bench.text


async def test_an_empty_project_says_how_to_begin(tmp_path):
    with project(tmp_path / "empty") as empty:
        app = DrtApp(session(empty))
        async with app.run_test(size=(100, 30)) as pilot:
            bench = Bench(app, pilot)
            await bench.until(lambda: "no sentence in this project yet" in bench.text)
            assert "drt-tui import FILE" in bench.text


async def test_failed_and_flagged_queues(reviewing, dataset):
    ids = dataset.ids()
    dataset.mark_failed(ids[3], "no model answered")
    dataset.set_flag(ids[4], "flag", True)
    async with reviewing() as bench:
        await bench.press("v", *["down"] * 6, "enter")
        assert SOURCES[3][0] in bench.text
        assert "no model answered" in bench.text
        await bench.press("v", *["down"] * 7, "enter")
        assert SOURCES[4][0] in bench.text


async def test_a_judged_sentence_is_put_back(reviewing, dataset):
    decide(dataset, 1, "reject")
    async with reviewing() as bench:
        await bench.press("v", "down", "down", "down", "enter", "p")
    assert dataset.row(dataset.ids()[1]).status is Status.GENERATED


async def test_an_edited_sentence_shows_what_was_accepted(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("e", "ctrl+u", *"Mine.", "ctrl+s")
        await bench.press("v", "down", "enter")
        assert "Mine." in bench.text


async def test_the_order_is_chosen(reviewing, dataset):
    dataset.add_candidate(candidate(dataset.sentence(dataset.ids()[2]), "C3", best=0))
    async with reviewing() as bench:
        assert SOURCES[0][0] in bench.text
        await bench.press("v", "end", "enter")
        assert SOURCES[2][0] in bench.text, "the most doubtful first"


async def test_searching_keeps_its_filter_when_moving_on(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("/", *"사람", "enter")
        await bench.until(lambda: "review 사람" in bench.text)
        assert SOURCES[0][0] in bench.text
        await bench.press("a")
        assert SOURCES[1][0] in bench.text
        await bench.press("space")
        assert "There is nothing more like 사람" in bench.text
        await bench.press("/", "ctrl+u", "enter")
        assert SOURCES[2][0] in bench.text


async def test_a_search_that_cannot_be_read_says_so(reviewing):
    async with reviewing() as bench:
        await bench.press("/", *"colour:red", "enter")
        assert "is no field" in bench.text


@pytest.mark.parametrize("target", ["4", "#4", None])
async def test_going_to_a_sentence(reviewing, dataset, target):
    async with reviewing() as bench:
        await bench.press("g", *(target or dataset.ids()[3][:9]), "enter")
        assert SOURCES[3][0] in bench.text
        await bench.press("g", *"999", "enter")
        assert "there is no sentence '999'" in bench.text
        assert SOURCES[3][0] in bench.text


async def test_what_was_left_by_a_jump_is_met_again(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("g", "2", "enter", "a")
        assert SOURCES[0][0] in bench.text


async def test_all_rows_are_listed_searched_and_opened(reviewing, dataset):
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("l")
        table = bench.app.screen
        assert isinstance(table, DatasetScreen)
        for source, *_ in SOURCES:
            assert source[:12] in bench.text
        await bench.press("slash", *"눈이")
        await bench.until(lambda: SOURCES[0][0][:12] not in bench.text)
        assert SOURCES[1][0][:12] in bench.text
        await bench.press("enter", "enter")
        assert SOURCES[1][0] in bench.text
        assert "thought · " in bench.text


async def test_what_the_linter_finds_can_be_searched_sorted_and_is_in_the_table(reviewing, dataset):
    """Also in rows whose own pass found nothing, as those of a file or of an earlier version."""
    dataset.add_candidate(
        candidate(dataset.sentence(dataset.ids()[1]), "C9", output="Translation: He is choosy.")
    )
    async with reviewing(size=(130, 30)) as bench:
        await bench.press("/", *"finding:label", "enter")
        await bench.until(lambda: "1 found" in bench.text)
        assert SOURCES[1][0] in bench.text
        await bench.press("l", "slash", "ctrl+u", "enter")
        await bench.until(lambda: "label-in-output" in bench.text)
        await bench.press(*"ssss")
        await bench.until(lambda: "by findings" in bench.text)
        lines = [line for line in bench.text.splitlines() if "○" in line]
        assert SOURCES[1][0][:8] in lines[0]


async def test_a_search_that_cannot_be_read_leaves_all_rows_in_the_table(reviewing):
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("/", *"foo:bar", "enter", "l")
        assert isinstance(bench.app.screen, DatasetScreen)
        assert SOURCES[0][0][:12] in bench.text
        assert "foo: is no field" in bench.text


async def test_the_table_lists_its_keys(reviewing):
    async with reviewing() as bench:
        await bench.press("l")
        assert "b accept all" in bench.text, "also in a narrow terminal"
        offered = {command.title for command in bench.app.get_system_commands(bench.app.screen)}
        assert {"search", "sort", "tag", "accept all"} <= offered
        await bench.press("question_mark")
        assert "Sort by the next column" in bench.text
        await bench.press("escape", "escape")
        assert "thought · " in bench.text


async def test_rows_are_sorted(reviewing, dataset):
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("l", "s")
        await bench.until(lambda: "by score" in bench.text)
        lines = [line for line in bench.text.splitlines() if "○" in line or "new" in line]
        assert "○" in lines[0]


async def test_rows_are_tagged_together(reviewing, dataset):
    ids = dataset.ids()
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("l", "space", "space", "f", "ctrl+u", *"later", "enter")
        await bench.until(lambda: all(dataset.row(sentence).flags == ("later",) for sentence in ids[:2]))
        assert dataset.row(ids[2]).flags == ()
        await bench.until(lambda: "u takes it back" in bench.text)
        await bench.press("u")
        assert "taken back: later on 2 rows" in bench.text
    assert not any(dataset.row(sentence).flags for sentence in ids)


async def test_a_bulk_acceptance_opens_its_audit_and_is_one_step(reviewing, dataset):
    ids = dataset.ids()
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("l", "b", "ctrl+u", *"99", "enter")
        await bench.until(lambda: "review audit" in bench.text)
        assert [dataset.row(sentence).status for sentence in ids[:2]] == [Status.AUTO, Status.AUTO]
        await bench.press("u")
        assert [dataset.row(sentence).status for sentence in ids[:2]] == [Status.GENERATED, Status.GENERATED]


@pytest.mark.parametrize("share", ["nan", "inf", "-5", "0", "100", "ten"])
async def test_a_bulk_acceptance_wants_a_share_in_percent(reviewing, dataset, share):
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("l", "b", "ctrl+u", *share, "enter")
        await bench.until(lambda: "is no share in percent" in bench.text)
        assert dataset.row(dataset.ids()[0]).status is Status.GENERATED


async def test_there_is_one_audit_at_a_time_and_none_of_what_was_taken_back(reviewing, dataset):
    async with reviewing(size=(110, 30)) as bench:
        await bench.press("l", "space", "b", "ctrl+u", *"99", "enter")
        await bench.until(lambda: "review audit" in bench.text)
        await bench.press("l", "b")
        await bench.until(lambda: "a sample is being read already" in bench.text)
        await bench.press("escape", "u")
        assert dataset.row(dataset.ids()[0]).status is Status.GENERATED
        assert "review audit" not in bench.text
        await bench.press("a")
        assert "audit: 1 of 1" not in bench.text, "what was taken back is not counted"
    async with reviewing() as bench:
        assert "goes on with the audit" not in bench.text


async def test_a_failed_audit_gives_the_rest_back(reviewing, dataset):
    ids = dataset.ids()
    async with reviewing(size=(110, 40)) as bench:
        await bench.press("l", "b", "ctrl+u", *"50", "enter")
        await bench.until(lambda: "review audit" in bench.text)
        await bench.press("x", "1")
        await bench.until(lambda: "pending again" in bench.text)
        statuses = sorted(dataset.row(sentence).status for sentence in ids[:2])
        assert statuses == [Status.GENERATED, Status.REJECTED]
