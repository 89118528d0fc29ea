from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import FileProblem
from data.importers import ColumnMap, read_file
from data.records import Sentence
from data.samples import sample_sentences
from tests.unit.data.importers.reading import GOOD, HEADED, cells, read


def last(folder: Path, line: str) -> tuple[str | None, str, str | None] | str:
    """What becomes of `line` after the good rows; the good rows are there in any case."""
    sentences, bad = read(folder, "set.csv", HEADED + line + "\n")
    assert [sentence.group for sentence in sentences[:4]] == [
        "발이 넓다",
        "손이 크다",
        "입이 무겁다",
        "귀가 얇다",
    ]
    assert len(sentences) + len(bad) == 5
    return bad[0].reason if bad else cells(sentences[4])


def test_columns_by_number_take_the_first_row_as_a_sentence(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.csv", GOOD, "source=2,reference=3,group=1")
    assert not bad
    assert cells(sentences[1]) == ("손이 크다", "어머니는 손이 크시다.", "Mother, as ever, is generous.")
    assert [sentence.origin.row for sentence in sentences if sentence.origin] == [1, 2, 3, 4]


def test_columns_by_number_skip_the_header_where_told(tmp_path: Path) -> None:
    sentences, _ = read(tmp_path, "set.csv", HEADED, "source=2", header=True)
    assert sentences[0].source == "그는 발이 넓어서 아는 사람이 많다."
    assert sentences[0].model_extra == {"reference": "He knows everyone."}


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_recognised_whatever_the_file_is_called(tmp_path: Path, delimiter: str) -> None:
    rows = [
        ["source", "reference"],
        ["그는 갔다.", "He left."],
        ["나는 왔다, 또", "I came"],
        ["너는 잤다", "You slept"],
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    sentences, bad = read(tmp_path, "set.csv", text.getvalue())
    assert not bad
    assert [cells(sentence)[1:] for sentence in sentences] == [tuple(row) for row in rows[1:]]


def test_a_tab_separated_line_in_a_comma_file_is_not_torn_at_its_commas(tmp_path: Path) -> None:
    line = "눈이 높다\t그녀는 눈이 높다, 아주\tShe has, high standards"
    assert line.count(",") == 2, "by its commas it has the right number of columns"
    assert last(tmp_path, line) == ("눈이 높다", "그녀는 눈이 높다, 아주", "She has, high standards")


def test_a_semicolon_line_in_a_comma_file_is_not_torn_at_its_commas(tmp_path: Path) -> None:
    line = "눈이 높다;그녀는 눈이 높다, 아주;She has, high standards"
    assert last(tmp_path, line) == ("눈이 높다", "그녀는 눈이 높다, 아주", "She has, high standards")


def test_a_comma_line_in_a_tab_file_is_mended(tmp_path: Path) -> None:
    text = "그는 갔다\tHe left\n나는 왔다\tI came\n너는 잤다,You slept\n"
    sentences, bad = read(tmp_path, "set.tsv", text, "source=1,reference=2")
    assert not bad
    assert cells(sentences[2])[1:] == ("너는 잤다", "You slept")


@pytest.mark.parametrize(
    ("line", "source", "reference"),
    [
        ("눈이 높다,그녀는 눈이 높다, 아주,She has standards", "그녀는 눈이 높다, 아주", "She has standards"),
        ("눈이 높다,그녀는 눈이 높다,She has, high standards", "그녀는 눈이 높다", "She has, high standards"),
        ("눈이 높다,그는 1,000원을 냈다.,He paid 1,000 won.", "그는 1,000원을 냈다.", "He paid 1,000 won."),
    ],
)
def test_a_stray_comma_is_mended_where_one_reading_fits(
    tmp_path: Path, line: str, source: str, reference: str
) -> None:
    assert last(tmp_path, line) == ("눈이 높다", source, reference)


@pytest.mark.parametrize(
    "line",
    [
        "눈이 높다,그는 말했다,OK,He said ok",  # OK may end the source or begin the reference
        "눈이 높다,그는 갔다,나도 갔다,We left",
        "눈이 높다,그는 갔다",
        "눈이 높다,그는 갔다, 아주",  # no reference, torn at its comma: the right number of columns
        "그는 1,000원을 냈다",
    ],
)
def test_a_row_that_reads_in_two_ways_or_none_is_reported(tmp_path: Path, line: str) -> None:
    assert isinstance(last(tmp_path, line), str)


@pytest.mark.parametrize(
    "line",
    [
        "눈이 높다,그녀는 눈이 높다.,She has standards.,x",
        "눈이 높다,그녀는 눈이 높다.,She has standards.,note",
        "눈이 높다,그녀는 눈이 높다.,비고,She has standards.",
        '눈이 높다,그녀는 눈이 높다.,"She has standards",비고',
        '눈이 높다,x,"그녀는 눈이 높다.","She has standards"',
    ],
)
def test_a_cell_too_many_does_not_become_text(tmp_path: Path, line: str) -> None:
    assert isinstance(last(tmp_path, line), str)


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
@pytest.mark.parametrize(
    "cells",
    [
        ["네, 날 잡을 수 있다면 잡아 봐요.", "Yes, catch me if you can."],
        ["8월에만 8,233명이 왔다.", "In August alone 8,233 people came."],
    ],
)
def test_a_missing_column_is_not_made_up_for_by_cutting_at_commas(
    tmp_path: Path, delimiter: str, cells: list[str]
) -> None:
    sentences, bad = read(tmp_path, "set.csv", HEADED.replace(",", delimiter) + delimiter.join(cells) + "\n")
    assert len(sentences) == 4
    assert [row.reason for row in bad] == ["2 columns where the file has 3"]


@pytest.mark.parametrize(
    "cells",
    [
        ["x", "눈이 높다", "그녀는 눈이 높다."],
        ["그녀는 눈이 높다.", "She has standards.", ""],
        ["눈이 높다", "She has standards.", "그녀는 눈이 높다."],
    ],
)
def test_shifted_columns_are_reported_however_surely_they_are_cut(tmp_path: Path, cells: list[str]) -> None:
    for name, text in {
        "set.tsv": HEADED.replace(",", "\t") + "\t".join(cells),
        "set.csv": HEADED + ",".join(f'"{cell}"' for cell in cells),
    }.items():
        sentences, bad = read(tmp_path, name, text + "\n")
        assert len(sentences) == 4
        assert "shifted" in bad[0].reason


def test_a_sure_cut_is_believed_where_a_script_is_merely_new(tmp_path: Path) -> None:
    text = HEADED.replace(",", "\t") + "눈이 높다\t彼女は理想が高い。\tShe has standards.\n"
    sentences, bad = read(tmp_path, "set.tsv", text)
    assert not bad
    assert sentences[4].source == "彼女は理想が高い。"


def test_an_empty_source_is_reported_and_an_empty_reference_is_not(tmp_path: Path) -> None:
    assert last(tmp_path, "눈이 높다,,Nothing") == "the source is empty"
    assert last(tmp_path, "눈이 높다,그녀는 눈이 높다.,") == ("눈이 높다", "그녀는 눈이 높다.", None)


def test_quotes_within_text_are_text(tmp_path: Path) -> None:
    text = (
        'ko,en\n"네"라고 그가 말했다,"Yes" he said\n그는 "네, 네"라고 말했다,He said yes\n그는 갔다,He left\n'
    )
    sentences, bad = read(tmp_path, "set.csv", text)
    assert not bad
    assert cells(sentences[0])[1:] == ('"네"라고 그가 말했다', '"Yes" he said')
    assert cells(sentences[1])[1:] == ('그는 "네, 네"라고 말했다', "He said yes")


@pytest.mark.parametrize(
    "line",
    ['눈이 높다,"그녀는 눈이 높다,She has standards', '눈이 높다,그녀는 눈이 높다",She has standards'],
)
def test_a_lone_quote_is_taken_off_where_the_columns_are_clear(tmp_path: Path, line: str) -> None:
    assert last(tmp_path, line) == ("눈이 높다", "그녀는 눈이 높다", "She has standards")


def test_quotes_within_a_quoted_cell_may_stand_single(tmp_path: Path) -> None:
    line = '눈이 높다,그녀는 눈이 높다.,"She has "high", high standards"'
    assert last(tmp_path, line) == ("눈이 높다", "그녀는 눈이 높다.", 'She has "high", high standards')
    line = '눈이 높다,그녀는 눈이 높다.,"Eyes" are "high"'
    assert last(tmp_path, line) == ("눈이 높다", "그녀는 눈이 높다.", '"Eyes" are "high"')


def test_a_lone_quote_is_damage_where_all_cells_are_quoted(tmp_path: Path) -> None:
    text = '"ko","en"\n"그는 갔다","He left"\n"나는 왔다","I came"\n너는 잤다,You slept"\n'
    sentences, bad = read(tmp_path, "set.csv", text)
    assert not bad
    assert cells(sentences[2])[1:] == ("너는 잤다", "You slept")


def test_a_quote_that_may_be_text_or_damage_is_reported(tmp_path: Path) -> None:
    text = 'ko,en\n그는 갔다,He left\n"그는 왔다,He came\n나는 "왔다"고 했다,I said "so"\n'
    sentences, bad = read(tmp_path, "set.csv", text)
    assert [sentence.source for sentence in sentences] == ["그는 갔다", '나는 "왔다"고 했다']
    assert [(row.row, row.reason) for row in bad] == [(3, "a quote is opened and not closed")]
    tabbed, bad = read(tmp_path, "set.tsv", text.replace(",", "\t"))
    assert not bad
    assert tabbed[1].source == '"그는 왔다'


def test_an_unbalanced_quote_swallows_nothing(tmp_path: Path) -> None:
    rows = [f"{number}번 문장이다,sentence {number}" for number in range(500)]
    rows[3] = '"3번 문장이다,sentence 3'
    rows[90] = '90번 문장이다",sentence 90'
    rows[200:205] = [f'"{number}번, 문장이다",sentence {number}' for number in range(200, 205)]
    rows[300] = '300번 문장이다,"sentence 300'
    sentences, bad = read(tmp_path, "set.csv", "ko,en\n" + "\n".join(rows) + "\n")
    assert not bad
    assert [sentence.origin.row for sentence in sentences if sentence.origin] == list(range(2, 502))
    assert cells(sentences[200])[1:] == ("200번, 문장이다", "sentence 200")


def test_a_quoted_cell_may_span_lines_and_is_one_row(tmp_path: Path) -> None:
    text = (
        HEADED
        + '눈이 높다,"그녀는 눈이\n\n높다, 아주","She has\r\nstandards"\n코가 높다,그는 오만하다.,Proud.\n'
    )
    sentences, bad = read(tmp_path, "set.csv", text)
    assert not bad
    assert cells(sentences[4])[1:] == ("그녀는 눈이\n\n높다, 아주", "She has\nstandards")
    assert sentences[5].origin is not None
    assert sentences[5].origin.row == 7


def test_empty_lines_count_but_are_no_rows(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.csv", "ko,en\n\n그는 갔다,He left\n,\n나는 왔다,I came\n\n")
    assert not bad
    assert [sentence.origin.row for sentence in sentences if sentence.origin] == [3, 5]


def test_empty_cells_behind_the_last_column_are_dropped(tmp_path: Path) -> None:
    sentences, bad = read(
        tmp_path, "set.csv", "ko,en\n그는 갔다,He left,,\n나는 왔다,I came\n너는 잤다,You slept\n"
    )
    assert not bad
    assert cells(sentences[0])[1:] == ("그는 갔다", "He left")


def test_a_row_quoted_as_a_whole_is_opened_again(tmp_path: Path) -> None:
    text = 'ko,en\n"그는 갔다,""He, left"""\n나는 왔다,I came\n너는 잤다,You slept\n'
    sentences, bad = read(tmp_path, "set.csv", text)
    assert not bad
    assert cells(sentences[0])[1:] == ("그는 갔다", "He, left")


def test_delimiters_with_spaces_around_them(tmp_path: Path) -> None:
    text = (
        "발이 넓다 | 그는 발이 넓다, 정말 | He knows everyone\n손이 크다 | 그는 손이 크다 | He is generous\n"
    )
    sentences, bad = read(tmp_path, "set.csv", text, "source=2,reference=3,group=1")
    assert not bad
    assert cells(sentences[0]) == ("발이 넓다", "그는 발이 넓다, 정말", "He knows everyone")


def test_a_file_joined_with_commas_and_no_quotes_at_all_is_never_shifted(tmp_path: Path) -> None:
    pairs = [(each.source, each.references[0].text) for each in sample_sentences("ko")]
    text = "".join(f"{source},{reference}\n" for source, reference in pairs)
    sentences, bad = read(tmp_path, "set.csv", text, "source=1,reference=2")
    assert len(sentences) + len(bad) == len(pairs)
    assert len(sentences) > 0.9 * len(pairs)
    assert {cells(sentence)[1:] for sentence in sentences} <= set(pairs)


def test_text_that_looks_quoted_by_chance_is_not_taken_for_a_column(tmp_path: Path) -> None:
    line = '그는 갔다.,In the village," he left at once, saying ""goodbye."'
    text = "ko,en\n" + "그는 왔다.,He came.\n그는 봤다.,He saw.\n" * 3 + f"{line}\n"
    sentences, bad = read(tmp_path, "set.csv", text)
    assert len(sentences) == 6
    assert [row.row for row in bad] == [8]


def test_one_column_of_sentences_is_not_cut_at_its_commas(tmp_path: Path) -> None:
    headed, _ = read(tmp_path, "headed.csv", "source\n그는 갔다, 왔다\n나는 왔다\n나는, 나는, 갔다\n")
    bare, _ = read(tmp_path, "bare.csv", "그는 갔다, 왔다\n나는 왔다, 갔다\n나는, 나는, 갔다\n", "source=1")
    assert [sentence.source for sentence in headed] == ["그는 갔다, 왔다", "나는 왔다", "나는, 나는, 갔다"]
    assert [sentence.source for sentence in bare] == [
        "그는 갔다, 왔다",
        "나는 왔다, 갔다",
        "나는, 나는, 갔다",
    ]


def test_files_glued_together_report_the_second_header(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.csv", "ko,en\n그는 갔다,He left\n\ufeffko,en\n나는 왔다,I came\n")
    assert [sentence.source for sentence in sentences] == ["그는 갔다", "나는 왔다"]
    assert [(row.row, row.reason) for row in bad] == [(3, "is the header again")]


def test_unknown_columns_survive(tmp_path: Path) -> None:
    sentences, _ = read(
        tmp_path, "set.csv", "id,ko,en,등급\n17,그는 갔다,He left,상\n18,나는 왔다,I came,중\n"
    )
    assert sentences[0].model_extra == {"imported_id": "17", "등급": "상"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(tmp_path: Path, end: str) -> None:
    sentences, bad = read(
        tmp_path, "set.csv", end.join(["ko,en", "그는\x85갔\u2028다,He left", "나는 왔다,I came", ""])
    )
    assert not bad
    assert [sentence.source for sentence in sentences] == ["그는\n갔\n다", "나는 왔다"]


def test_a_line_of_a_million_commas_is_one_bad_row(tmp_path: Path) -> None:
    sentences, bad = read(
        tmp_path, "set.csv", f"ko,en\n그는 갔다,He left\n{',' * 1_000_000}가\n나는 왔다,I came\n"
    )
    assert [sentence.source for sentence in sentences] == ["그는 갔다", "나는 왔다"]
    assert [row.row for row in bad] == [3]


def test_a_nul_character_is_reported(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.csv", "ko,en\n가\0나다,x\n그는 갔다,y\n")
    assert [row.row for row in bad] == [2]
    assert [sentence.source for sentence in sentences] == ["그는 갔다"]


def test_without_a_map_and_names_the_map_to_type_is_shown(tmp_path: Path) -> None:
    with pytest.raises(FileProblem) as problem:
        read(tmp_path, "set.csv", GOOD + GOOD.replace("그", "저"))
    assert "--map source=2,reference=3,group=1" in problem.value.hint
    assert "발이 넓다" in problem.value.hint


@pytest.mark.parametrize("mapping", ["source=ko", "source=7,reference=1"])
def test_a_map_that_does_not_fit_names_the_columns(tmp_path: Path, mapping: str) -> None:
    with pytest.raises(FileProblem, match="column"):
        read(tmp_path, "set.csv", HEADED, mapping)


@pytest.mark.parametrize(
    "mapping",
    [
        "",
        "src=1",
        "source=0",
        "reference=2",
        "source=1,source=2",
        "source=",
        "source=1,sorce=2",
        "source=1,reference=1",
    ],
)
def test_a_map_that_cannot_be_understood_is_refused(mapping: str) -> None:
    with pytest.raises(FileProblem) as problem:
        ColumnMap.parse(mapping)
    assert "source=COLUMN" in problem.value.hint


def test_a_map_may_name_columns_with_commas() -> None:
    mapping = ColumnMap.parse("source=Korean, original,reference=English")
    assert (mapping.source, mapping.reference) == ("Korean, original", "English")


korean = st.text("가나다라 ,.;|1\"'\n-", max_size=30).map(lambda text: f"가{text}다")
english = st.text("abcd ,.;|1\"'\n-", max_size=30).map(lambda text: f"a{text}b")


@given(
    st.lists(st.tuples(korean, english), min_size=1, max_size=12),
    st.sampled_from(",\t;|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
)
def test_what_a_csv_writer_wrote_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], delimiter: str, quoting: int
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([("source", "reference"), *rows])
    path = tmp_path_factory.mktemp("set") / "set.csv"
    path.write_bytes(text.getvalue().encode())
    read_back = [cells(row)[1:] if isinstance(row, Sentence) else row for row in read_file(path, None)]
    assert read_back == rows


@given(st.binary(max_size=400))
def test_no_bytes_crash_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("set") / "set.csv"
    path.write_bytes(content)
    with contextlib.suppress(FileProblem):
        assert all(read_file(path, ColumnMap.parse("source=1")))
