"""One row: what a finding says, what may be fixed, and that nothing a model writes breaks a rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from data.errors import DataError
from data.lint import LintRow, LintSettings, codes, explain, fix, lint_row, quoted
from data.lint.rules import ROW_RULES
from data.records import Draft, Span

BASE = LintRow(
    source="그는 발이 넓다.",
    output="He is well connected.",
    thought='발이 넓다 is no matter of feet, so "He has wide feet" will not do. “He is well connected.”',
    languages=("ko", "en"),
)


def found(row: LintRow, **known: object) -> list[str]:
    return [finding.code for finding in lint_row(row, **known)]  # type: ignore[arg-type]


def test_the_closest_passage_is_told():
    row = replace(BASE, output="He is very well connected.")
    (finding,) = [finding for finding in lint_row(row) if finding.code == "output-missing"]
    assert "%" in finding.message


@pytest.mark.parametrize(
    "output",
    [
        "he is well connected",
        "He is well-connected!",
        "“He is well connected.”",
        "**He is well connected.**",
        "He is\nwell connected.",
    ],
)
def test_case_punctuation_and_marks_do_not_make_an_output_missing(output: str):
    assert "output-missing" not in found(replace(BASE, output=output))


@pytest.mark.parametrize(
    ("output", "mended"),
    [
        ("Revised English Translation:\nHe is well connected.", "He is well connected."),
        ("**Final Translation:** He is well connected.", "He is well connected."),
        ("Here is the revised translation:\n\nHe is well connected.", "He is well connected."),
        ("최종 번역: He is well connected.", "He is well connected."),
        ("He is well connected.\n\nNote: the feet are gone.", "He is well connected."),
        ("He is\nwell connected.", "He is well connected."),
        ('"He is well connected."', "He is well connected."),
        ("<output>He is well connected.</output>", "He is well connected."),
        ("He is well connected.<|im_end|>", "He is well connected."),
    ],
)
def test_a_safe_fix_leaves_the_translation_alone(output: str, mended: str):
    row = replace(BASE, output=output)
    for finding in lint_row(row):
        row = fix(row, finding)
    assert row.output == mended
    assert not [finding for finding in lint_row(row) if finding.severity != "info"]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("tag-in-field", {"output": "<br>He is well connected."}),
        ("tag-in-field", {"output": "He is well connected.</final_version>"}),
        ("preamble-in-output", {"output": "최종 번역문은 아래와 같습니다.\nHe is well connected."}),
        ("preamble-in-output", {"output": "수정된 번역은 다음과 같습니다: He is well connected."}),
        ("label-in-output", {"output": '{"translation": "He is well connected."}'}),
        ("markdown-in-output", {"output": "*He is well connected.*"}),
        ("escape-left", {"output": r"He is well connected.\n"}),
        ("escape-left", {"output": r"He\'s well connected."}),
        ("truncated", {"output": "He is well connected", "thought": "발이 넓다: “He is well connected"}),
        ("outside-voice", {"thought": '평가 점수가 60점이라 고친다. "He is well connected."'}),
        ("outside-voice", {"thought": '주어진 조언에 따라 고친다. "He is well connected."'}),
        ("outside-voice", {"thought": '评估者给了60分，根据建议我再改。"He is well connected."'}),
        ("outside-voice", {"thought": 'アドバイザーの助言に従って直す。"He is well connected."'}),
        ("wrong-language", {"output": "Il connaît tout le monde et il est connu de tous."}),
    ],
)
def test_a_fault_is_found_in_other_words_too(code: str, change: dict[str, str]):
    assert code in found(replace(BASE, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "row",
    [
        LintRow(
            source="“That beats everything,” said Alice.",
            output="»Das schlägt dem Fass den Boden aus«, sagte Alice. »Nein, wirklich, das tut es.«",
            thought=(
                "Ich versuche »Das schlägt alles«. Matt. »Das schlägt dem Fass den Boden aus«, sagte Alice. "
                "»Nein, wirklich, das tut es.« So klingt es nach ihr, und nach „Alice“"
            ),
            languages=("en", "de"),
        ),
        replace(
            BASE, thought='높은 점수를 받으려는 것이 아니다. "He has wide feet." 말고 "He is well connected."'
        ),
        replace(BASE, source="그는 C’est la vie 라고 했다.", output="C'est la vie, he said."),
        LintRow(source="Not me.", output="Ich doch nicht.", languages=("en", "de")),
    ],
    ids=["german marks", "a score in passing", "a foreign saying", "few words"],
)
def test_what_only_looks_like_a_fault_passes(row: LintRow):
    assert not {"truncated", "outside-voice", "wrong-language"} & set(found(row))


def test_a_preamble_is_cut_off_the_thought():
    row = replace(BASE, thought=f"Here is the self-reflection description:\n\n{BASE.thought}")
    (finding,) = [finding for finding in lint_row(row) if finding.code == "thought-preamble"]
    assert fix(row, finding).thought == BASE.thought


def test_what_cannot_be_fixed_safely_stays_as_it_is():
    row = replace(BASE, output="He has friends everywhere.")
    (finding,) = [finding for finding in lint_row(row) if finding.code == "output-missing"]
    assert fix(row, finding) is row


def test_a_tokenizer_that_finds_the_idiom_is_believed():
    row = LintRow(source="그는 마당발이다.", output="He knows everyone.", group="인맥이 넓다")
    assert "idiom-not-in-source" in found(row)
    assert "idiom-not-in-source" not in found(row, find_idiom=lambda source, idiom: True)
    assert "idiom-not-in-source" not in found(replace(row, spans=(Span(start=3, end=6),)))


@pytest.mark.parametrize(
    ("source", "idiom"),
    [
        ("물가가 하늘 높은 줄 모르고 올라만 간다.", "하늘 높은 줄 모르다"),
        ("형은 발도 참 넓지.", "발이 넓다"),
        ("맛이 풍부해서 말을 할 수 없었다.", "말할 수 없다"),
        ("눈 먼 돈이라더니.", "눈먼 돈"),
        ("She let the cat right out of the bag.", "let the cat out of the bag"),
        ("他真是画蛇还要添足。", "画蛇添足"),
    ],
)
def test_an_idiom_is_found_in_whatever_form(source: str, idiom: str):
    assert "idiom-not-in-source" not in found(LintRow(source=source, output="…", group=idiom))


def test_a_row_that_was_cut_off_is_said_to_be():
    assert "truncated" in found(replace(BASE, finish_reason="length"))


def test_an_attempt_that_is_no_draft_is_unfaithful():
    drafts = (Draft(text="He has wide feet.", score=40), Draft(text="He is well connected.", score=95))
    thought = '발이 넓다. I try "He has wide feet." Then I try "He is a man known to all." And then "He is well connected."'
    assert "unfaithful" in found(replace(BASE, thought=thought, drafts=drafts))


def test_explanations_have_what_a_person_asks_for():
    explanation = explain("label-in-output")
    assert explanation.meaning
    assert explanation.example
    assert explanation.fixable
    assert explanation.false_alarm_rate is not None


def test_every_code_has_an_explanation():
    assert {explain(code).code for code in codes()} == set(codes())
    assert {rule.code for rule in ROW_RULES} < set(codes())


def test_an_unknown_code_is_answered_with_the_nearest():
    with pytest.raises(DataError) as problem:
        explain("label-in-outputs")
    assert problem.value.hint == "Did you mean label-in-output?"


def test_unknown_settings_are_refused():
    with pytest.raises(ValidationError):
        LintSettings(longst=3)  # type: ignore[call-arg]


hostile = st.text(max_size=300) | st.text(
    st.sampled_from("“”\"'‘’*`<>|[]/#:：\n\t .,발넓他はHe12만억\x00\u202e"), max_size=300
)


@given(source=hostile, output=hostile, thought=hostile, group=hostile)
def test_no_text_breaks_a_rule_and_every_span_is_in_its_field(
    source: str, output: str, thought: str, group: str
):
    row = LintRow(source=source, output=output, thought=thought, group=group)
    for finding in lint_row(row):
        if finding.span:
            text = {"source": source, "output": output, "thought": thought, "trace": ""}[finding.field]
            assert 0 <= finding.span.start <= finding.span.end <= len(text)
        fix(row, finding)


@given(hostile, st.lists(hostile, max_size=3))
def test_blanking_keeps_every_position(text: str, wordings: list[str]):
    blanked = quoted.blank(text, wordings)
    assert len(blanked) == len(text)
    assert all(left in (right, " ", "\0") or right == "\0" for left, right in zip(blanked, text, strict=True))


@pytest.mark.parametrize(
    "piece", ["(", "'", '"', "**", "translation ", "the ", "1,234", "만", "\n", "<", "feedback ", "a: "]
)
def test_a_long_field_does_not_take_forever(piece: str):
    lint_row(LintRow(source="그는 떠났다.", output=piece * 3_000, thought=piece * 10_000))
