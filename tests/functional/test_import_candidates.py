"""Sets of others come in as candidates to review; a set of our own comes back as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.records import Candidate, Decision, Draft, Reference, Sentence, Status, Usage, sentence_id
from data.store import Dataset, ProjectFolder
from drt_tui.cli import run

SOURCE = "그는 발이 넓다."
SHAPES: dict[str, dict[str, Any]] = {
    "flat": {"text": SOURCE, "trans": "He knows everyone.", "thought": "I see reach."},
    "messages": {
        "messages": [
            {"role": "user", "content": SOURCE},
            {
                "role": "assistant",
                "content": "<thought>I see reach.</thought><output>He knows everyone.</output>",
            },
        ]
    },
    "sharegpt": {
        "conversations": [
            {"from": "human", "value": SOURCE},
            {"from": "gpt", "value": "<think>I see reach.</think>He knows everyone."},
        ]
    },
    "alpaca": {
        "instruction": "Translate.",
        "input": SOURCE,
        "output": "<thought>I see reach.</thought><output>He knows everyone.</output>",
    },
}


def said(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_set_of_others_is_to_be_reviewed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], shape: str
) -> None:
    file = write(tmp_path / "set.jsonl", SHAPES[shape])
    report = said(["import", str(file), "--project", str(tmp_path / "p")], capfd)
    assert (report["read"], report["added"], report["candidates"]) == (1, 1, 1)
    with Dataset.open(ProjectFolder(tmp_path / "p"), read_only=True) as dataset:
        (sentence,) = dataset.ids()
        candidate = dataset.candidate(dataset.candidates_of(sentence)[0])
        assert dataset.sentence(sentence).source == SOURCE
        assert dataset.row(sentence).status is Status.GENERATED
    assert (candidate.thought, candidate.output) == ("I see reach.", "He knows everyone.")
    assert candidate.made_by == "imported"


def test_rows_add_up_and_nothing_is_added_twice(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    flat = SHAPES["flat"]
    other = flat | {"thought": "I see people.", "trans": "He is well connected."}
    file = write(tmp_path / "set.jsonl", flat, other, flat, {"text": "비가 온다."}, {"text": "", "trans": "x", "thought": "y"})  # fmt: skip
    arguments = ["import", str(file), "--project", str(tmp_path / "p")]
    rehearsed = said([*arguments, "--dry-run"], capfd)
    first = said(arguments, capfd)
    again = said(arguments, capfd)
    counts = ("read", "added", "duplicates", "candidates")
    assert [first[name] for name in counts] == [5, 1, 2, 2]
    assert [bad["row"] for bad in first["bad"]] == [4, 5]
    assert rehearsed == first
    assert [again[name] for name in counts] == [5, 0, 3, 0]


def test_a_map_says_that_the_file_holds_sentences(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path / "set.jsonl", SHAPES["flat"])
    arguments = [
        "import",
        str(file),
        "--map",
        "source=text,reference=trans",
        "--project",
        str(tmp_path / "p"),
    ]
    report = said(arguments, capfd)
    assert (report["added"], report["candidates"]) == (1, 0)


def sentence(number: int, **changes: Any) -> Sentence:
    text = f"{number}째 문장은 여기 있다."
    fields: dict[str, Any] = {
        "id": sentence_id(text),
        "source": text,
        "references": (Reference(text=f"Reference {number}."),),
        "group": "발이 넓다",
        "licence": "CC-BY-4.0",
        "split": "train",
        "note of theirs": "kept",
        "status": "theirs, too",
        "models": ["theirs"],
    }
    return Sentence(**(fields | changes))


def candidate(of: Sentence, id: str) -> Candidate:
    drafts = (Draft(text="It is.", score=40, reason="flat"), Draft(text="Here it is.", score=90))
    return Candidate(
        id=id,
        sentence=of.id,
        thought="I look.",
        output="Here it is.",
        keywords={"문장": ("sentence",)},
        drafts=drafts,
        best=1,
        models={"literal": ("main",)},
        usage=Usage(calls=4, cost_usd=None),
    )


def judged(project: Path) -> None:
    """A row of every kind that an export can hold."""
    with Dataset.open(ProjectFolder(project), annotator="kim") as dataset:
        sentences = [sentence(number) for number in range(6)]
        dataset.add_sentences(sentences)
        for number in (0, 1, 2, 3, 4):
            dataset.add_candidate(candidate(sentences[number], f"C{number}"))
        accept = {"kind": "accept", "by": "kim", "at": "2026-01-01T00:00:00+00:00"}
        dataset.decide(Decision(id="D0", sentence=sentences[0].id, note="fine", **accept))
        dataset.decide(Decision(id="D1", sentence=sentences[1].id, output="Here you are.", **accept))
        dataset.decide_all([Decision(id="D2", sentence=sentences[2].id, **accept | {"kind": "auto"})])
        reject = accept | {"kind": "reject", "reasons": ("meaning-wrong",)}
        dataset.decide(Decision(id="D3", sentence=sentences[3].id, **reject))
        own = {"thought": "All mine.", "output": "Mine."}
        dataset.decide(Decision(id="D5", sentence=sentences[5].id, **accept, **own))


def test_an_export_comes_back_as_the_same_rows(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    judged(tmp_path / "one")
    statuses = ["accepted", "auto", "rejected", "generated"]
    options = [word for status in statuses for word in ("--status", status)]
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    (tmp_path / "one" / "drt.toml").write_text(
        '[project]\nsource = "ko"\ntarget = "en"\n[models.main]\nbase_url = "http://127.0.0.1:9/v1"\n'
        'model = "m"\noutput_terms = "research only"\n'
    )
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "drt.toml").write_text((tmp_path / "one" / "drt.toml").read_text())

    said(["export", "-o", str(first), *options, "--project", str(tmp_path / "one")], capfd)
    arguments = ["import", str(first), "--project", str(tmp_path / "two")]
    report = said(arguments, capfd)
    again = said(arguments, capfd)
    said(["export", "-o", str(second), *options, "--project", str(tmp_path / "two")], capfd)

    assert (report["read"], report["added"], report["candidates"], report["bad"]) == (6, 6, 5, [])
    assert (again["added"], again["candidates"]) == (0, 0)
    by_id = {row["id"]: row for row in lines(second)}
    for row in lines(first):
        assert by_id.pop(row["id"]) == row
    assert not by_id
    assert {row["status"] for row in lines(first)} == {"accepted", "edited", "auto", "rejected", "generated"}


def test_what_was_decided_here_outweighs_what_comes_in(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    judged(tmp_path / "one")
    export = tmp_path / "out.jsonl"
    said(["export", "-o", str(export), "--project", str(tmp_path / "one")], capfd)
    first = sentence(0)
    with Dataset.open(ProjectFolder(tmp_path / "two"), annotator="lee") as dataset:
        dataset.add_sentences([first])
        dataset.add_candidate(candidate(first, "C9"))
        dataset.decide(Decision(id="D9", sentence=first.id, kind="reject", by="lee"))
    said(["import", str(export), "--project", str(tmp_path / "two")], capfd)
    with Dataset.open(ProjectFolder(tmp_path / "two"), read_only=True) as dataset:
        assert dataset.row(first.id).status is Status.REJECTED
        assert dataset.candidates_of(first.id) == ("C9", "C0")


def test_a_row_whose_decision_is_of_another_candidate_is_only_proposed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    judged(tmp_path / "one")
    export = tmp_path / "out.jsonl"
    said(["export", "-o", str(export), "--project", str(tmp_path / "one")], capfd)
    rows = lines(export)
    rows[0]["decision"]["candidate"] = "nowhere"
    rows[1]["candidate"] = rows[1]["decision"]["candidate"] = rows[0]["candidate"]
    said(
        ["import", str(write(tmp_path / "forged.jsonl", *rows[:2])), "--project", str(tmp_path / "two")],
        capfd,
    )
    with Dataset.open(ProjectFolder(tmp_path / "two"), read_only=True) as dataset:
        assert dataset.row(rows[0]["id"]).status is Status.GENERATED
        assert dataset.row(rows[1]["id"]).status is Status.GENERATED
        assert dataset.candidates_of(rows[1]["id"]) != dataset.candidates_of(rows[0]["id"])


def test_rows_without_provenance_are_to_be_reviewed_again(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    judged(tmp_path / "one")
    export = tmp_path / "out.jsonl"
    said(["export", "-o", str(export), "--no-provenance", "--project", str(tmp_path / "one")], capfd)
    said(["import", str(export), "--project", str(tmp_path / "two")], capfd)
    with Dataset.open(ProjectFolder(tmp_path / "two"), read_only=True) as dataset:
        assert dataset.counts()[Status.GENERATED] == dataset.count() == 3
