"""D1-D3, A2-A5 and S1-S5: each judges numbers, and each has a case that makes it fail."""

from __future__ import annotations

from array import array
from math import inf, nan

import pytest

from data.format import Format
from train.doctor import after, during, serving
from train.doctor.check import Check, failed, levels, passed
from train.rows import IGNORED, Row
from train.tags import Sample, TagRate, loops

FORMAT = Format("ko", "en")
ROW = Row("1", None, array("i", [5, 6, 7, 8]), 2)
BATCH = {
    "input_ids": [[5, 6, 7, 8, 0]],
    "labels": [[IGNORED, IGNORED, 7, 8, IGNORED]],
    "attention_mask": [[1, 1, 1, 1, 0]],
}


def says(check: Check, id: str, level: str, *words: str) -> None:
    assert (check.id, check.level) == (id, level)
    for word in words:
        assert word in check.message + check.fix
    assert check.fix or level == "pass"


def sample(answer: str, *, cut: bool = False) -> Sample:
    return Sample(id="1", answer=answer, tokens=9, cut=cut)


GOOD = sample(FORMAT.answer("I think", "Hello"))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"input_ids": [[5, 6, 7, 9, 0]]}, "not ours"),
        ({"input_ids": [[0, 5, 6, 7, 8]]}, "not ours"),
        ({"labels": [[5, 6, 7, 8, IGNORED]]}, "loss mask"),
        ({"labels": [[IGNORED, IGNORED, 7, IGNORED, IGNORED]]}, "loss mask"),
        ({"labels": [[IGNORED, IGNORED, 7, 8, 0]]}, "loss mask"),
    ],
)
def test_d1_fails_when_the_trainer_sees_other_rows_or_another_mask(change: dict, word: str) -> None:
    says(during.first_batch(BATCH, [ROW]), "D1", "pass")
    says(during.first_batch(BATCH | change, [ROW]), "D1", "fail", word)


def test_d1_understands_padding_on_the_left_and_fails_without_a_batch() -> None:
    left = {
        "input_ids": [[0, 5, 6, 7, 8]],
        "labels": [[IGNORED] * 3 + [7, 8]],
        "attention_mask": [[0, 1, 1, 1, 1]],
    }
    says(during.first_batch(left, [ROW]), "D1", "pass")
    says(during.first_batch(None, [ROW]), "D1", "fail")


@pytest.mark.parametrize(("loss", "norm"), [(nan, 1.0), (inf, 1.0), (1.0, nan)])
def test_d2_fails_when_the_loss_is_no_number(loss: float, norm: float) -> None:
    says(during.finite(1.0, 1.0, 3), "D2", "pass")
    says(during.finite(loss, norm, 3), "D2", "fail", "step 3", "learning_rate")


def test_d2_warns_of_a_flat_loss_and_of_a_rising_held_out_loss() -> None:
    falling = [3.0 - 0.1 * n for n in range(25)]
    says(during.progress(falling, [2.0, 1.5, 1.4]), "D2", "pass")
    says(during.progress([3.0] * 25, []), "D2", "warn", "does not fall")
    says(during.progress(falling, [2.0, 1.0, 1.5]), "D2", "warn", "by heart")


def test_d3_warns_when_tag_or_end_is_not_expected() -> None:
    says(during.learning([0.1, 0.99], [0.9, 0.99]), "D3", "pass")
    says(during.learning([0.1, 0.2], [0.9, 0.99]), "D3", "warn", "first tag")
    says(during.learning([0.9], [0.1]), "D3", "warn", "end of an answer")
    says(during.learning([], []), "D3", "warn", "probed")


def test_a2_fails_when_adapter_weights_are_missing_and_knows_the_doubled_prefix() -> None:
    key = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.saved.weight"
    says(after.loaded(["model.norm.weight"], []), "A2", "pass")
    says(after.loaded([key], [f"base_model.model.{key}"]), "A2", "fail", "twice")
    says(after.loaded([key], ["base_model.model.other.lora_A.weight"]), "A2", "fail", "another backbone")


def test_a3_fails_without_an_effect_and_warns_of_a_bad_one() -> None:
    says(after.effect(2.0, 1.0, 3.0), "A3", "pass")
    says(after.effect(1e-5, 3.0, 3.0), "A3", "fail", "no effect")
    says(after.effect(2.0, 3.5, 3.0), "A3", "warn", "less likely")


