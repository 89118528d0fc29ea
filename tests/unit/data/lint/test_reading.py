"""Anybody's file: what its shape is, which rows are broken, and what cannot be read at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import FileProblem
from data.format import Format
from data.lint import BrokenRow, LintRow, lint_set, read_rows
from data.records import Draft, Example, Status

SOURCE, THOUGHT, OUTPUT = (
    "그는 발이 넓다.",
    '"발이 넓다" is no matter of feet: "He is well connected."',
    "He is well connected.",
)
FORMAT = Format(source_language="ko", target_language="en")


def write(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "row",
    [
        {"text": SOURCE, "trans": OUTPUT, "thought": THOUGHT},
        {"source": SOURCE, "output": OUTPUT, "thought": THOUGHT},
        {"Source": SOURCE, "Translation": OUTPUT, "reasoning": THOUGHT},
        {
            "messages": [
                *FORMAT.prompt(SOURCE),
                {"role": "assistant", "content": FORMAT.answer(THOUGHT, OUTPUT)},
            ]
        },
        {
            "conversations": [
                {"from": "human", "value": f"Translate the sentence into English: {SOURCE}"},
                {"from": "gpt", "value": FORMAT.answer(THOUGHT, OUTPUT)},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": f"다음을 영어로 번역하세요:\n{SOURCE}"},
                {"role": "assistant", "content": f"<think>{THOUGHT}</think>\n{OUTPUT}"},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": SOURCE},
                {"role": "assistant", "content": OUTPUT, "reasoning_content": THOUGHT},
            ]
        },
        {"instruction": "Translate into English.", "input": SOURCE, "output": FORMAT.answer(THOUGHT, OUTPUT)},
        {"prompt": FORMAT.prompt(SOURCE)[1]["content"], "completion": FORMAT.answer(THOUGHT, OUTPUT)},
        {"source": SOURCE, "output": FORMAT.answer(THOUGHT, OUTPUT)},
    ],
    ids=[
        "drt",
        "plain",
        "capitals",
        "messages",
        "sharegpt",
        "think",
        "reasoning",
        "alpaca",
        "prompt",
        "mashed",
    ],
)
def test_a_row_is_read_whatever_its_shape(tmp_path: Path, row: object):
    (read,) = read_rows(write(tmp_path / "set.jsonl", row))
    assert isinstance(read, LintRow)
    assert (read.source, read.thought, read.output) == (SOURCE, THOUGHT, OUTPUT)
    assert read.troubles == ()


def test_languages_named_in_the_prompt_are_taken(tmp_path: Path):
    chat = [*FORMAT.prompt(SOURCE), {"role": "assistant", "content": FORMAT.answer(THOUGHT, OUTPUT)}]
    (read,) = read_rows(write(tmp_path / "set.jsonl", {"messages": chat}))
    assert isinstance(read, LintRow)
    assert read.languages == ("ko", "en")


def test_our_own_export_keeps_its_drafts(tmp_path: Path):
    example = Example(
        id="a",
        source=SOURCE,
        status=Status.ACCEPTED,
        thought=THOUGHT,
        output=OUTPUT,
        drafts=(Draft(text=OUTPUT, score=91),),
    )
    (read,) = read_rows(write(tmp_path / "set.jsonl", example.model_dump(mode="json")))
    assert isinstance(read, LintRow)
    assert read.drafts == example.drafts


@pytest.mark.parametrize(
    "texts",
    [
        {"text": SOURCE, "trans": OUTPUT, "thought": THOUGHT},
        {
            "messages": [
                *FORMAT.prompt(SOURCE),
                {"role": "assistant", "content": FORMAT.answer(THOUGHT, OUTPUT)},
            ]
        },
        {"instruction": "Translate.", "input": SOURCE, "output": FORMAT.answer(THOUGHT, OUTPUT)},
    ],
    ids=["flat", "messages", "alpaca"],
)
def test_what_stands_beside_the_texts_is_read_in_every_shape(tmp_path: Path, texts: dict[str, object]):
    drafts = [{"text": "He has wide feet.", "score": 40}, {"text": OUTPUT, "score": 91}]
    beside = {"group": "발이 넓다", "reference": "He knows many.", "drafts": drafts}
    (read,) = read_rows(write(tmp_path / "set.jsonl", texts | beside))
    assert isinstance(read, LintRow)
    assert (read.group, read.references) == ("발이 넓다", ("He knows many.",))
    assert [(draft.text, draft.score) for draft in read.drafts] == [("He has wide feet.", 40), (OUTPUT, 91)]


@pytest.mark.parametrize("drafts", [None, "two", [1], [{"text": OUTPUT, "score": "high"}], {"text": OUTPUT}])
def test_drafts_that_are_none_are_let_pass(tmp_path: Path, drafts: object):
    (read,) = read_rows(write(tmp_path / "set.jsonl", {"text": SOURCE, "trans": OUTPUT, "drafts": drafts}))
    assert isinstance(read, LintRow)
    assert (read.output, read.drafts) == (OUTPUT, ())


def test_a_request_without_a_sentence_has_an_empty_source(tmp_path: Path):
    chat = [*FORMAT.prompt(""), {"role": "assistant", "content": FORMAT.answer(THOUGHT, OUTPUT)}]
    (read,) = read_rows(write(tmp_path / "set.jsonl", {"messages": chat}))
    assert isinstance(read, LintRow)
    assert read.source == ""


def test_a_json_list_and_a_byte_order_mark_are_read(tmp_path: Path):
    path = tmp_path / "set.json"
    path.write_text("\ufeff" + json.dumps([{"text": SOURCE, "trans": OUTPUT}] * 2), encoding="utf-8")
    assert [row.number for row in read_rows(path)] == [1, 2]


def test_a_tinydb_table_is_read(tmp_path: Path):
    path = tmp_path / "set.json"
    path.write_text(
        json.dumps({"_default": {"1": {"text": SOURCE, "trans": OUTPUT}, "2": {"text": "a", "trans": "b"}}})
    )
    assert [row.number for row in read_rows(path)] == [1, 2]


def test_a_broken_line_is_a_finding_and_the_rest_goes_on(tmp_path: Path):
    path = write(tmp_path / "set.jsonl", {"text": SOURCE, "trans": OUTPUT})
    with path.open("ab") as file:
        file.write(b'{"text": "half a row\n\xff\xfe\n\n[1, 2]\n{"other": 1}\n{"text": 5, "trans": "a"}\n')
        file.write(json.dumps({"text": SOURCE, "trans": "He knows everybody."}).encode() + b"\n")
    read = list(read_rows(path))
    assert [row.number for row in read] == [1, 2, 3, 5, 6, 7, 8]
    assert [isinstance(row, BrokenRow) for row in read] == [False, True, True, True, True, True, False]
    report = lint_set(read).to_json()
    assert report["rows"] == 7
    assert report["findings"] == {"broken-line": 5}
    assert report["by_row"][0] == {"row": 2, "codes": ["broken-line"]}


def test_a_missing_thought_is_an_empty_one_only_in_a_set_with_thoughts(tmp_path: Path):
    with_thoughts = write(
        tmp_path / "a.jsonl",
        {"text": SOURCE, "trans": OUTPUT, "thought": THOUGHT},
        {"text": SOURCE, "trans": OUTPUT},
    )
    without = write(tmp_path / "b.jsonl", *[{"text": SOURCE, "trans": OUTPUT, "thought": ""}] * 2)
    assert [row.thought for row in read_rows(with_thoughts)] == [THOUGHT, ""]
    assert [row.thought for row in read_rows(without)] == [None, None]


def test_another_shape_is_refused_with_the_keys_it_has(tmp_path: Path):
    path = write(tmp_path / "set.jsonl", {"question": "a", "reply": "b"})
    with pytest.raises(FileProblem, match="question, reply") as problem:
        read_rows(path)
    assert "trans|output" in problem.value.hint


@pytest.mark.parametrize("content", ["", "\n\n", "no json at all\nnone\n", "[]", "[1, 2]"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "set.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileProblem):
        read_rows(path)


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(FileProblem, match="does not exist"):
        read_rows(tmp_path / "none.jsonl")


def test_tags_that_do_not_close_are_a_finding(tmp_path: Path):
    chat = [
        {"role": "user", "content": SOURCE},
        {"role": "assistant", "content": f"<thought>\n{THOUGHT}\n</thought>\n<output>\n{OUTPUT}"},
    ]
    report = lint_set(read_rows(write(tmp_path / "set.jsonl", {"messages": chat})))
    assert report.by_row[0].codes == ["broken-tags"]


def test_rows_are_streamed(tmp_path: Path):
    path = write(tmp_path / "set.jsonl", *[{"text": SOURCE, "trans": OUTPUT}] * 500)
    rows = read_rows(path)
    assert next(rows).number == 1
    path.write_text("", encoding="utf-8")
    assert sum(1 for _ in rows) < 500


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = [
    "text",
    "trans",
    "thought",
    "messages",
    "conversations",
    "instruction",
    "prompt",
    "completion",
    "drafts",
    "id",
]


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=5), min_size=1, max_size=4))
def test_no_row_of_any_kind_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, rows: list[object]):
    path = write(tmp_path_factory.mktemp("set") / "set.jsonl", {"text": SOURCE, "trans": OUTPUT}, *rows)
    assert len(list(read_rows(path))) == len(rows) + 1
