"""What the screens look like. Each docstring says what to look for when a picture has changed."""

from __future__ import annotations

import pytest

from data.errors import NotSaved
from data.records import Decision, Finding, Span, Stage, Status
from data.store import Dataset
from tests.snapshots.conftest import LARGE, SMALL
from tests.stubs.session import OUTPUT, THOUGHT, SlowModels, candidate

READY = "3 drafts"


def test_review(picture):
    """Source with its idiom marked, output under it, the folded thought, keys; nothing cut at 80 columns."""
    assert picture(shows=READY)


def test_review_large(picture):
    """The same with room: one line a sentence, nothing stretched."""
    assert picture(shows=READY, size=LARGE)


@pytest.mark.parametrize("theme", ["drt-light", "drt-contrast"])
def test_review_themes(picture, theme):
    """All text is legible; the idiom, changes and keys stand out."""
    assert picture(shows=READY, theme=theme)


def test_differences_without_colour(picture, monkeypatch):
    """Nothing is said by colour alone: the idiom is underlined, changes carry signs."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture("d", shows="draft 1 → 2")


def test_whole_thought(picture):
    """The thought as it was written, line by line; the reference under the source."""
    assert picture("T", "R", shows="wide circle")


def test_findings(picture, dataset):
    """An error before a warning, each with its field; the place in the thought underlined; label kept in the output."""
    at = THOUGHT.index("This looks good.")
    praise = Finding(
        code="praise",
        message="Praises itself.",
        severity="error",
        field="thought",
        span=Span(start=at, end=at + 16),
    )
    first = dataset.sentence(dataset.ids()[0])
    dataset.add_candidate(candidate(first, "C9", output=f"Translation: {OUTPUT}", findings=(praise,)))
    assert picture(shows="Praises itself.")


def test_differences(picture):
    """Draft to draft, and against the reference; minus and plus before what changed."""
    assert picture("d", shows="draft 1 → 2", size=LARGE)


def test_a_chosen_stage(picture):
    """The finished loop with scores at the right edge; the chosen stage has a mark before it."""
    assert picture("t", "down", "down", shows="› draft 1", size=LARGE)


class StuckAtRefining(SlowModels):
    """Says two words of the second draft, and no more."""

    async def stream(self, request):
        said = 0
        async for item in super().stream(request):
            yield item
            said += 1
            if request.stage is Stage.REFINE and said == 2:
                self.gate.clear()


def test_streaming(picture):
    """The loop while it runs: finished stages, the running one last with a cursor."""
    assert picture("space", "ctrl+k", shows="He is ▌", models=StuckAtRefining())


def test_reject(picture):
    """One key a reason, grouped by what is at fault."""
    assert picture("x", shows="1 meaning wrong")


def test_rejected(picture):
    """The next sentence is in front; the offer and what was saved stand at the bottom."""
    assert picture("x", "1", shows="told “meaning wrong”")


def test_a_persons_own_version(picture):
    """The sentences that argue for the old output are found and marked; keys say how to go on."""
    assert picture("e", "ctrl+u", *"그는 마당발이다.", "escape", shows="your version")


def test_editor(picture):
    """The focused field has a coloured title; the keys that work here are at the bottom."""
    assert picture("e", shows="save, accept, next")


def test_not_saved(picture, monkeypatch):
    """The sentence stays in front and the error says what to do."""

    def refuse(self: Dataset, decision: object) -> Status:
        raise NotSaved("The disk is full.", hint="Free some space and press the key again.")

    monkeypatch.setattr(Dataset, "decide", refuse)
    assert picture("a", shows="The disk is full.")


def test_dataset(picture, dataset):
    """Columns line up although Hangul is wide; the cursor is a bar, marks are stars."""
    dataset.set_flag(dataset.ids()[2], "later", True)
    assert picture("l", "down", "space", shows="idiom-unsaid", size=(120, 24))


def test_queues(picture):
    """Counts in a column; the present queue and order are marked."""
    assert picture("v", shows="queues and orders")


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_report(picture, dataset, size):
    """Where the dataset stands, then what is in it; bars aligned, two columns where there is room."""
    dataset.decide(Decision(id="D1", sentence=dataset.ids()[0], kind="accept", by="kim"))
    assert picture("S", shows="accepted", size=size)
