"""A text file as sentences that know their place in it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from data.errors import FileProblem
from data.importers import BadRow
from data.importers.running_text import CONTEXT, LeftOut, read_running_text
from data.records import Sentence, sentence_id
from data.running_text import Lengths

KOREAN = (
    "제1장 겨울\n\n"
    "그는 발이 넓어서 이 항구에서 모르는 사람이 하나도 없었지만 정작 친구는 없었다. 그랬다.\n"
    "바다는 하루 종일 낮은 소리로 같은 이야기를 되풀이했고 우리는 그 이야기를 등에 지고 언덕을 올랐다.\n"
)
ANY = Lengths(1, 1000)


def sentences(path: Path, lengths: Lengths = Lengths()) -> list[Sentence]:  # noqa: B008 - immutable
    return [row for row in read_running_text(path, lengths) if isinstance(row, Sentence)]


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp949", "euc_kr"])
def test_every_encoding_gives_the_same_sentences(tmp_path: Path, encoding: str) -> None:
    found = sentences(written(tmp_path / "book.txt", KOREAN, encoding))

    assert [each.source[:8] for each in found] == ["그는 발이 넓어", "바다는 하루 종"]


def test_text_is_composed_whatever_form_the_file_has(tmp_path: Path) -> None:
    decomposed = written(tmp_path / "mac.txt", unicodedata.normalize("NFD", KOREAN))
    composed = written(tmp_path / "win.txt", KOREAN)

    assert [each.id for each in sentences(decomposed)] == [each.id for each in sentences(composed)]


def test_a_sentence_knows_its_place_and_those_before_it(tmp_path: Path) -> None:
    first, second = sentences(written(tmp_path / "book.txt", KOREAN))

    assert (first.document, first.position, first.before) == ("book.txt", 1, ())
    assert (second.position, second.before) == (3, (first.source, "그랬다."))
    assert second.origin is not None
    assert (second.origin.file, second.origin.row) == ("book.txt", 4)
    assert first.id == sentence_id(first.source)


def test_what_went_before_ends_at_a_heading_and_is_bounded(tmp_path: Path) -> None:
    text = " ".join(f"문장 {number} 이다." for number in range(9)) + "\n\n제2장\n\n새 장이다. 끝."

    found = sentences(written(tmp_path / "book.txt", text), ANY)

    assert len(found[8].before) == CONTEXT
    assert found[9].before == ()
    assert found[10].before == ("새 장이다.",)


def test_what_is_left_out_is_told_in_its_place(tmp_path: Path) -> None:
    text = KOREAN + "\n" + "낱말 " * 101 + "끝.\n"

    rows = list(read_running_text(written(tmp_path / "book.txt", text), Lengths()))

    assert [type(row) for row in rows] == [LeftOut, Sentence, LeftOut, Sentence, LeftOut]
    assert [row for row in rows if isinstance(row, LeftOut)] == [LeftOut.HEADING, LeftOut.SHORT, LeftOut.LONG]


def test_lines_that_cannot_be_read_are_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(KOREAN.encode() + b"\xff\xfe\xfd\n" + b"a\0b\n" + "마지막 줄이다.\n".encode())

    rows = list(read_running_text(path, ANY))

    assert [row.row for row in rows if isinstance(row, BadRow)] == [5, 6]
    assert any(isinstance(row, Sentence) and row.source == "마지막 줄이다." for row in rows)


def test_two_megabytes_on_one_line_are_split(tmp_path: Path) -> None:
    sentence = "The harbour froze, and nobody in the village had ever seen such a thing in all these years. "
    path = written(tmp_path / "book.txt", sentence * (2_000_000 // len(sentence)))

    found = sentences(path)

    assert len(found) == 2_000_000 // len(sentence)
    assert {each.source for each in found} == {sentence.strip()}


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        read_running_text(written(tmp_path / "book.txt", ""), ANY)


def test_of_a_file_that_is_no_text_every_line_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(b"\x00\x01\x02\x03\n" * 50)

    rows = list(read_running_text(path, ANY))

    assert len(rows) == 50
    assert all(isinstance(row, BadRow) for row in rows)


def test_a_file_that_is_not_there_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        read_running_text(tmp_path / "none.txt", ANY)
