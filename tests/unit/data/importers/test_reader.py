from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from data.errors import FileProblem
from data.importers import ColumnMap, guess_languages, read_file
from data.records import Reference, Sentence, sentence_id
from tests.unit.data.importers.reading import read


def test_a_text_file_is_a_sentence_a_line_in_order(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "story.txt", "  첫 문장이다.\n\n둘째, 문장이다.\n")
    assert not bad
    assert [(s.source, s.document, s.position) for s in sentences] == [
        ("첫 문장이다.", "story.txt", 1),
        ("둘째, 문장이다.", "story.txt", 2),
    ]
    assert [s.origin.row for s in sentences if s.origin] == [1, 3]


def test_a_text_file_of_columns_asks_for_the_map(tmp_path: Path) -> None:
    table = "그는 갔다.\tHe left.\n나는 왔다.\tI came.\n"
    with pytest.raises(FileProblem) as problem:
        read(tmp_path, "table.txt", table)
    assert "--map source=1,reference=2" in problem.value.hint
    sentences, _ = read(tmp_path, "table.txt", table, "source=1,reference=2")
    assert [s.source for s in sentences] == ["그는 갔다.", "나는 왔다."]


def test_sentences_of_a_document_are_counted(tmp_path: Path) -> None:
    sentences, _ = read(tmp_path, "set.csv", "document,source\na,하나\nb,둘\na,셋\n")
    assert [(s.document, s.position) for s in sentences] == [("a", 1), ("b", 1), ("a", 2)]


def test_text_becomes_nfc_and_ids_follow(tmp_path: Path) -> None:
    sentences, _ = read(tmp_path, "set.csv", unicodedata.normalize("NFD", "source,메모\n한글이다,글\n"))
    assert sentences[0].source == "한글이다"
    assert sentences[0].id == sentence_id("한글이다")
    assert sentences[0].model_extra == {"메모": "글"}


def test_the_licence_is_that_of_rows_that_name_none(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text('{"source": "가"}\n{"source": "나", "licence": "CC0-1.0"}\n', encoding="utf-8")
    rows = list(read_file(path, None, licence="CC-BY-4.0"))
    assert [row.licence for row in rows if isinstance(row, Sentence)] == ["CC-BY-4.0", "CC0-1.0"]


def test_a_line_of_megabytes_is_one_bad_row(tmp_path: Path) -> None:
    for name in ("set.txt", "set.csv", "set.jsonl"):
        long = "가나다 " * 600_000
        line = f'{{"source": "{long}"}}' if name.endswith("l") else long
        other = '{"source": "안녕"}' if name.endswith("l") else "안녕"
        mapping = "source=1" if name.endswith("csv") else None
        sentences, bad = read(tmp_path, name, f"{line}\n{other}\n", mapping)
        assert [s.source for s in sentences] == ["안녕"]
        assert [row.row for row in bad] == [1]
        assert len(bad[0].reason) < 200


def test_a_file_is_streamed(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    path.write_text("".join(f'{{"source": "{number}번"}}\n' for number in range(5000)), encoding="utf-8")
    rows = read_file(path, None)
    assert isinstance(next(rows), Sentence)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"source": "late"}\n')
    assert [row.source for row in rows if isinstance(row, Sentence)][-1] == "late"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", ""),
        ("blank.csv", "\n\n"),
        ("blank.txt", " \r\n\n"),
        ("mark.txt", "\ufeff"),
        ("set.docx", "x"),
    ],
)
def test_files_without_rows_or_of_unknown_kind_are_refused(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(FileProblem) as problem:
        read(tmp_path, name, content)
    assert name in problem.value.message
    assert problem.value.hint


def test_missing_files_and_directories_are_refused_at_the_call(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="does not exist"):
        read_file(tmp_path / "none.csv", None)
    with pytest.raises(FileProblem, match="directory"):
        read_file(tmp_path, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_text("source\n가\n", encoding="utf-8")
    path.chmod(0)
    with pytest.raises(FileProblem, match="cannot be read"):
        read_file(path, ColumnMap(source=1))


@pytest.mark.parametrize(
    ("source", "reference", "languages"),
    [
        ("그는 LG U+에서 일한다.", "He works at LG U+.", ("ko", "en")),
        ("He is a wolf.", "他是狼。", ("en", "zh")),
        ("これは猫です。", None, ("ja", "en")),
        ("He left.", None, ("en", "ko")),
        ("123", None, ("ko", "en")),
    ],
)
def test_languages_are_guessed_by_script(
    source: str, reference: str | None, languages: tuple[str, str]
) -> None:
    references = () if reference is None else (Reference(text=reference),)
    sentences = [Sentence(id=sentence_id(source), source=source, references=references)]
    assert guess_languages(sentences) == languages
