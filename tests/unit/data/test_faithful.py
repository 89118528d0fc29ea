from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.faithful import check
from data.records import Draft
from data.samples import Worked, worked_examples

GOOD = [worked for worked in worked_examples() if worked.good]
A, B = "He has wide feet.", "He is so well connected that he knows everyone."
DRAFTS = (Draft(text=A, score=60), Draft(text=B, score=92))
KEYWORDS = {"발이 넓다": ("well connected", "know many people")}
SOURCE = "그는 발이 넓다."


def messages(thought: str, output: str = B, drafts: tuple[Draft, ...] = DRAFTS) -> list[str]:
    return [finding.message for finding in check(thought, output, drafts, KEYWORDS, source=SOURCE)]


def of_worked(worked: Worked, thought: str) -> list[str]:
    candidate = worked.candidate
    findings = check(
        thought, candidate.output, candidate.drafts, candidate.keywords, source=worked.sentence.source
    )
    return [finding.message for finding in findings]


@pytest.mark.parametrize("worked", worked_examples(), ids=lambda worked: worked.sentence.id)
def test_worked_examples_are_hit_where_their_thought_is_the_fault(worked: Worked) -> None:
    found = of_worked(worked, worked.candidate.thought)
    assert found or worked.reason != "claims-untrue"
    assert not found or worked.reason in {"claims-untrue", "machinery"}


@pytest.mark.parametrize("worked", GOOD, ids=lambda worked: worked.sentence.id)
@pytest.mark.parametrize("fault", ["inexact", "invented", "heard", "revised", "ending"])
def test_a_fault_planted_in_a_good_example_is_found(worked: Worked, fault: str) -> None:
    thought, output = worked.candidate.thought, worked.candidate.output
    word = next(word for word in output.split() if len(word) > 5 and word.isalpha())
    planted = {
        "inexact": thought.replace(f'"{output}"', f'"{output.replace(word, "marvellous")}" "{output}"'),
        "invented": thought.replace(
            f'"{output}"', f'I try another line. "{" ".join(reversed(output.split()))}." "{output}"'
        ),
        "heard": thought + " The advisor suggests that I keep it.",
        "revised": thought + f' I revise it once more. "{output}"',
        "ending": thought.replace(output, output.replace(word, "marvellous")),
    }[fault]
    assert planted != thought
    assert of_worked(worked, planted)


@pytest.mark.parametrize(
    "thought",
    [
        f'발이 넓다 is about people. "{A}" Nobody means feet. I settle on "{B}"',
        f'I try “{A}” but feet are odd; "well connected" is the sense. “{B}”',
        f"발이 넓다는 인맥 이야기다. 먼저 “{A}”라고 옮긴다. 발은 아니다. 그래서 “{B}”로 정한다.",
        f'"{A}" Feet again. "{B}" I weigh "{A}" once more, and stay with "{B}"',
        f'I skip the feet at once: "{B}" Nothing here needs another attempt.',
        f"First: {A}\nThe feet go.\nNow: {B}\nThis second version is right: {B}",
        f'A proverb such as "Birds of a feather flock together" is no help. "{B}"',
    ],
)
def test_a_thought_that_tells_what_happened_passes(thought: str) -> None:
    assert not messages(thought)


@pytest.mark.parametrize(
    ("thought", "said"),
    [
        (f'I settle on "{A}"', "does not occur"),
        (f'"{B}" Then feet. "{A}" No. "{B}"', "order"),
        (f'I write "{A}" Then I try "He is a popular man." At last "{B}"', "no attempt"),
        (f'I write "{A}" Then "He is a popular man." At last "{B}"', "no attempt"),
        (f'"{A}" Closer: "He is so very well connected that he knows everyone." Then "{B}"', "inexactly"),
        (f'"{A}" The evaluator says feet are odd. "{B}"', "Somebody else"),
        (f"먼저 “{A}”라고 쓴다. 평가자의 지적대로 고친다. “{B}”", "Somebody else"),
        (f'"{A}" "{B}" I refine it further. "{B}"', "nothing changed"),
        (f"“{A}” 발은 아니다. “{B}” 이 문장을 더 다듬는다. “{B}”", "nothing changed"),
    ],
)
def test_a_thought_that_claims_what_is_not_so_is_found(thought: str, said: str) -> None:
    assert any(said in message for message in messages(thought))


def test_where_there_was_one_attempt_no_revision_may_be_told() -> None:
    one = (Draft(text=B, score=95),)
    assert not messages(f'발이 넓다 is reach. "{B}" Nothing would gain by another attempt.', drafts=one)
    assert messages(f'"{B}" I polish it and am done.', drafts=one)
    assert messages(f'First attempt: "{B}" Second attempt: "{B}"', drafts=one)


def test_without_a_trace_only_ending_and_voices_are_judged() -> None:
    assert not messages(f'I try "He is a popular man." Then "{B}"', drafts=())
    assert messages("I stop here.", drafts=())


@given(st.text(max_size=300), st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
def test_any_text_can_be_checked(thought: str, output: str, drafts: list[str]) -> None:
    records = [Draft(text=text) for text in drafts]
    for finding in check(thought, output, records, {}, source=thought):
        assert finding.span is None or 0 <= finding.span.start < finding.span.end <= len(thought)
