from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.errors import FileProblem
from data.format import Format
from data.importers import BadRow, holds_proposals, read_proposals, read_sources
from data.importers.proposals import Proposal
from data.records import Sentence
from data.samples import worked_examples

SOURCE, THOUGHT, OUTPUT = (
    "그는 발이 넓다: 정말로.",
    'I weigh "wide feet" first.\n\nThen I choose.',
    "He knows everyone.",
)
ASKED = f"Please translate the following text from Korean to English:\n{SOURCE}"
TAGGED = f"<thought>\n{THOUGHT}\n</thought>\n<output>\n{OUTPUT}\n</output>"


def read(
    folder: Path, *rows: object, formats: tuple[Format, ...] = ()
) -> tuple[list[Proposal], list[BadRow]]:
    path = folder / "set.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    read_back = list(read_proposals(path, formats=formats))
    return [row for row in read_back if isinstance(row, Proposal)], [
        row for row in read_back if isinstance(row, BadRow)
    ]


@pytest.mark.parametrize(
    "row",
    [
        {"text": SOURCE, "trans": OUTPUT, "thought": THOUGHT},
        {"source": SOURCE, "output": OUTPUT, "thought": THOUGHT},
        {"ko": SOURCE, "en": OUTPUT, "reasoning": THOUGHT},
        {"messages": [{"role": "system", "content": "You are …"}, {"role": "user", "content": ASKED}, {"role": "assistant", "content": TAGGED}]},
        {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": f"<think>\n{THOUGHT}\n</think>\n\n{OUTPUT}"}]},
        {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": f"{THOUGHT}</think><answer>{OUTPUT}</answer>"}]},
        {"conversations": [{"from": "human", "value": ASKED}, {"from": "gpt", "value": TAGGED}]},
        {"instruction": "Translate into English.", "input": SOURCE, "output": TAGGED},
        {"instruction": f"다음 문장을 영어로 번역하세요:\n{SOURCE}", "input": "", "output": TAGGED},
        {"prompt": ASKED, "completion": TAGGED},
        {"prompt": [{"role": "user", "content": ASKED}], "completion": [{"role": "assistant", "content": TAGGED}]},
        {"messages": [{"role": "user", "content": f'Translate to English: "{SOURCE}"'}, {"role": "assistant", "content": TAGGED}]},
        {"messages": [{"role": "user", "content": SOURCE}, {"role": "assistant", "content": TAGGED}]},
    ],
)  # fmt: skip
def test_sets_of_every_usual_shape(tmp_path: Path, row: object) -> None:
    proposals, bad = read(tmp_path, row)
    assert not bad
    (proposal,) = proposals
    assert proposal.sentence.source == SOURCE
    assert not proposal.sentence.references
    assert (proposal.candidate.thought, proposal.candidate.output) == (THOUGHT, OUTPUT)
    assert proposal.candidate.sentence == proposal.sentence.id
    assert proposal.candidate.made_by == "imported"
    assert holds_proposals(tmp_path / "set.jsonl")


def test_a_template_of_ones_own_is_seen_through(tmp_path: Path) -> None:
    own = Format("ko", "en", user="{source}\n\nNow put this into {target_language}, please!")
    row = {"prompt": f"{SOURCE}\n\nNow put this into English, please!", "completion": TAGGED}
    (proposal,), _ = read(tmp_path, row, formats=(own,))
    assert proposal.sentence.source == SOURCE


def test_what_belongs_to_the_sentence_stays_with_it(tmp_path: Path) -> None:
    row = {
        "text": SOURCE,
        "trans": OUTPUT,
        "thought": THOUGHT,
        "reference": "He is well connected.",
        "idiom": "발이 넓다",
        "level": 3,
    }
    (proposal,), _ = read(tmp_path, row)
    assert proposal.sentence.references[0].text == "He is well connected."
    assert proposal.sentence.group == "발이 넓다"
    assert proposal.sentence.model_extra == {"level": 3}


def test_importing_twice_gives_the_same_ids(tmp_path: Path) -> None:
    row = {"text": SOURCE, "trans": OUTPUT, "thought": THOUGHT}
    (first,), _ = read(tmp_path, row)
    (second,), _ = read(tmp_path, row)
    assert first.candidate.id == second.candidate.id
    (other,), _ = read(tmp_path, {**row, "thought": "Another."})
    assert other.candidate.id != first.candidate.id


def test_rows_of_other_shapes_say_what_was_found_and_expected(tmp_path: Path) -> None:
    proposals, bad = read(
        tmp_path,
        {"text": SOURCE, "trans": OUTPUT},
        {"trans": OUTPUT, "thought": THOUGHT},
        {"text": SOURCE, "trans": "", "thought": THOUGHT},
        {"text": SOURCE, "trans": 5, "thought": THOUGHT},
        {"messages": [{"role": "user", "content": ASKED}]},
        {"messages": [{"role": "user", "content": ASKED}, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}]},
        {"messages": [None, 5]},
        ["a", "b"],
        5,
    )  # fmt: skip
    assert not proposals
    assert [row.row for row in bad] == list(range(1, 10))
    assert "text, trans" in bad[0].reason
    assert "expected" in bad[0].reason


def test_pairs_without_thoughts_are_no_proposals(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"en": "He left.", "zh": "他走了。"}\n', encoding="utf-8")
    assert not holds_proposals(path)
    assert not holds_proposals(path.rename(tmp_path / "set.txt"))
    with pytest.raises(FileProblem, match="no objects"):
        read_proposals(tmp_path / "set.txt")


def test_sentences_are_read_from_whatever_holds_them(tmp_path: Path) -> None:
    chat, table = tmp_path / "set.jsonl", tmp_path / "set.csv"
    turns = [{"role": "user", "content": ASKED}, {"role": "assistant", "content": TAGGED}]
    chat.write_text(json.dumps({"messages": turns}) + "\n", encoding="utf-8")
    table.write_text(f"source\n{SOURCE}\n", encoding="utf-8")
    for path in (chat, table):
        assert [row.source for row in read_sources(path) if isinstance(row, Sentence)] == [SOURCE]


def test_our_worked_examples_come_back_as_candidates(tmp_path: Path) -> None:
    worked = worked_examples()
    rows = [
        {"source": each.sentence.source, "thought": each.candidate.thought, "output": each.candidate.output}
        for each in worked
    ]
    proposals, bad = read(tmp_path, *rows)
    assert not bad
    assert [(p.sentence.id, p.candidate.output) for p in proposals] == [
        (w.sentence.id, w.candidate.output) for w in worked
    ]