def test_a4_fails_without_tags_and_names_the_likely_cause() -> None:
    says(after.behaviour(TagRate.of([GOOD] * 20, FORMAT)), "A4", "pass", "100%")
    says(after.behaviour(TagRate.of([GOOD] * 9 + [sample("hm")], FORMAT)), "A4", "warn", "90%")
    says(after.behaviour(TagRate.of([sample("Hello")] * 5, FORMAT)), "A4", "fail", "A1-A3")
    says(after.behaviour(TagRate.of([sample("<thought>\nI", cut=True)] * 5, FORMAT)), "A4", "fail", "cut")
    says(
        after.behaviour(TagRate.of([sample("<thought>" + "so it is " * 90, cut=True)] * 5, FORMAT)),
        "A4",
        "fail",
        "repeats",
    )
    says(after.behaviour(TagRate()), "A4", "warn")


def test_a5_fails_when_nothing_was_merged_and_when_the_export_differs() -> None:
    says(after.export(1.0, 0.4, exact=True), "A5", "pass")
    says(after.export(0.4, 0.4, exact=True), "A5", "fail", "nothing was merged")
    says(after.export(0.9, 0.4, exact=True), "A5", "fail", "90.0%")
    says(after.export(0.97, 0.4, exact=False), "A5", "pass")
    says(after.export(0.9, 0.4, exact=False), "A5", "warn", "larger size")


def test_a6_fails_when_a_gguf_reads_rows_in_other_tokens() -> None:
    says(after.tokens([]), "A6", "pass")
    says(after.tokens(["row-7"]), "A6", "fail", "row-7", "converter")


def test_s1_fails_where_the_prompt_differs_and_shows_where() -> None:
    says(serving.prompt("system A user", "system A user"), "S1", "pass")
    says(
        serving.prompt("system A user", "system B user"), "S1", "fail", "character 8", "'A user'", "'B user'"
    )
    says(serving.prompt("system A", "system A and more"), "S1", "fail", "' and more'")


def test_s2_fails_without_system_prompt_or_with_an_open_assistant_turn() -> None:
    prompt = FORMAT.prompt("안녕")
    says(serving.messages(prompt), "S2", "pass")
    says(serving.messages(prompt[1:]), "S2", "fail", "system prompt")
    says(serving.messages([*prompt, {"role": "assistant", "content": ""}]), "S2", "fail", "end with the user")
    says(serving.messages([]), "S2", "fail")


def test_s3_says_cut_and_not_without_tags() -> None:
    says(serving.finish("stop", 100, 640), "S3", "pass")
    says(serving.finish("length", 128, 640), "S3", "fail", "cut at 128", "640")
    says(serving.finish("length", 640, 640), "S3", "warn", "not ended", "Train longer")


def test_s4_warns_of_sampling_and_of_a_repeat_penalty() -> None:
    says(serving.sampling(0.0, 1.0), "S4", "pass")
    says(serving.sampling(0.7, None), "S4", "warn", "0.7")
    says(serving.sampling(None, None), "S4", "warn", "default")
    says(serving.sampling(0.0, 1.1), "S4", "warn", "1.1")


def test_s5_fails_on_different_prompts_and_on_equal_answers() -> None:
    says(serving.sides([("a", "a")], [("x", "y")]), "S5", "pass")
    says(serving.sides([("a", "b")], []), "S5", "fail", "different prompts")
    says(serving.sides([("a", "a")] * 3, [("x", "x")] * 3), "S5", "fail", "no effect")


def test_tag_rate_tells_the_faults_apart() -> None:
    rate = TagRate.of(
        [
            GOOD,
            sample("Sure! " + GOOD.answer),
            sample("<thought>\nI think", cut=True),
            sample("<thought>" + "again and " * 60, cut=True),
            sample("Hello"),
        ],
        FORMAT,
    )
    assert rate == TagRate(items=5, opened=3, tagged=2, well_formed=1, cut=2, looping=1)
    assert rate.share == 0.4
    assert "cut 2" in rate.words()


def test_prose_in_any_language_does_not_count_as_looping() -> None:
    assert not loops("The headman, usually a man of few words, threw himself into the cause. " * 2)
    assert not loops(
        "마을 도서관이 문을 닫을 처지에 놓이자 평소 말수 적던 이장이 발 벗고 나서서 책값을 모았다. 아이들이 돌아왔다."
    )
    assert loops("and the stone, " * 40)


def test_the_worst_level_of_an_id_counts() -> None:
    checks = (
        passed("B8", "fine"),
        Check("B8", "fail", "no"),
        Check("B8", "warn", "hm"),
        passed("B9", "fine"),
    )
    assert levels(checks) == {"B8": "fail", "B9": "pass"}
    assert [check.message for check in failed(checks)] == ["no"]
