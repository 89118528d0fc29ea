from __future__ import annotations

import json
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import FileProblem
from data.importers import read_file
from data.records import Sentence, sentence_id
from data.text import nfc
from tests.unit.data.importers.reading import cells, read


def test_the_papers_pairs_are_english_to_chinese(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.jsonl", '{"en": "He is a wolf.", "zh": "他是狼。"}\n')
    assert not bad
    assert cells(sentences[0])[1:] == ("He is a wolf.", "他是狼。")


def test_korean_is_the_source_of_two_language_keys(tmp_path: Path) -> None:
    sentences, _ = read(tmp_path, "set.jsonl", '{"en": "He left.", "ko": "그는 갔다."}\n')
    assert cells(sentences[0])[1:] == ("그는 갔다.", "He left.")


def test_broken_lines_are_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = [
        '{"source":"가"},', '{"source":"나"', "garbage", '["x"]', '{"source":{"a":1}}', '{"source":""}',
        '{"source":null}', '{"text":"다"}', "", '{"source":"라"}', "5", "NaN",
    ]  # fmt: skip
    sentences, bad = read(tmp_path, "set.jsonl", "\n".join(lines))
    assert [(s.source, s.origin.row) for s in sentences if s.origin] == [("가", 1), ("라", 10)]
    assert [row.row for row in bad] == [2, 3, 4, 5, 6, 7, 8, 11, 12]
    assert all(row.reason and "\n" not in row.reason for row in bad)


def test_our_own_fields_are_taken_over(tmp_path: Path) -> None:
    row = {
        "source": "그는 발이 넓다.", "group": "발이 넓다", "register": "plain", "phenomena": ["idiom"],
        "spans": [{"start": 3, "end": 8, "kind": "idiom"}], "licence": "CC0-1.0", "split": "test", "position": 4,
        "document": "news", "references": [{"text": "He knows everyone.", "origin": "written", "good": False}],
        "mood": {"tone": ["dry"]},
    }  # fmt: skip
    sentences, _ = read(tmp_path, "set.jsonl", json.dumps(row))
    sentence = sentences[0]
    assert (sentence.register_, sentence.phenomena, sentence.split, sentence.position) == (
        "plain", ("idiom",), "test", 4,
    )  # fmt: skip
    assert sentence.spans[0].end == 8
    assert not sentence.references[0].good
    assert sentence.model_extra == {"mood": {"tone": ["dry"]}}


def test_foreign_fields_that_only_share_our_names_survive_beside_ours(tmp_path: Path) -> None:
    row = {"source": "가", "id": 7, "split": "validation", "spans": "none", "origin": "web"}
    sentences, bad = read(tmp_path, "set.jsonl", json.dumps(row))
    assert not bad
    assert sentences[0].id == sentence_id("가")
    assert sentences[0].split is None
    assert sentences[0].origin is not None
    assert sentences[0].origin.row == 1
    assert sentences[0].model_extra == {
        "imported_id": 7, "imported_split": "validation", "imported_spans": "none", "imported_origin": "web",
    }  # fmt: skip


PAIRS = [{"ko": "가", "en": "a"}, {"ko": "나", "en": "b"}]


@pytest.mark.parametrize(
    "document",
    [
        PAIRS,
        {"data": PAIRS, "version": "1"},
        {"ko": ["가", "나"], "en": ["a", "b"]},
        [{"translation": pair} for pair in PAIRS],
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_in_its_usual_shapes(tmp_path: Path, document: object, indent: int | None) -> None:
    sentences, bad = read(tmp_path, "set.json", json.dumps(document, indent=indent, ensure_ascii=False))
    assert not bad
    assert [cells(sentence)[1:] for sentence in sentences] == [("가", "a"), ("나", "b")]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_json_list_under_the_name_jsonl(tmp_path: Path, indent: int | None) -> None:
    sentences, bad = read(tmp_path, "set.jsonl", json.dumps(PAIRS, indent=indent))
    assert not bad
    assert [cells(sentence)[1:] for sentence in sentences] == [("가", "a"), ("나", "b")]


def test_deep_nesting_is_a_bad_row(tmp_path: Path) -> None:
    deep = "[" * 900 + "]" * 900
    sentences, bad = read(tmp_path, "set.jsonl", f'{{"source": "가", "x": {deep}}}\n{{"source": "나"}}\n')
    assert [sentence.source for sentence in sentences] == ["나"]
    assert "nested" in bad[0].reason


@pytest.mark.parametrize(
    "name", ["model_fields_set", "__class__", "model_config", "copy", "", "__pydantic_extra__"]
)
def test_no_name_of_an_unknown_field_gets_in_our_way(tmp_path: Path, name: str) -> None:
    sentences, bad = read(tmp_path, "set.jsonl", json.dumps({"source": "가", name: {"a": 1}}))
    assert not bad
    assert sentences[0].model_dump(mode="json")[name] == {"a": 1}


def test_json_lines_under_the_name_json(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.json", '{"ko":"가"}\n{"ko":\n{"ko":"나"}\n')
    assert [sentence.source for sentence in sentences] == ["가", "나"]
    assert [row.row for row in bad] == [2]


def test_rows_that_are_lists_go_by_number(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.jsonl", '["가","a"]\n["나",null]\n{"x":1}\n', "source=1,reference=2")
    assert [cells(sentence)[1:] for sentence in sentences] == [("가", "a"), ("나", None)]
    assert [row.row for row in bad] == [3]


@pytest.mark.parametrize(
    "content", ['{"a": 1}', '{"ko":', "5", '"text"', '{"a": [{"b": 1}], "c": [{"d": 1}]}']
)
def test_documents_of_other_shapes_say_what_was_expected(tmp_path: Path, content: str) -> None:
    with pytest.raises(FileProblem) as problem:
        read(tmp_path, "set.json", content)
    assert "Expected" in problem.value.hint


def test_unknown_keys_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="foo, bar") as problem:
        read(tmp_path, "set.jsonl", '{"foo": "가", "bar": "a"}\n')
    assert "--map source=foo" in problem.value.hint
    sentences, _ = read(tmp_path, "set.jsonl", '{"foo": "가", "bar": "a"}\n', "source=foo,reference=bar")
    assert cells(sentences[0])[1:] == ("가", "a")


def test_what_was_proposed_beside_a_thought_is_no_reference(tmp_path: Path) -> None:
    sentences, _ = read(
        tmp_path, "set.jsonl", '{"text": "그는 갔다.", "trans": "He left.", "thought": "I read …"}\n'
    )
    assert cells(sentences[0])[1:] == ("그는 갔다.", None)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(nfc).filter(str.strip))
def test_any_text_is_taken_to_the_letter(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("set") / "set.jsonl"
    path.write_bytes(orjson.dumps({"source": text, "reference": text}) + b"\n")
    (sentence,) = read_file(path, None)
    assert isinstance(sentence, Sentence)
    assert (sentence.source, sentence.references[0].text) == (text, text)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(st.lists(values, max_size=6))
def test_no_json_crashes_the_reader(tmp_path_factory: pytest.TempPathFactory, rows: list[object]) -> None:
    path = tmp_path_factory.mktemp("set") / "set.jsonl"
    path.write_text('{"source": "가"}\n' + "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    read_back = list(read_file(path, None))
    assert len(read_back) == len(rows) + 1
