from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format, Reply

FORMAT = Format("ko", "en")
PIECES = (
    "<thought>",
    "</thought>",
    "<output>",
    "</output>",
    "발이 넓다",
    "feet ",
    "\n",
    "<",
    ">",
    "</",
    "thought",
)

fields = (
    st.text(alphabet=st.characters(exclude_characters="<>", exclude_categories=("Cs",)))
    .map(str.strip)
    .filter(bool)
)
hostile = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30).map("".join)


def test_prompt_fills_in_the_languages_and_keeps_braces_of_the_source() -> None:
    system, user = FORMAT.prompt("그는 {발}이 넓다.")
    assert system == {"role": "system", "content": FORMAT.system}
    assert user["content"] == (
        "Please translate the following text from Korean to English:\n그는 {발}이 넓다."
    )


def test_prompt_carries_the_sentences_before_it_oldest_first() -> None:
    wide = Format("ko", "en", context=2)
    text = wide.prompt("c", before=("z", "a", "b"))[1]["content"]
    assert text.startswith("Sentences before it, for context only:\na\nb\n\n")
    assert wide.prompt("c")[1] == FORMAT.prompt("c")[1]


def test_fingerprint_follows_all_that_the_model_sees() -> None:
    others = (
        Format("ko", "de"),
        Format("ko", "en", context=1),
        Format("ko", "en", system="Be brief."),
        Format("ko", "en", thought_tag="think"),
        Format("ko", "en", with_thought=False),
    )
    assert len({FORMAT.fingerprint, *(other.fingerprint for other in others)}) == 1 + len(others)
    assert Format("ko-KR", "en").fingerprint == FORMAT.fingerprint


def test_output_alone_is_written_and_read_without_a_thought() -> None:
    alone = Format("ko", "en", with_thought=False)
    answer = alone.answer("never seen", "Hello")
    assert answer == "<output>\nHello\n</output>"
    assert alone.parse(answer) == Reply("", "Hello")
    assert not alone.parse(FORMAT.answer("a thought", "Hello")).well_formed


@pytest.mark.parametrize(
    ("reply", "thought", "output", "troubles"),
    [
        ("<thought>a</thought><output>b</output>", "a", "b", ()),
        ("", "", "", ("no-thought", "no-output")),
        ("just a translation", "", "", ("no-thought", "no-output", "outside")),
        ("<thought>a", "a", "", ("no-output", "thought-cut")),
        ("<thought>a</thought><output>b", "a", "b", ("output-cut",)),
        ("<thought>a<output>b</output>", "a", "b", ("thought-cut",)),
        ("<thought>a<output>b</output></thought>", "a", "b", ("thought-cut", "nested")),
        ("<thought>a</output><output>b</output>", "a", "b", ("thought-cut", "nested")),
        ("<thought>a<thought>c</thought><output>b</output>", "a", "b", ("thought-cut", "doubled")),
        ("<thought>a</thought><output>b</output><output>c</output>", "a", "b", ("doubled",)),
        ("<output>b</output><thought>a</thought>", "a", "b", ("order",)),
        ("a</thought><output>b</output>", "", "b", ("no-thought", "order", "outside")),
        ("Sure!<thought>a</thought><output>b</output>", "a", "b", ("outside",)),
        ("<thought> </thought><output>b</output>", "", "b", ("empty",)),
    ],
)
def test_troubles_are_named_and_the_fields_still_read(
    reply: str, thought: str, output: str, troubles: tuple[str, ...]
) -> None:
    assert FORMAT.parse(reply) == Reply(thought, output, troubles)


def test_tagged_means_both_fields_closed_even_if_something_else_is_wrong() -> None:
    assert FORMAT.parse("Sure!" + FORMAT.answer("a", "b")).tagged
    assert not FORMAT.parse("<thought>a</thought><output>b").tagged


@given(thought=fields, output=fields)
def test_an_answer_is_read_back_as_it_was_written(thought: str, output: str) -> None:
    assert FORMAT.parse(FORMAT.answer(thought, output)) == Reply(thought, output)


@given(thought=fields, output=fields, data=st.data())
def test_no_cut_answer_counts_as_well_formed(thought: str, output: str, data: st.DataObject) -> None:
    answer = FORMAT.answer(thought, output)
    cut = FORMAT.parse(answer[: data.draw(st.integers(0, len(answer) - 1))])
    assert not cut.tagged
    assert (
        thought.startswith(cut.thought.removesuffix("</thought>"[: len(cut.thought)])) or "<" in cut.thought
    )


@given(hostile)
def test_any_text_is_read_without_a_tag_left_in_a_field(reply: str) -> None:
    read = FORMAT.parse(reply)
    assert not FORMAT.tags_in(read.thought + "|" + read.output)
    assert len(set(read.troubles)) == len(read.troubles)


@given(hostile)
def test_what_is_well_formed_means_what_its_fields_say(reply: str) -> None:
    read = FORMAT.parse(reply)
    if read.well_formed:
        assert FORMAT.parse(FORMAT.answer(read.thought, read.output)) == read
        assert read.thought
        assert read.output


def test_a_very_long_reply_of_opening_tags_is_read_at_once() -> None:
    assert "doubled" in FORMAT.parse("<thought>" * 100_000).troubles
