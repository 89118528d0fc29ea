"""Sentences that argue for an output that was changed, against worked chains marked by hand."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from data.samples import worked_examples
from drt_tui.review.coherence import stale_sentences

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "coherence_cases.jsonl").read_text(encoding="utf-8").splitlines()
]


def precision_and_recall() -> tuple[float, float]:
    """Compare what is marked in all chains with what was marked by hand."""
    candidates = {example.sentence.source: example.candidate for example in worked_examples()}
    right = marked = by_hand = 0
    for case in CASES:
        made = candidates[case["source"]]
        drafts = [draft.text for draft in made.drafts]
        spans = stale_sentences(made.thought, made.output, case["output"], drafts=drafts)
        found = {made.thought[start:end].strip() for start, end in spans}
        right += len(found & set(case["stale"]))
        marked += len(found)
        by_hand += len(case["stale"])
    return right / marked, right / by_hand


def test_the_marked_sentences_are_those_marked_by_hand():
    precision, recall = precision_and_recall()
    assert precision >= 0.9
    assert recall >= 0.8


def test_an_unchanged_output_makes_nothing_stale():
    for example in worked_examples():
        made = example.candidate
        assert stale_sentences(made.thought, made.output, made.output + " ") == ()


def test_a_thought_that_was_changed_with_its_output_is_not_stale():
    assert stale_sentences("I settle on “She has it.”", "He has it.", "She has it.") == ()


def test_an_earlier_attempt_is_history():
    thought = "“He knows many.” Too flat. “He is connected.” ‘Connected’ has the reach."
    spans = stale_sentences(
        thought, "He is connected.", "He is popular.", drafts=["He knows many.", "He is connected."]
    )
    assert [thought[start:end].strip() for start, end in spans] == [
        "“He is connected.”",
        "‘Connected’ has the reach.",
    ]


@given(st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_spans_are_sentences_of_the_thought_in_order(thought, old, new):
    spans = stale_sentences(thought, old, new)
    assert list(spans) == sorted(spans)
    assert all(0 <= start < end <= len(thought) for start, end in spans)
