from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import FileProblem
from data.importers.decoding import encoding_of, read_lines
from tests.unit.data.importers.reading import cells, read

KOREAN = "ko,en\n그는 발이 넓다.,He knows everyone.\n표를 샀다,I bought a ticket\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp949", "euc_kr"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_korean_in_every_usual_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    sentences, bad = read(tmp_path, "set.csv", KOREAN.replace("\n", end).encode(encoding))
    assert not bad
    assert [cells(sentence)[1:] for sentence in sentences] == [
        ("그는 발이 넓다.", "He knows everyone."),
        ("표를 샀다", "I bought a ticket"),
    ]


@pytest.mark.parametrize(
    "text",
    ["표", "토끼", "안녕", "네.", "똠방각하 펲시콜라", "가나다라 마바사\n확인", "漢字와 한글을 섞은 글이다"],
)
def test_short_korean_files_in_cp949(tmp_path: Path, text: str) -> None:
    sentences, _ = read(tmp_path, "set.txt", text.encode("cp949"))
    assert [sentence.source for sentence in sentences] == text.split("\n")


@pytest.mark.parametrize(
    "text", ["café", "Il va à Paris.", "É", "Où est-il allé ?", "naïve — “quoted”", "ñandú"]
)
def test_accented_latin_in_utf8_is_not_taken_for_korean(tmp_path: Path, text: str) -> None:
    sentences, _ = read(tmp_path, "set.txt", text.encode())
    assert [sentence.source for sentence in sentences] == [text]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("这对我们来说就是生活的必需品。\n他是个贼，一个捣蛋鬼。\n", "gbk"),
        ("これは日本語の文章です。\n猫が好きだ。\n", "shift_jis"),
        ("これは日本語の文章です。\n猫が好きだ。\n", "euc_jp"),
    ],
)
def test_neighbouring_languages_are_not_taken_for_korean(tmp_path: Path, text: str, encoding: str) -> None:
    sentences, _ = read(tmp_path, "set.txt", text.encode(encoding))
    assert [sentence.source for sentence in sentences] == text.split()


def test_utf16_without_mark_holding_latin_letters_only(tmp_path: Path) -> None:
    sentences, _ = read(tmp_path, "set.txt", "He went home.\nShe stayed.\n".encode("utf-16-be"))
    assert [sentence.source for sentence in sentences] == ["He went home.", "She stayed."]


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_broken_bytes_do_not_make_a_file_utf16(tmp_path: Path, rows: int) -> None:
    row = '{"text": "그는 발이 넓다.", "trans": "He knows everyone."}\n'.encode()
    (tmp_path / "set.jsonl").write_bytes(row * rows + b"\xff\xfe broken\n\0\0\n\n" + row)
    troubled = [number for number, line in enumerate(read_lines(tmp_path / "set.jsonl"), 1) if line.trouble]
    assert troubled == [rows + 1]


def test_a_file_glued_together_from_two_encodings(tmp_path: Path) -> None:
    content = (
        "안녕하세요 여러분\n".encode()
        + "안녕히 가세요\n".encode("cp949")
        + codecs.BOM_UTF8
        + "다시 만나요\n".encode()
    )
    sentences, bad = read(tmp_path, "set.txt", content)
    assert not bad
    assert [sentence.source for sentence in sentences] == [
        "안녕하세요 여러분",
        "안녕히 가세요",
        "다시 만나요",
    ]


def test_a_line_of_broken_bytes_is_one_bad_row(tmp_path: Path) -> None:
    content = "첫째 줄\n".encode() + "잘린 글".encode()[:-1] + b"\ncaf\xe9\n" + "넷째 줄\n".encode()
    sentences, bad = read(tmp_path, "set.txt", content)
    assert [sentence.source for sentence in sentences] == ["첫째 줄", "넷째 줄"]
    assert [row.row for row in bad] == [2, 3]


def test_utf16_with_a_byte_too_many_loses_nothing_else(tmp_path: Path) -> None:
    sentences, bad = read(tmp_path, "set.txt", "표를 샀다\n토끼를 봤다\n".encode("utf-16-le") + b"\x41")
    assert [sentence.source for sentence in sentences] == ["표를 샀다", "토끼를 봤다"]
    assert [row.row for row in bad] == [3]


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="no text"):
        read(tmp_path, "set.txt", bytes(range(256)) * 20)


def test_korean_behind_a_megabyte_of_latin_is_still_read(tmp_path: Path) -> None:
    content = b"A plain line of English text.\n" * 40_000 + "그는 발이 넓다\n".encode("cp949")
    sentences, bad = read(tmp_path, "set.txt", content)
    assert not bad
    assert sentences[-1].source == "그는 발이 넓다"


words = st.text(st.sampled_from([chr(code) for code in range(0xAC00, 0xD7A4)] + list(" .,?!abc")), min_size=1)


@given(words, st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_marked_or_plain_unicode_file_is_never_mistaken(text: str, encoding: str) -> None:
    content = f"{text}\n이것은 문장이다.\n".encode(encoding)
    name = encoding_of(content)
    assert name is not None
    assert content.decode(name).lstrip("\ufeff") == f"{text}\n이것은 문장이다.\n"
