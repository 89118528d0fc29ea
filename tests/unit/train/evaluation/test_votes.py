"""Votes are kept, and their file gives no side away."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from train.evaluation.votes import Shown, Verdict, Vote, VoteFile, duels


def vote(
    number: int = 1, verdict: Verdict = "better", winner: str | None = "drt", *names: str, by: str = "kim"
) -> Vote:
    shown = tuple(Shown(contender=name, thought="", output=f"{name} says") for name in names or ("drt", "b"))
    return Vote(
        id=f"V{number}", item="s1", source="발이 넓다.", shown=shown, verdict=verdict, winner=winner, by=by
    )


def test_a_vote_is_there_after_a_restart(tmp_path: Path) -> None:
    VoteFile(tmp_path / "votes.jsonl").add(vote())
    (kept,) = VoteFile(tmp_path / "votes.jsonl").standing()
    assert kept == vote()


@pytest.mark.parametrize("order", permutations(("backbone", "drt", "loop")))
def test_the_file_is_the_same_whatever_the_sides_were(tmp_path: Path, order: tuple[str, ...]) -> None:
    sorted_file, file = tmp_path / "sorted.jsonl", tmp_path / "votes.jsonl"
    VoteFile(sorted_file).add(vote(1, "better", "drt", "backbone", "drt", "loop"))
    VoteFile(file).add(vote(1, "better", "drt", *order))
    assert file.read_bytes() == sorted_file.read_bytes()
    assert [each["contender"] for each in json.loads(file.read_text())["vote"]["shown"]] == sorted(order)


def test_a_vote_that_is_taken_back_counts_no_longer(tmp_path: Path) -> None:
    votes = VoteFile(tmp_path / "votes.jsonl")
    votes.add(vote(1))
    votes.take_back("V1")
    assert votes.standing() == ()


def test_of_one_person_the_last_vote_on_an_item_counts(tmp_path: Path) -> None:
    votes = VoteFile(tmp_path / "votes.jsonl")
    for each in (vote(1), vote(2, by="lee"), vote(3, "tie", None)):
        votes.add(each)
    assert [(each.by, each.verdict) for each in votes.standing()] == [("kim", "tie"), ("lee", "better")]


def test_a_line_torn_by_a_crash_costs_that_vote_only(tmp_path: Path) -> None:
    path = tmp_path / "votes.jsonl"
    VoteFile(path).add(vote(1))
    with path.open("ab") as file:
        file.write(b'{"vote":{"id":"V2","it')
    VoteFile(path).add(vote(3, by="lee"))
    assert [each.id for each in VoteFile(path).standing()] == ["V1", "V3"]


@pytest.mark.parametrize(
    ("verdict", "winner"), [("better", None), ("tie", "drt"), ("both-bad", "b"), ("better", "nobody")]
)
def test_a_vote_that_contradicts_itself_is_refused(verdict: Verdict, winner: str | None) -> None:
    with pytest.raises(ValidationError):
        vote(1, verdict, winner)


def test_nobody_wins_against_himself() -> None:
    with pytest.raises(ValidationError):
        vote(1, "better", "drt", "drt", "drt")


def test_a_winner_beats_each_of_the_others_and_says_nothing_between_them() -> None:
    found = [(a, b, points) for a, b, points, _ in duels([vote(1, "better", "b", "a", "b", "c")])]
    assert found == [("a", "b", 0.0), ("b", "c", 1.0)]


def test_a_tie_is_half_a_point_for_everybody() -> None:
    found = [points for _, _, points, _ in duels([vote(1, "both-bad", None, "a", "b", "c")])]
    assert found == [0.5, 0.5, 0.5]


@given(st.text(), st.text())
def test_any_text_comes_back_as_it_was_shown(thought: str, output: str) -> None:
    shown = (
        Shown(contender="a", thought=thought, output=output),
        Shown(contender="b", thought="", output=""),
    )
    made = Vote(id="V", item="s", source="x", shown=shown, verdict="tie", by="kim")
    if not any("\ud800" <= character <= "\udfff" for character in thought + output):
        assert Vote.model_validate_json(made.model_dump_json()) == made
