"""From answers to figures, verdicts, slices and reports."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st

from data.edit_rate import hter
from data.records import Reference, Usage
from tests.stubs.contenders import RuleContender, answered, items, sentences
from train.errors import NoAnswer
from train.evaluation.asking import Outcome
from train.evaluation.assembling import JudgedBy, Material, assemble
from train.evaluation.items import EvaluationItem, items_of
from train.evaluation.judging import Duel, Judgements
from train.evaluation.metrics import BY_KEY
from train.evaluation.overlap import bleu_tokenizer
from train.evaluation.reports.markdown import escaped, markdown_report
from train.evaluation.reports.page import html_report
from train.evaluation.reports.plots import scale
from train.evaluation.reports.sections import tables
from train.evaluation.results import Evaluation

HOSTILE = "<script>alert(1)</script> | **bold** `x` \x1b[31m \u202e </td> &amp; # - 1."


def right(source: str) -> str:
    return f"Sentence {source.split('번째')[0]} knows everyone in this town."


def tagged(source: str) -> str:
    return f"<thought>\nI look at {source[:5]}.\n</thought>\n<output>\n{right(source)}\n</output>"


async def evaluated(
    *contenders: RuleContender, of: tuple[EvaluationItem, ...] | None = None, **more: Any
) -> Evaluation:
    chosen = of if of is not None else items(sentences(40), seen=["idiom 1"])
    material = Material(
        project="p", split="test", languages=("ko", "en"), contenders=contenders, items=chosen,
        asked=await answered(contenders, chosen), **more,
    )  # fmt: skip
    return assemble(material)


async def test_chrf_and_bleu_are_those_of_sacrebleu() -> None:
    of = items(sentences(12))
    found = await evaluated(RuleContender("one", lambda source: right(source)[:-9]), of=of)
    outputs = [right(item.question.source)[:-9] for item in of]
    references = [[item.references[0] for item in of]]
    figures = found.as_json()["contenders"]["one"]
    assert figures["chrf"] == pytest.approx(sacrebleu.corpus_chrf(outputs, references).score)
    assert figures["bleu"] == pytest.approx(sacrebleu.corpus_bleu(outputs, references).score)
    low, high = figures["ci"]["chrf"]
    assert low <= figures["chrf"] <= high


async def test_the_better_one_is_said_to_be_better_and_equals_cannot_be_told() -> None:
    found = await evaluated(
        RuleContender("good", right),
        RuleContender("bad", lambda _: "Wide feet."),
        RuleContender("same", right),
    )
    verdicts = {(pair.a, pair.b): pair.verdict for pair in found.whole.pairs if pair.metric == "chrf"}
    assert verdicts == {
        ("good", "bad"): "better", ("good", "same"): "cannot tell at this size", ("bad", "same"): "worse"
    }  # fmt: skip


async def test_the_contract_of_json_holds() -> None:
    data = (
        await evaluated(RuleContender("a", tagged, has_thought=True), RuleContender("b", right))
    ).as_json()
    assert data["items"] == 40
    figures = {"tags", "cut", "chrf", "bleu", "seconds", "tokens", "cost_usd", "ci"}
    assert all(figures <= of.keys() for of in data["contenders"].values())
    assert data["contenders"]["a"]["tags"] == 1.0
    assert data["contenders"]["b"]["tags"] is None
    assert data["contenders"]["a"]["tokens"] == 60
    assert all({"a", "b", "metric", "diff", "ci", "verdict"} <= pair.keys() for pair in data["pairs"])
    json.dumps(data, allow_nan=False)


async def test_a_format_failure_is_a_failure() -> None:
    broken = RuleContender("drt", lambda source: f"<thought>\nI look at {source}", has_thought=True)
    figures = (await evaluated(broken)).as_json()["contenders"]["drt"]
    assert (figures["tags"], figures["chrf"]) == (0.0, 0.0)
    assert len(broken.asked) == 40


async def test_a_cut_answer_is_counted() -> None:
    cut = RuleContender("drt", tagged, has_thought=True, is_cut=True)
    assert (await evaluated(cut)).as_json()["contenders"]["drt"]["cut"] == 1.0


async def test_no_answer_counts_as_an_empty_one() -> None:
    found = (await evaluated(RuleContender("one", lambda _: NoAnswer("one: down")))).as_json()
    figures = found["contenders"]["one"]
    assert (figures["failed"], figures["answered"], figures["chrf"]) == (40, 0, 0.0)
    assert figures["reasons"] == {"one: down": 40}


async def test_what_a_file_does_not_have_is_named_and_is_nobodys_failure() -> None:
    of = items(sentences(40))
    one, other = RuleContender("file", right, kind="file"), RuleContender("other", right)
    asked = await answered((one, other), of)
    asked.outcomes["file"][of[0].id] = Outcome(is_missing=True)
    found = assemble(Material("p", "test", ("ko", "en"), (one, other), of, asked))
    figures = found.as_json()["contenders"]["file"]
    assert figures["missing"] == [of[0].question.source]
    assert figures["chrf"] == pytest.approx(100)
    assert "lacks 1 of 40" in found.warnings[0]


async def test_bad_references_are_left_out_and_a_pipelines_count_apart() -> None:
    bad = Reference(text="Nonsense.", good=False)
    own = Reference(text="x", origin="pipeline")
    made = [
        each.model_copy(
            update={"references": (bad,) if number < 10 else (own,) if number < 20 else each.references}
        )
        for number, each in enumerate(sentences(40))
    ]
    found = await evaluated(RuleContender("one", right), of=items(made))
    figures = found.as_json()["contenders"]["one"]
    assert figures["chrf"] == pytest.approx(100)
    assert figures["own_style_chrf"] < 20
    assert any("20 of 40 items have no independent reference" in note for note in found.notes)


async def test_hter_is_against_what_a_person_made_of_it() -> None:
    made = sentences(12)
    edited = {made[0].id: right(made[0].source), made[1].id: "Something else entirely here now."}
    of = items_of(made, seen_groups=(), edited=edited, before={})
    figures = (await evaluated(RuleContender("one", right), of=of)).as_json()["contenders"]["one"]
    one_of_two = hter(right(made[1].source), edited[made[1].id]) / 2
    assert figures["hter"] == pytest.approx(one_of_two)
    assert one_of_two > 0.5


async def test_every_figure_comes_by_slice() -> None:
    made = sentences(40)
    made[0] = made[0].model_copy(update={"phenomena": ("literal",), "register_": "formal"})
    made[1] = made[1].model_copy(update={"group": None})
    found = await evaluated(
        RuleContender("a", right), RuleContender("b", right), of=items(made, seen=["Idiom  3"])
    )
    by_name = {each.name: each for each in found.slices}
    assert by_name["seen idiom"].items == 4
    assert by_name["unseen idiom"].items == 34
    assert by_name["literal use"].items == by_name["plain"].items == by_name["register: formal"].items == 1
    assert sum(each.items for name, each in by_name.items() if " source (" in name) == 40
    assert all(each.figures.keys() == {"a", "b"} for each in found.slices)


async def test_the_smallest_difference_comes_before_any_result() -> None:
    found = await evaluated(RuleContender("a", right), RuleContender("b", lambda source: source))
    assert tables(found)[0].title == "The smallest difference that this test set could show"
    assert found.as_json()["smallest_difference"]["chrf"] > 0


async def test_the_worst_and_the_best_are_listed_for_reading() -> None:
    found = await evaluated(
        RuleContender("a", lambda source: right(source) if "7번째" in source else "Wide feet.")
    )
    best = [found.examples[item].source for item in found.best["a"][:4]]
    assert all("7번째" in source for source in best)
    assert len(found.worst["a"]) == len(found.best["a"]) == 20
    assert not set(found.worst["a"]) & set(found.best["a"])
    data = found.as_json()
    read = data["examples"][data["best"]["a"][0]]
    assert "7번째" in read["source"]
    assert read["outputs"]["a"]["output"] == right(read["source"])


# What is said first


async def test_a_judge_of_the_family_makes_the_first_line_say_so() -> None:
    judged = JudgedBy("gpt-4o", Judgements(), {"gpt-4o-mini": "teacher", "Qwen2.5-7B": "backbone"})
    found = await evaluated(RuleContender("a", right), judged=judged)
    assert found.warnings[0].startswith("not independent")
    assert "teacher gpt-4o-mini" in found.warnings[0]
    assert markdown_report(found).splitlines()[0].startswith("**not independent")
    other = await evaluated(
        RuleContender("a", right), judged=JudgedBy("claude-x", Judgements(), {"gpt-4o": "teacher"})
    )
    assert other.warnings == ()


async def test_a_judge_with_one_number_is_reported_and_not_averaged() -> None:
    of = items(sentences(10))
    same = Judgements(scores={"a": {item.id: 85.0 for item in of}}, given=[85.0] * 10)
    found = await evaluated(RuleContender("a", right), of=of, judged=JudgedBy("claude-x", same, {}))
    assert any("gave 85 to everything" in warning for warning in found.warnings)
    assert "judge" not in found.as_json()["contenders"]["a"]
    varied = Judgements(
        scores={"a": {item.id: float(place) for place, item in enumerate(of)}}, given=[1.0] * 9 + [2.0]
    )
    better = await evaluated(RuleContender("a", right), of=of, judged=JudgedBy("claude-x", varied, {}))
    assert better.as_json()["contenders"]["a"]["judge"] == pytest.approx(4.5)


async def test_a_prompt_that_is_not_that_of_the_training_is_said_in_plain_words() -> None:
    wrong = RuleContender("drt", right, kind="drt", trained="aaaa", asked_in="bbbb")
    asked_well = RuleContender("good", right, kind="drt", trained="aaaa", asked_in="aaaa")
    found = await evaluated(wrong, asked_well)
    assert len(found.warnings) == 1
    assert (
        "drt: 40 of 40 answers were asked in a format (bbbb) that it was not trained in" in found.warnings[0]
    )


async def test_what_a_sentence_takes_stands_side_by_side() -> None:
    found = await evaluated(
        RuleContender("drt", right, kind="drt"), RuleContender("loop", right, kind="loop"),
        RuleContender("backbone", right, kind="backbone"), RuleContender("outs", right, kind="outputs-only"),
        RuleContender("column", right, kind="file"),
    )  # fmt: skip
    table = next(each for each in tables(found) if each.title == "What a sentence takes")
    assert [row[0] for row in table.rows] == ["loop", "drt", "outs", "backbone"]
    assert table.rows[0][2:] == ("1.0", "60.0", "0.50 s", "$0.001")


# Reports


class Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


async def test_text_of_others_stays_text_in_every_report() -> None:
    made = [each.model_copy(update={"register_": HOSTILE}) for each in sentences(12)]
    found = await evaluated(
        RuleContender(f"evil {HOSTILE}", lambda source: HOSTILE + source), RuleContender("b", right),
        of=items(made), warnings=(HOSTILE,),
    )  # fmt: skip
    page = Read()
    page.feed(html_report(found))
    assert "script" not in page.tags
    assert page.links == []
    assert "b" not in page.tags
    assert "\x1b" not in html_report(found)
    assert "\u202e" not in html_report(found)
    text = markdown_report(found)
    assert "<script>" not in text.replace("\\<", "")
    assert "\x1b" not in text
    widths = {
        line.count("|") - line.count("\\|") for line in text.split("## ")[2].splitlines() if line[:1] == "|"
    }
    assert len(widths) == 1


async def test_the_page_shows_plots_and_translations_side_by_side() -> None:
    found = await evaluated(RuleContender("drt", tagged, has_thought=True), RuleContender("b", right))
    page = Read()
    page.feed(html_report(found, made_at="today"))
    assert "svg" in page.tags
    assert page.tags.count("article") == 2 * 2 * 20
    assert any("I look at" in text for text in page.text)


async def test_the_page_needs_nothing_else_and_can_be_read_aloud() -> None:
    found = await evaluated(RuleContender("drt", tagged, has_thought=True), RuleContender("b", right))
    text = html_report(found)
    assert "http" not in text
    assert "url(" not in text
    assert "<th>" not in text, "each head says what it heads"
    assert text.count("<caption>") == text.count('class="plot"') > 3
    assert 'lang="ko"' in text
    assert text.count("<svg") == text.count('<svg aria-hidden="true"'), "the figures beside them are text"


@pytest.mark.parametrize(
    ("metric", "values", "expected"),
    [
        ("tags", [0.97, 1.0], (0.0, 1.0)),
        ("chrf", [26.1, 36.4], (25.0, 40.0)),
        ("seconds", [0.031, 0.048], (0.0, 0.05)),
        ("chrf", [31.0, 31.0], (30.0, 40.0)),
        ("judge", [0.0, 0.0], (0.0, 0.2)),
    ],
)
def test_a_plot_goes_from_one_round_number_to_another(
    metric: str, values: list[float], expected: tuple[float, float]
) -> None:
    assert scale(BY_KEY[metric], values) == pytest.approx(expected)


@given(st.sampled_from(sorted(BY_KEY)), st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_every_value_lies_within_its_plot(metric: str, values: list[float]) -> None:
    low, high = scale(BY_KEY[metric], values)
    assert low < high
    if BY_KEY[metric].unit != "share":
        assert low <= min(values) + 1e-6 * abs(low)
        assert max(values) <= high + 1e-6 * abs(high)


@given(st.text())
def test_markdown_never_breaks_out_of_its_line(text: str) -> None:
    assert "\n" not in escaped(text)
    assert "|" not in escaped(text).replace("\\|", "")


async def test_without_an_item_known_to_anybody_there_is_still_a_report() -> None:
    made = [each.model_copy(update={"references": ()}) for each in sentences(2)]
    found = await evaluated(RuleContender("a", lambda _: NoAnswer("down")), of=items(made))
    json.dumps(found.as_json(), allow_nan=False)
    assert html_report(found)
    assert markdown_report(found)


@pytest.mark.parametrize(
    ("language", "tokenizer"), [("en", "13a"), ("zh", "zh"), ("zh-TW", "zh"), ("fr", "13a")]
)
def test_bleu_cuts_a_language_as_it_should(language: str, tokenizer: str) -> None:
    assert bleu_tokenizer(language) == tokenizer


@pytest.mark.parametrize("language", ["ko", "ja"])
def test_without_its_tokenizer_a_language_is_cut_in_characters(language: str) -> None:
    assert bleu_tokenizer(language) in {"char", "ko-mecab", "ja-mecab"}


async def test_a_dead_endpoint_is_no_bad_translation() -> None:
    def half(source: str) -> str | NoAnswer:
        number = int(source.split("번째")[0])
        return NoAnswer("connection lost", is_outage=True) if number % 2 else tagged(source)

    found = await evaluated(
        RuleContender("cut off", half, has_thought=True), RuleContender("whole", tagged, has_thought=True)
    )
    figures = found.as_json()["contenders"]
    assert figures["cut off"]["chrf"] == pytest.approx(figures["whole"]["chrf"], abs=3)
    assert figures["cut off"]["tags"] == 1.0
    assert figures["cut off"]["failed"] == 20
    assert "20 of 40 questions to cut off got no answer" in found.warnings[0]


async def test_a_model_that_answers_nothing_fails() -> None:
    found = await evaluated(
        RuleContender("mute", lambda _: NoAnswer("sent an empty answer"), has_thought=True)
    )
    figures = found.as_json()["contenders"]["mute"]
    assert (figures["tags"], figures["chrf"]) == (0.0, 0.0)


async def test_a_judge_that_finds_nothing_but_ties_is_named_and_its_wins_are_left_out() -> None:
    duels = [Duel("one", "two", f"s{number}", "tie", "tie") for number in range(12)]
    said = JudgedBy("judge-1", Judgements(duels=duels), {})
    found = await evaluated(RuleContender("one", right), RuleContender("two", tagged), judged=said)
    assert "called every comparison a tie" in found.warnings[0]
    assert not any(pair.metric.startswith("judge") for pair in found.whole.pairs)
    assert found.as_json()["judge"]["wins"] is None


async def test_what_a_failure_took_counts_among_what_a_sentence_takes() -> None:
    of = items(sentences(8))
    took = Usage(calls=2, prompt_tokens=30, completion_tokens=10, seconds=1.0, cost_usd=0.01)
    mute = RuleContender("mute", lambda _: NoAnswer("empty", usage=took))
    figures = (await evaluated(mute, of=of)).as_json()["contenders"]["mute"]
    assert (figures["calls"], figures["tokens"], figures["seconds"]) == (2.0, 40.0, 1.0)
    assert figures["cost_usd"] == pytest.approx(0.01)
    assert figures["cut"] is None


async def test_a_judge_that_never_gives_an_answer_is_named_before_any_figure() -> None:
    said = JudgedBy("judge-1", Judgements(unusable=48), {})
    found = await evaluated(RuleContender("one", right), judged=said)
    assert "no usable answer to any of 48 questions" in found.warnings[0]
