"""`drt-tui evaluate --votes`: what blind votes come to, and what becomes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.format import Format
from data.store import Dataset, ProjectFolder
from tests.stubs.command_line import drt_tui
from tests.stubs.contenders import sentences
from train.evaluation.votes import Shown, Vote, VoteFile

PARSED = Format("ko", "en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Votes on six training sentences and two of the test."""
    made = sentences(8)
    made = [each.model_copy(update={"split": "train"}) if n < 6 else each for n, each in enumerate(made)]
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences(made)
    votes = VoteFile(tmp_path / "votes.jsonl")
    for number, each in enumerate(made):
        shown = (
            Shown(contender="drt", thought="I look.", output=f"Good {number}."),
            Shown(contender="loop", thought="I see.", output=f"Better {number}."),
            Shown(contender="backbone", thought="", output=f"Flat {number}."),
        )
        winner = "drt" if number % 2 else None
        votes.add(
            Vote(
                id=f"V{number}", item=each.id, source=each.source, shown=shown, by="kim",
                verdict="better" if winner else "tie", winner=winner,
            )
        )  # fmt: skip
    return tmp_path


def test_win_rates_come_with_wilsons_interval(folder: Path) -> None:
    data = drt_tui("--project", folder, "evaluate", "--votes", "--json").data
    assert data["votes"] == 8
    assert data["verdicts"] == {"tie": 4, "better": 4}
    wins = data["wins"]["wins"]
    assert wins["drt"]["rate"] == 0.75
    low, high = wins["drt"]["ci"]
    assert 0.4 < low < 0.75 < high < 1
    strengths = data["wins"]["bradley_terry"]
    assert max(strengths, key=strengths.__getitem__) == "drt"


def test_a_person_reads_the_same(folder: Path) -> None:
    text = drt_tui("--project", folder, "evaluate", "--votes").out
    assert "75.0 %" in text
    assert "two by two" in text


def test_pairs_hold_what_was_preferred_and_never_a_held_out_sentence(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    data = drt_tui("--project", folder, "evaluate", "--votes", "--pairs", path, "--json").data
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert data["pairs"] == {"file": str(path), "rows": 6, "held_out": 2, "unusable": 0}
    assert len(rows) == 6
    test_sources = {each.source for each in sentences(8)[6:]}
    assert not any(source in row["prompt"][-1]["content"] for row in rows for source in test_sources)
    for row in rows:
        chosen, rejected = row["chosen"][0]["content"], row["rejected"][0]["content"]
        assert "Good" in chosen
        if "Flat" in rejected:  # the one without a thought: outputs are compared alone
            assert "thought" not in chosen + rejected
        else:
            assert PARSED.parse(chosen).well_formed
            assert PARSED.parse(rejected).well_formed


def test_whoever_wants_them_takes_held_out_ones_too(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "pairs.jsonl"
    drt_tui("--project", folder, "evaluate", "--votes", "--pairs", path, "--held-out")
    assert path.read_bytes().count(b"\n") == 8


def test_without_a_vote_nothing_is_made_up(tmp_path: Path) -> None:
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences(sentences(2))
    data = drt_tui("--project", tmp_path, "evaluate", "--votes", "--json").data
    assert data == {"votes": 0, "by": {}, "verdicts": {}, "wins": None}


def test_pairs_without_votes_is_a_mistake(folder: Path) -> None:
    assert drt_tui("--project", folder, "evaluate", "--pairs", "x.jsonl", "--json").code == 2
