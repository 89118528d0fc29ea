"""What the screens look like. Each docstring says what to look for when a picture has changed."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from data.errors import NotSaved
from data.records import Finding, Span, Stage, Status
from data.store import Dataset
from tests.stubs.session import OUTPUT, THOUGHT, SlowModels, candidate

SMALL, LARGE = (80, 24), (160, 50)


def test_review(app, snap_compare):
    """Source with its idiom marked, output under it, the folded thought, keys; nothing cut at 80 columns."""
    assert snap_compare(app(), terminal_size=SMALL)


def test_review_large(app, snap_compare):
    """The same with room: one line a sentence, nothing stretched."""
    assert snap_compare(app(), terminal_size=LARGE)


@pytest.mark.parametrize("theme", ["drt-light", "drt-contrast"])
def test_review_themes(app, snap_compare, theme):
    """All text is legible; the idiom, changes and keys stand out."""
    assert snap_compare(app(theme=theme), terminal_size=SMALL)


def test_review_without_colour(app, snap_compare, monkeypatch):
    """Nothing is said by colour alone: the idiom is underlined, changes carry signs."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(app(), terminal_size=SMALL, press=["d"])


def test_whole_thought(app, snap_compare):
    """The thought as it was written, line by line; the reference under the source."""
    assert snap_compare(app(), terminal_size=SMALL, press=["T", "R"])


def test_findings(app, dataset, snap_compare):
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
    assert snap_compare(app(), terminal_size=SMALL)


def test_differences(app, snap_compare):
    """Draft to draft, and against the reference; minus and plus before what changed."""
    assert snap_compare(app(), terminal_size=(100, 30), press=["d"])


def test_a_chosen_stage(app, snap_compare):
    """The finished loop with scores at the right edge; the chosen stage has a mark before it."""
    assert snap_compare(app(), terminal_size=(100, 30), press=["t", "down", "down"])


def test_streaming(app, dataset, snap_compare):
    """The loop while it runs: finished stages, the running one last with a cursor."""

    class Stuck(SlowModels):
        async def stream(self, request):
            async for item in super().stream(request):
                yield item
                if request.stage is Stage.REFINE:
                    self.gate.clear()

    async def until_stuck(pilot: Pilot[None]) -> None:
        await pilot.press("space", "ctrl+k")
        while "draft 2" not in str(pilot.app.screen.body.border_title):
            await pilot.pause(0.05)
        await pilot.pause(0.5)

    assert snap_compare(app(Stuck()), terminal_size=SMALL, run_before=until_stuck)


def test_reject(app, snap_compare):
    """One key a reason, grouped by what is at fault."""
    assert snap_compare(app(), terminal_size=SMALL, press=["x"])


def test_rejected(app, snap_compare):
    """The next sentence is in front; the offer and what was saved stand at the bottom."""
    assert snap_compare(app(), terminal_size=SMALL, press=["x", "1"])


def test_edit(app, snap_compare):
    """Output and thought in fixed fields; the sentences that argue for the old output are found."""
    assert snap_compare(app(), terminal_size=SMALL, press=["e", "ctrl+u", *"그는 마당발이다.", "escape"])


def test_editor(app, snap_compare):
    """The focused field has a coloured title; the keys that work here are at the bottom."""
    assert snap_compare(app(), terminal_size=SMALL, press=["e"])


def test_not_saved(app, snap_compare, monkeypatch):
    """The sentence stays in front and the error says what to do."""

    def refuse(self: Dataset, decision: object) -> Status:
        raise NotSaved("The disk is full.", hint="Free some space and press the key again.")

    monkeypatch.setattr(Dataset, "decide", refuse)
    assert snap_compare(app(), terminal_size=SMALL, press=["a"])


def test_dataset(app, dataset, snap_compare):
    """Columns line up although Hangul is wide; the cursor is a bar, marks are stars."""
    dataset.set_flag(dataset.ids()[2], "later", True)
    assert snap_compare(app(), terminal_size=(120, 24), press=["l", "down", "space"])


def test_help(app, snap_compare):
    """Every key with its Hangul twin and its control key, by what it is for."""
    assert snap_compare(app(), terminal_size=LARGE, press=["question_mark"])


def test_queues(app, snap_compare):
    """Counts in a column; the present queue and order are marked."""
    assert snap_compare(app(), terminal_size=SMALL, press=["v"])
