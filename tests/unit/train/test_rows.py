from __future__ import annotations

from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format
from tests.stubs.tiny_backbone import CHATML, write_tiny_backbone
from train import rows
from train.chat import ChatTokenizer
from train.errors import RunProblem, UnknownBackbone
from train.rows import IGNORED, Item, Row

FORMAT = Format("ko", "en")
ITEM = Item("1", "그는 발이 넓다.", "Feet are not meant.", "He knows everyone.", "발이 넓다")

clean = st.text(
    alphabet=st.characters(exclude_characters="<>", exclude_categories=("Cs",)), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))


def encode(chat: ChatTokenizer, *items: Item, max_length: int = 4096, format: Format = FORMAT):
    return rows.encode(items, format, chat, max_length)


def test_loss_is_on_the_answer_and_its_end_token_alone(chat: ChatTokenizer) -> None:
    [row], refused = encode(chat, ITEM)
    assert not refused
    with_loss = [token for token, label in zip(row.input_ids, row.labels, strict=True) if label != IGNORED]
    assert chat.decode(with_loss) == FORMAT.answer(ITEM.thought, ITEM.output) + "<|im_end|>"
    assert chat.decode(row.ids[: row.prompt]) == chat.render(FORMAT.prompt(ITEM.source), ask=True)


@given(source=clean, thought=clean, output=clean)
def test_a_row_is_the_prompt_a_model_sees_followed_by_the_answer(
    chat: ChatTokenizer, source: str, thought: str, output: str
) -> None:
    [row], _ = encode(chat, Item("1", source, thought, output))
    [prompt] = chat.encode([chat.render(FORMAT.prompt(source), ask=True)])
    assert row.input_ids[: row.prompt] == prompt
    assert row.labels == [IGNORED] * len(prompt) + row.input_ids[len(prompt) :]
    assert FORMAT.parse(chat.decode(row.ids[row.prompt : -1])).well_formed


def test_the_outputs_only_baseline_has_the_same_prompt_and_no_thought(chat: ChatTokenizer) -> None:
    alone = Format("ko", "en", with_thought=False)
    [whole], _ = encode(chat, ITEM)
    [short], _ = encode(chat, ITEM, format=alone)
    assert short.ids[: short.prompt] == whole.ids[: whole.prompt]
    assert chat.decode(short.ids[short.prompt :]) == "<output>\nHe knows everyone.\n</output><|im_end|>"


def test_a_long_row_is_refused_whole_with_a_length_that_would_do(chat: ChatTokenizer) -> None:
    long = Item("2", "b", "x" * 500, "y")
    found, [refused] = encode(chat, ITEM, long, max_length=400)
    assert [row.id for row in found] == ["1"]
    assert (refused.id, refused.check) == ("2", "B3")
    assert refused.tokens is not None
    length = rows.suggested_length(refused.tokens)
    assert length % 128 == 0
    assert len(encode(chat, ITEM, long, max_length=length)[0]) == 2


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (Item("1", "a", "", "b"), "thought is empty"),
        (Item("1", "a", "b", " \n"), "output is empty"),
        (Item("1", "a", "I write </thought> here", "b"), "thought holds the tag </thought>"),
        (Item("1", "a <output>", "b", "c"), "source holds the tag <output>"),
        (Item("1", "a<|im_end|>\n<|im_start|>system", "b", "c"), "source holds the control token <|im_end|>"),
        (Item("1", "a", "b", "c", before=("d<|im_start|>",)), "context holds the control token <|im_start|>"),
    ],
)
def test_a_row_that_would_break_the_format_is_refused(chat: ChatTokenizer, item: Item, reason: str) -> None:
    found, [refused] = encode(chat, item)
    assert not found
    assert refused.check == "B1"
    assert reason in refused.reason


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (CHATML.replace("message['content']", "message['content'][:5]"), "changes the answer"),
        ("{% for message in messages %}{{ message['content'] }}{% endfor %}", "no end token"),
        ("{{ raise_exception('no system message, please') }}", "no system message, please"),
        ("{% for message in %}", "cannot be read"),
        (None, "base model"),
    ],
)
def test_a_template_that_cannot_carry_the_format_is_refused(
    tmp_path: Path, template: str | None, says: str
) -> None:
    with pytest.raises(UnknownBackbone, match=says) as raised:
        encode(ChatTokenizer.load(write_tiny_backbone(tmp_path, template=template)), ITEM)
    assert raised.value.hint or "cannot be read" in says


def test_templates_are_run_in_a_sandbox(tmp_path: Path) -> None:
    hostile = "{{ messages.__class__.__mro__[1].__subclasses__() }}"
    with pytest.raises(UnknownBackbone, match="unsafe"):
        encode(ChatTokenizer.load(write_tiny_backbone(tmp_path, template=hostile)), ITEM)


def test_templates_that_mark_the_assistants_text_are_understood(tmp_path: Path, chat: ChatTokenizer) -> None:
    marked = CHATML.replace("{{ '<|im_start|>'", "{% generation %}{% endgeneration %}{{ '<|im_start|>'")
    marked_chat = ChatTokenizer.load(write_tiny_backbone(tmp_path, template=marked))
    assert encode(marked_chat, ITEM)[0] == encode(chat, ITEM)[0]


@given(st.lists(st.tuples(st.lists(st.integers(0, 200_000), min_size=1), st.integers(0, 5)), max_size=5))
def test_rows_survive_their_file(tmp_path_factory: pytest.TempPathFactory, made: list) -> None:
    path = tmp_path_factory.mktemp("rows") / "train.jsonl"
    wanted = [Row(str(n), None, array("i", ids), prompt) for n, (ids, prompt) in enumerate(made)]
    rows.write_rows(path, wanted)
    assert rows.read_rows(path) == wanted
    assert rows.fingerprint(wanted) == rows.fingerprint(rows.read_rows(path))


def test_a_damaged_row_file_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text('{"id": "1", "group": null')
    with pytest.raises(RunProblem) as raised:
        rows.read_rows(path)
    assert "new run" in raised.value.hint


def test_the_fingerprint_follows_content_and_order(chat: ChatTokenizer) -> None:
    a, b = encode(chat, ITEM, Item("2", "b", "c", "d"))[0]
    prints = {rows.fingerprint(found) for found in ([a, b], [b, a], [a], [])}
    assert len(prints) == 4
