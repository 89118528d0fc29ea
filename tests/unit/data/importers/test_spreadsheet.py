from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import FileProblem
from data.importers import BadRow, ColumnMap, read_file
from data.records import Sentence
from tests.stubs.workbook import Cell, write_workbook
from tests.unit.data.importers.reading import cells

ROWS: list[list[Cell]] = [
    ["발이 넓다", "그는 발이 넓다.", "He knows everyone."],
    ["손이 크다", "어머니는 손이 크시다.", "Mother is generous."],
]


def read_book(path: Path, mapping: str | None) -> tuple[list[Sentence], list[BadRow]]:
    rows = list(read_file(path, ColumnMap.parse(mapping) if mapping else None))
    return [row for row in rows if isinstance(row, Sentence)], [
        row for row in rows if isinstance(row, BadRow)
    ]


def test_columns_by_number(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "set.xlsx", {"Sheet1": ROWS})
    sentences, bad = read_book(book, "source=2,reference=3,group=1")
    assert not bad
    assert [cells(sentence) for sentence in sentences] == [tuple(row) for row in ROWS]
    assert [sentence.origin.row for sentence in sentences if sentence.origin] == [1, 2]


def test_columns_by_name_where_the_table_does_not_begin_at_a1(tmp_path: Path) -> None:
    book = write_workbook(
        tmp_path / "set.xlsx", {"S": [["관용구", "원문", "번역"], *ROWS]}, first_row=4, first_column=3
    )
    sentences, bad = read_book(book, None)
    assert not bad
    assert [cells(sentence) for sentence in sentences] == [tuple(row) for row in ROWS]
    assert [sentence.origin.row for sentence in sentences if sentence.origin] == [5, 6]


def test_column_numbers_count_from_a(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "set.xlsx", {"S": ROWS}, first_column=3)
    sentences, _ = read_book(book, "source=4,reference=5")
    assert sentences[0].source == "그는 발이 넓다."


def test_odd_cells(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["가", "그는 갔다.", 3], ["나", None, "no source"], ["다", "#DIV/0!", "an error"], [4.0, 2019, True],
        [], ["라", "문장이다"], [None, "줄이\r\n둘이다", 1.5, "stray"],
    ]  # fmt: skip
    book = write_workbook(tmp_path / "set.xlsx", {"S": rows})
    sentences, bad = read_book(book, "source=2,reference=3,group=1")
    assert [cells(sentence) for sentence in sentences] == [
        ("가", "그는 갔다.", "3"), ("4", "2019", "TRUE"), ("라", "문장이다", None), (None, "줄이\n둘이다", "1.5"),
    ]  # fmt: skip
    assert [row.row for row in bad] == [2, 3]
    assert sentences[-1].model_extra == {"column_4": "stray"}


def test_text_of_a_merged_cell_belongs_to_all_its_rows(tmp_path: Path) -> None:
    rows: list[list[Cell]] = [
        ["발이 넓다", "문장 하나"],
        [None, "문장 둘"],
        [None, "문장 셋"],
        [None, "문장 넷"],
    ]
    book = write_workbook(tmp_path / "set.xlsx", {"S": rows}, merged=["A1:A3"])
    sentences, _ = read_book(book, "source=2,group=1")
    assert [sentence.group for sentence in sentences] == ["발이 넓다", "발이 넓다", "발이 넓다", None]


def test_the_first_visible_sheet_with_rows_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    sheets: dict[str, list[list[Cell]]] = {"Empty": [], "Old": ROWS[:1], "New": ROWS, "Notes": [["a note"]]}
    book = write_workbook(tmp_path / "set.xlsx", sheets, hidden=["Old"])
    sentences, bad = read_book(book, "source=2")
    assert len(sentences) == 2
    assert ["Notes" in row.reason for row in bad] == [True]


def test_a_header_alone_holds_no_sentences(tmp_path: Path) -> None:
    book = write_workbook(tmp_path / "set.xlsx", {"S": [["source", "reference"]]})
    assert read_book(book, None) == ([], [])


@pytest.mark.parametrize("mapping", ["source=4", "source=ko", "source=2,reference=9", None])
def test_a_column_that_is_not_there_is_one_clear_sentence(tmp_path: Path, mapping: str | None) -> None:
    book = write_workbook(tmp_path / "set.xlsx", {"S": ROWS})
    with pytest.raises(FileProblem) as problem:
        read_book(book, mapping)
    assert problem.value.message.count(".") <= 2
    assert problem.value.hint


def test_what_is_no_spreadsheet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "set.xlsx"
    path.write_text("source,reference\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="spreadsheet"):
        read_file(path, None)
    book = write_workbook(tmp_path / "book.xlsx", {"Empty": []})
    with pytest.raises(FileProblem, match="no rows"):
        read_file(book, None)
    with pytest.raises(FileProblem, match="spreadsheet"):
        read_file(book.rename(tmp_path / "book.csv"), None)
