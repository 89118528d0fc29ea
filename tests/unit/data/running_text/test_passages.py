"""From lines to paragraphs: wrapped lines, torn words, headings, and the wrapping of an edition."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from data.running_text import Lengths, NumberedLine, Passage, Wrapping, count_words, passages, without_edition

WRAPPED = """\
CHAPTER I. IN WHICH MR. PELL IS LATE

The harbour froze on the second of January, and nobody in the
village had ever seen such a thing; the boats stood in the ice
like teeth in an old jaw. Mr. Pell, who was known in all the
houses as a liar, and who told his lies as well as a well-
known preacher, went out on the ice under these circum-
stances all the same. He stayed away until it was dark. He
came back without his hat and without his dog, and he
said--
and nobody believed him--that he had seen the sea move.

* * *

"In other circumstances," he said, "I would have stayed. I am
a man of peace, and the ice is no friend of peaceful men."
    A new paragraph is indented here and has no blank line
before it, as it was the custom in old prints of this kind.
"""


def read(text: str) -> list[Passage]:
    lines = [NumberedLine(number, line) for number, line in enumerate(text.split("\n"), 1)]
    return list(passages(lines, Wrapping.of([line.text for line in lines])))


def texts_of(text: str) -> list[str]:
    return [passage.text for passage in read(text) if not passage.is_heading]


def test_wrapped_lines_are_put_together() -> None:
    sentences = texts_of(WRAPPED)

    assert sentences[0].endswith("like teeth in an old jaw.")
    assert "\n" not in "".join(sentences)
    assert any("he said--and nobody believed him--that" in sentence for sentence in sentences)
    assert sentences[-1].startswith("A new paragraph is indented here")


def test_a_word_torn_at_a_line_s_end_is_made_whole_and_a_compound_keeps_its_hyphen() -> None:
    sentences = " ".join(texts_of(WRAPPED))

    assert "these circumstances all" in sentences
    assert "a well-known preacher" in sentences


def test_a_heading_is_no_sentence_and_is_not_split() -> None:
    headings = [passage.text for passage in read(WRAPPED) if passage.is_heading]

    assert headings == ["CHAPTER I. IN WHICH MR. PELL IS LATE", "* * *"]


def test_a_sentence_tells_the_line_on_which_it_begins() -> None:
    lines = WRAPPED.split("\n")

    for passage in read(WRAPPED):
        assert passage.text.split()[0] in lines[passage.line - 1]


def test_where_lines_are_not_wrapped_each_is_a_paragraph() -> None:
    text = (
        "“왔니?”\n할머니는 돌아보지도 않고 물었다. 나는 대답하지 않고 부엌으로 들어가 물부터 한 그릇 마셨다.\n그래\n"
        * 4
    )

    assert texts_of(text)[:4] == [
        "“왔니?”",
        "할머니는 돌아보지도 않고 물었다.",
        "나는 대답하지 않고 부엌으로 들어가 물부터 한 그릇 마셨다.",
        "그래",
    ]


def test_a_list_of_sentences_of_one_width_is_not_taken_for_wrapped_text() -> None:
    lines = [
        f"The ferryman of house {number:03} counted his boats before the tide" for number in range(100, 130)
    ]

    assert texts_of("\n".join(lines)) == lines


def test_wrapped_chinese_is_joined_without_a_space() -> None:
    line = "海整天用低沉的声音讲着同一个故事我们背着这个故事爬上山坡谁也没有回头"
    text = f"{line}\n{line}\n{line}\n{line[:8]}。"

    assert texts_of(text) == [line * 3 + line[:8] + "。"]


def test_chapters_in_korean_and_chinese_are_headings() -> None:
    for heading in (
        "제3장 바람",
        "제 12 화",
        "第三章 风雨",
        "XIV",
        "12.",
        "PROLOGUE",
        "BOOK THE SECOND",
        "-----",
    ):
        assert read(f"{heading}\n\n그는 갔다.")[0].is_heading, heading
    for line in ("Part of me wished it.", "I", "제3장에서 그는 죽는다.", "STOP!", "12 men came."):
        assert not any(passage.is_heading for passage in read(f"{line}\n\n그는 갔다.") if line != "I"), line


def test_what_an_electronic_edition_says_around_the_book_is_left_out() -> None:
    text = (
        "Licence.\n\n*** START OF THE PROJECT GUTENBERG EBOOK A ***\nThe book.\n"
        "*** END OF THE PROJECT GUTENBERG EBOOK A ***\nMore licence."
    )
    lines = [NumberedLine(number, line) for number, line in enumerate(text.split("\n"), 1)]

    assert [line.text for line in without_edition(lines, begins_later=True)] == ["The book."]
    assert len(list(without_edition(lines[3:4], begins_later=False))) == 1


def test_words_are_counted_alike_in_every_script() -> None:
    assert count_words("He turned--the stair creaked—and listened.") == 7
    assert count_words("그는 발이 넓어서 모르는 사람이 없었다.") == 6
    assert count_words("他这个人，刀子嘴，豆腐心。") == 7  # ten characters
    assert count_words("— … “ ” 42") == 1
    assert Lengths.parse("5 - 60") == (5, 60)


@given(st.lists(st.text(alphabet='Aa. \t-다。他"”1', max_size=90), max_size=30))
def test_lines_are_lost_nowhere(lines: list[str]) -> None:
    numbered = [NumberedLine(number, line) for number, line in enumerate(lines, 1)]

    found = "".join(passage.text for passage in passages(numbered, Wrapping.of(lines)))

    assert _bare(found) == _bare("".join(lines))


def _bare(text: str) -> str:
    """White space aside, and the hyphens at line ends that wrapping left."""
    return "".join(text.split()).replace("-", "")
