"""Every check that runs before a training has a case here that makes it fail."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from data.format import Format
from tests.stubs.machines import GPU_BOX, INSTALLED, LAPTOP, QWEN_7B
from tests.stubs.tiny_backbone import write_tiny_backbone
from train import rows
from train.chat import ChatTokenizer
from train.doctor import before, method, resources
from train.doctor.check import Check, levels
from train.machine import GIB
from train.memory import estimate
from train.plan import plan
from train.rows import Item, Refused, Row
from train.settings import TrainSettings

FORMAT = Format("ko", "en")
ITEMS = tuple(Item(str(n), f"그는 {n}번", f"I think {n}", f"He {n}", group=f"idiom {n}") for n in range(4))


def encode(chat: ChatTokenizer, *items: Item, max_length: int = 4096) -> tuple[list[Row], list[Refused]]:
    return rows.encode(items, FORMAT, chat, max_length)


def says(check: Check, id: str, level: str, *words: str) -> None:
    assert (check.id, check.level) == (id, level)
    for word in words:
        assert word in check.message + check.fix
    assert check.fix or level == "pass"


def test_sound_rows_pass_every_check(chat: ChatTokenizer) -> None:
    found, refused = encode(chat, *ITEMS)
    checks = (
        before.fields(refused, ITEMS, drop=False),
        before.round_trip(refused, found, ITEMS, FORMAT, chat),
        before.length(refused, found, 4096, drop=False),
        before.mask(found, FORMAT, chat),
        before.end(found, chat),
        before.prompts(found[:3], found[3:], FORMAT, chat),
        before.limits(found, None)[0],
    )
    assert levels(checks) == {f"B{number}": "pass" for number in range(1, 8)}


def test_b1_fails_on_tags_inside_fields_and_warns_when_they_are_dropped(chat: ChatTokenizer) -> None:
    bad = Item("9", "a", "<output>", "b")
    _, refused = encode(chat, bad)
    says(before.fields(refused, [bad], drop=False), "B1", "fail", "9", "holds the tag", "review")
    says(before.fields(refused, [bad], drop=True), "B1", "warn", "left out")


def test_b1_warns_of_outputs_of_several_lines_and_of_untranslated_ones() -> None:
    items = (
        *ITEMS,
        Item("8", "그는", "I think", "two\nlines"),
        Item("9", "그는 간다", "I think", "그는 간다"),
    )
    says(
        before.fields([], items, drop=False),
        "B1",
        "warn",
        "1 outputs have several lines",
        "script of their source",
    )


def test_b1_warns_of_rows_that_the_built_in_model_made() -> None:
    items = (*ITEMS, Item("9", "그는", "I think", "He", made_by="built-in"))
    says(before.fields([], items, drop=False), "B1", "warn", "1 rows were made by the built-in model")


def test_b2_fails_when_prompt_and_answer_share_a_token(chat: ChatTokenizer) -> None:
    says(
        before.round_trip([Refused("9", "B2", "prompt and answer share")], [], [], FORMAT, chat), "B2", "fail"
    )


def test_b2_fails_when_tokens_do_not_read_back(chat: ChatTokenizer) -> None:
    [row], refused = encode(chat, ITEMS[0])
    changed = replace(row, ids=array("i", [*row.ids[:-5], *row.ids[-4:]]))
    says(before.round_trip(refused, [changed], ITEMS, FORMAT, chat), "B2", "fail", "do not read back")


def test_b2_fails_on_unknown_tokens_and_on_two_begin_tokens(chat: ChatTokenizer) -> None:
    [row], _ = encode(chat, ITEMS[0])
    strange = replace(chat, special={**chat.special, "unk_token": "A", "bos_token": "<|im_start|>"})
    unknown = replace(row, ids=array("i", [*row.ids[:-1], strange.token_id("unk_token"), row.ids[-1]]))
    says(before.round_trip([], [unknown], [], FORMAT, strange), "B2", "fail", "unknown tokens")
    doubled = replace(row, ids=array("i", [row.ids[0], *row.ids]))
    says(
        before.round_trip([], [doubled], [], FORMAT, replace(strange, special={"bos_token": "<|im_start|>"})),
        "B2",
        "fail",
        "two begin tokens",
    )


def test_b3_fails_on_long_rows_and_names_a_length_that_fits(chat: ChatTokenizer) -> None:
    found, refused = encode(chat, *ITEMS, Item("9", "a", "b" * 900, "c"), max_length=512)
    says(before.length(refused, found, 512, drop=False), "B3", "fail", "1 rows", "9", "max_length = 1152")


def test_b4_fails_without_loss_and_when_it_begins_in_the_wrong_place(chat: ChatTokenizer) -> None:
    [row], _ = encode(chat, ITEMS[0])
    says(before.mask([replace(row, prompt=len(row.ids))], FORMAT, chat), "B4", "fail", "no token with loss")
    says(
        before.mask([replace(row, prompt=row.prompt - 4)], FORMAT, chat),
        "B4",
        "fail",
        "does not begin with <thought>",
    )


def test_b5_fails_when_the_backbone_does_not_stop_at_the_end_token(tmp_path: Path) -> None:
    base_model = ChatTokenizer.load(write_tiny_backbone(tmp_path, eos="<|endoftext|>"))
    found, _ = encode(base_model, *ITEMS)
    says(before.end(found, base_model), "B5", "fail", "<|im_end|>", "never end", "instruct")


def test_b5_fails_on_an_end_token_inside_and_warns_when_padding_is_the_end(tmp_path: Path) -> None:
    padded = ChatTokenizer.load(write_tiny_backbone(tmp_path, pad="<|im_end|>"))
    [row], _ = encode(padded, ITEMS[0])
    says(before.end([row], padded), "B5", "warn", "same token")
    doubled = replace(row, ids=array("i", [*row.ids, row.ids[-1]]))
    says(before.end([doubled], padded), "B5", "fail", "end token within")


def test_b6_fails_on_two_prompts_and_on_sentences_on_both_sides(chat: ChatTokenizer) -> None:
    found, _ = encode(chat, *ITEMS)
    [other], _ = rows.encode(ITEMS[:1], Format("ko", "en", system="Be brief."), chat, 4096)
    says(before.prompts([*found, other], [], FORMAT, chat), "B6", "fail", "another system prompt")
    says(before.prompts(found, found[:1], FORMAT, chat), "B6", "fail", "trained and held out")


def test_b6_warns_of_idioms_on_both_sides_and_of_dated_templates(chat: ChatTokenizer) -> None:
    found, _ = encode(chat, *ITEMS)
    says(before.prompts(found, [replace(found[0], id="new")], FORMAT, chat), "B6", "warn", "1 idiom is")
    plain = replace(found[0], id="new", group=None)
    dated = replace(chat, template=chat.template + "{# strftime_now #}")
    says(
        before.prompts(found, [plain], FORMAT, dated),
        "B6",
        "warn",
        "date",
    )


def test_b6_warns_where_nothing_is_held_out(chat: ChatTokenizer) -> None:
    found, _ = encode(chat, *ITEMS)
    says(before.prompts(found, [], FORMAT, chat), "B6", "warn", "No row is held out")


def test_b6_does_not_take_rows_without_an_idiom_for_the_trained_one(chat: ChatTokenizer) -> None:
    found, _ = encode(chat, *ITEMS)
    trained = [replace(row, group="the one") for row in found]
    assert before.prompts(trained, [replace(found[0], id="new", group=None)], FORMAT, chat).level == "pass"


def test_b7_says_what_a_server_must_allow_and_warns_when_the_backbone_cannot(chat: ChatTokenizer) -> None:
    found, _ = encode(chat, *ITEMS)
    check, limits = before.limits(found, None)
    says(check, "B7", "pass", str(limits.max_new_tokens))
    assert limits.max_new_tokens >= 1.3 * max(row.trained for row in found)
    assert limits.context >= limits.max_new_tokens + max(row.prompt for row in found)
    says(before.limits(found, replace(QWEN_7B, context=128))[0], "B7", "warn", "made for 128")


def test_b8_warns_of_versions_outside_the_known_good_ranges() -> None:
    says(resources.versions("trl", INSTALLED), "B8", "pass")
    says(
        resources.versions("unsloth", INSTALLED | {"unsloth": "2026.10.3", "transformers": "5.23.0"}),
        "B8",
        "warn",
        "5.23.0",
        "2026.10.3",
    )


def test_b8_fails_where_gpus_are_asked_for_that_are_not_here() -> None:
    says(resources.gpus(TrainSettings(), LAPTOP), "B8", "pass", "processor")
    says(resources.gpus(TrainSettings(), GPU_BOX), "B8", "pass", "1 of 1")
    says(resources.gpus(TrainSettings(gpus=2), GPU_BOX), "B8", "fail", "2 GPUs", "has 1")
    says(resources.gpus(TrainSettings(gpus=2), LAPTOP), "B8", "fail", "has none")


def test_b8_refuses_a_7b_model_on_a_cpu_with_a_way_out() -> None:
    settings = TrainSettings()
    decided = plan(settings, 1000, LAPTOP, INSTALLED)
    check = resources.memory(estimate(QWEN_7B, settings, decided, 700, LAPTOP), decided)
    says(check, "B8", "fail", "GiB", "GPU", "built-in")


def test_b8_lets_the_same_model_train_on_a_gpu_in_4_bits_and_warns_where_it_is_tight() -> None:
    settings = TrainSettings()
    decided = plan(settings, 1000, GPU_BOX, INSTALLED)
    assert decided.method == "qlora"
    says(resources.memory(estimate(QWEN_7B, settings, decided, 700, GPU_BOX), decided), "B8", "pass")
    small = replace(GPU_BOX, gpus=(replace(GPU_BOX.gpus[0], free=6 * GIB),))
    says(
        resources.memory(estimate(QWEN_7B, settings, decided, 700, small), decided), "B8", "fail", "batch = 1"
    )


def test_b8_warns_where_memory_cannot_be_reckoned() -> None:
    decided = plan(TrainSettings(), 10, GPU_BOX, INSTALLED)
    says(resources.memory(None, decided), "B8", "warn")


def test_b8_fails_without_disk_for_the_checkpoints(tmp_path: Path) -> None:
    settings = TrainSettings(method="full")
    decided = plan(settings, 10, GPU_BOX, INSTALLED)
    says(resources.disk(tmp_path, 50 * GIB, QWEN_7B, decided, settings), "B8", "fail", "50.0 GiB")
    says(resources.disk(tmp_path, 500 * GIB, QWEN_7B, decided, settings), "B8", "pass")
    says(resources.disk(tmp_path, 50 * GIB, None, decided, settings), "B8", "warn")


@pytest.mark.parametrize(
    ("kind", "rate", "level"),
    [("lora", 2e-5, "warn"), ("lora", 2e-4, "pass"), ("full", 2e-4, "warn"), ("full", None, "pass")],
)
def test_b9_warns_of_learning_rates_that_suit_the_other_method(
    kind: str, rate: float | None, level: str
) -> None:
    settings = TrainSettings.model_validate({"method": kind, "learning_rate": rate})
    says(method.rates(plan(settings, 10, LAPTOP, INSTALLED), settings), "B9", level)


def test_b9_fails_without_targets_without_weights_and_on_a_model_with_lora_already() -> None:
    modules = ["model.layers.0.self_attn.q_proj"]
    says(method.trainable(modules, ["q_proj"], 8, wrapped=False), "B9", "pass")
    says(method.trainable(modules, ["q_proj", "qkv"], 8, wrapped=False), "B9", "fail", "qkv")
    says(method.trainable(modules, ["q_proj"], 0, wrapped=False), "B9", "fail", "No weight")
    says(method.trainable(modules, ["q_proj"], 8, wrapped=True), "B9", "fail", "LoRA already")
