"""Folding, against thoughts whose sentences were labelled by hand, and against its one promise.

Forty thoughts are those it was made with; ten more were written afterwards and never tuned to.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.records import Draft, Finding, Span
from data.samples import worked_examples
from drt_tui.review.folding import Thought, fold


def read(name: str) -> list[dict]:
    lines = (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CASES, HELD_OUT = read("folding_cases.jsonl"), read("folding_held_out.jsonl")
LABELS = {"argues": "argues", "attempt": "attempt", "filler": "folded"}


def thought_of(case: dict) -> Thought:
    drafts = tuple(Draft(text=text) for text in case["drafts"])
    return Thought(case["thought"], case["source"], case["output"], None, drafts)


def told(cases: list[dict]) -> Counter[tuple[str, str]]:
    """Count sentences by their label and by what is made of them."""
    counts: Counter[tuple[str, str]] = Counter()
    for case in cases:
        thought = thought_of(case)
        got = [(thought.text[piece.start : piece.end].strip(), piece.kind) for piece in fold(thought)]
        assert [text for text, _ in got] == [sentence["text"].strip() for sentence in case["sentences"]]
        labels = (LABELS[one["label"]] for one in case["sentences"])
        counts.update(zip(labels, (kind for _, kind in got), strict=True))
    return counts


def shares(cases: list[dict]) -> tuple[float, float]:
    """Return the shares of what argues that is shown, and of filler that is folded."""
    counts = told(cases)
    hidden, argues = counts["argues", "folded"], sum(counts["argues", kind] for kind in LABELS.values())
    filler = sum(counts["folded", kind] for kind in LABELS.values())
    return 1 - hidden / argues, counts["folded", "folded"] / filler


@pytest.mark.parametrize(("cases", "least"), [(CASES, 0.85), (HELD_OUT, 0.8)], ids=["made with", "held out"])
def test_what_argues_is_shown_and_what_does_not_is_folded(cases, least):
    shown, folded = shares(cases)
    assert shown >= 0.97
    assert folded >= least


@pytest.mark.parametrize("cases", [CASES, HELD_OUT], ids=["made with", "held out"])
def test_every_attempt_is_seen_as_one(cases):
    counts = told(cases)
    assert counts["attempt", "attempt"] == sum(counts["attempt", kind] for kind in LABELS.values())


def test_each_attempt_is_that_of_its_draft():
    for example in worked_examples():
        candidate = example.candidate
        thought = Thought(
            candidate.thought, example.sentence.source, candidate.output, candidate.keywords, candidate.drafts
        )
        for piece in fold(thought):
            if piece.draft is not None:
                text = (*(draft.text for draft in candidate.drafts), candidate.output)[piece.draft]
                assert text in thought.text[piece.start : piece.end]


@st.composite
def thoughts_with_findings(draw: st.DrawFn) -> Thought:
    text = draw(
        st.lists(
            st.sampled_from(
                [
                    "I review it once more. ",
                    "This looks good. ",
                    "Done. ",
                    "# Heading\n",
                    "발이 넓다 is feet. ",
                    "“x.” ",
                    "\n",
                ]
            )
            | st.text(max_size=20),
            max_size=12,
        ).map("".join)
    )
    spans = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, len(text))), max_size=4))
    findings = tuple(
        Finding(code="x", message="x", field="thought", span=Span(start=min(pair), end=max(pair)))
        for pair in spans
    )
    return Thought(text, "그는 발이 넓다.", "He knows everyone.", None, (), findings)


@given(thoughts_with_findings())
def test_nothing_that_a_finding_points_at_is_folded(thought):
    pieces = fold(thought)
    assert "".join(thought.text[piece.start : piece.end] for piece in pieces) == thought.text
    for finding in thought.findings:
        assert finding.span is not None
        first, last = finding.span.start, max(finding.span.end - 1, finding.span.start)
        for piece in pieces:
            if piece.kind == "folded":
                assert last < piece.start or first > piece.end - 1


def test_a_finding_of_the_whole_thought_unfolds_it():
    finding = Finding(code="unfaithful", message="no revision is told", severity="error", field="thought")
    text = "I review it once more. This looks good."
    assert all(piece.kind == "folded" for piece in fold(Thought(text)))
    assert all(piece.kind == "argues" for piece in fold(Thought(text, findings=(finding,))))
