"""Keys that decide: what is on disk afterwards, and what is on screen."""

from __future__ import annotations

import pytest

from data.errors import NotSaved
from data.ids import new_id
from data.records import Decision, Status
from data.store import Dataset
from drt_tui.review.reading_time import IDLE_AFTER, ReadingTime
from tests.stubs.session import OUTPUT, SOURCES


def statuses(dataset: Dataset) -> list[Status]:
    return [dataset.row(sentence).status for sentence in dataset.ids()]


async def test_the_first_ready_sentence_is_in_front(reviewing):
    async with reviewing() as bench:
        assert SOURCES[0][0] in bench.text
        assert OUTPUT in bench.text
        assert "3 drafts · ends at draft 3" in bench.text
        assert "pending 5  ready 2  accepted 0  rejected 0" in bench.text


@pytest.mark.parametrize("key", ["a", "ctrl+a"])
async def test_accept_is_saved_and_goes_on(reviewing, dataset, key):
    async with reviewing() as bench:
        await bench.press(key)
        assert statuses(dataset)[:2] == [Status.ACCEPTED, Status.GENERATED]
        assert SOURCES[1][0] in bench.text
        assert "accepted 1" in bench.text
    example = dataset.example(dataset.ids()[0])
    assert example is not None
    assert example.output == OUTPUT
    assert example.decision is not None
    assert example.decision.by == "kim"
    assert (example.decision.verdicts.output, example.decision.verdicts.thought) == ("good", "good")


async def test_a_decision_that_is_not_saved_leaves_the_screen_as_it_is(reviewing, dataset, monkeypatch):
    def refuse(self: Dataset, decision: Decision) -> Status:
        raise NotSaved("The disk is full.", hint="Free some space and press the key again.")

    async with reviewing() as bench:
        with monkeypatch.context() as patch:
            patch.setattr(Dataset, "decide", refuse)
            await bench.press("a")
            assert SOURCES[0][0] in bench.text
            assert "The disk is full." in bench.text
        await bench.press("a")
        assert statuses(dataset)[0] is Status.ACCEPTED


@pytest.mark.parametrize(
    ("digit", "code", "status", "output", "thought"),
    [
        ("1", "meaning-wrong", Status.REJECTED, "bad", None),
        ("6", "machinery", Status.REJECTED, None, "bad"),
        ("8", "needs-context", Status.PARKED, None, None),
        ("0", "other", Status.REJECTED, None, None),
    ],
)
async def test_a_digit_says_why_a_candidate_is_rejected(
    reviewing, dataset, digit, code, status, output, thought
):
    async with reviewing() as bench:
        await bench.press("x")
        assert "1 meaning wrong" in bench.text
        await bench.press(digit)
        assert statuses(dataset)[0] is status
        assert SOURCES[1][0] in bench.text
    [decision] = dataset.decisions_of(dataset.ids()[0])
    assert decision.reasons == (code,)
    assert (decision.verdicts.output, decision.verdicts.thought) == (output, thought)


async def test_enter_rejects_without_a_reason_and_escape_does_not_reject(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("x", "escape")
        assert statuses(dataset)[0] is Status.GENERATED
        await bench.press("x", "a")
        assert statuses(dataset)[0] is Status.GENERATED, "no other key decides while a reason is asked for"
        await bench.press("enter")
        assert statuses(dataset)[0] is Status.REJECTED


async def test_a_version_whose_acceptance_is_taken_back_is_open_again(reviewing, dataset):
    first = dataset.ids()[0]
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("e", *" Typo", "ctrl+s", "u")
        assert bench.screen.item.id == first
        assert "your version, kept but not accepted yet" in bench.text
        await bench.press("ctrl+y", "u")
        await bench.press("e", "backspace", "ctrl+s")
    example = dataset.example(first)
    assert example is not None
    assert example.output == f"{OUTPUT} Typ"


async def test_a_judged_sentence_says_what_was_decided_by_whom_and_why(reviewing, dataset):
    ids = dataset.ids()
    for sentence, kind, reasons in (
        (ids[0], "reject", ("image-lost",)),
        (ids[3], "park", ("needs-context",)),
    ):
        dataset.decide(Decision(id=new_id(), sentence=sentence, kind=kind, by="kim", reasons=reasons))
    dataset.decide(Decision(id=new_id(), sentence=ids[1], kind="edit", by="lee", output="He is choosy."))
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("g", "1", "enter")
        assert "rejected by kim: idiom or image lost" in bench.text
        await bench.press("g", "2", "enter")
        assert "edited by lee" in bench.text
        assert "your version" not in bench.text, "it is somebody else's"
        await bench.press("g", "4", "enter")
        assert "loop · parked" in bench.text
        assert "parked by kim: needs context" in bench.text


async def test_skip_undo_redo(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("space")
        assert statuses(dataset)[0] is Status.SKIPPED
        await bench.press("u")
        assert statuses(dataset)[0] is Status.GENERATED
        assert SOURCES[0][0] in bench.text
        await bench.press("ctrl+y")
        assert statuses(dataset)[0] is Status.SKIPPED
        assert SOURCES[1][0] in bench.text


async def test_undo_reaches_back_over_a_restart(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("a")
    async with reviewing() as bench:
        await bench.press("u")
        assert statuses(dataset)[0] is Status.GENERATED
        assert SOURCES[0][0] in bench.text
        await bench.press("u")
        assert "nothing to undo" in bench.text


async def test_an_edit_is_saved_with_what_was_generated(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("e", *"! Yes", "ctrl+s")
        assert statuses(dataset)[0] is Status.EDITED
        assert SOURCES[1][0] in bench.text
    example = dataset.example(dataset.ids()[0])
    assert example is not None
    assert example.output == OUTPUT + "! Yes"
    assert example.generated is not None
    assert example.generated.output == OUTPUT
    assert example.decision is not None
    assert (example.decision.verdicts.output, example.decision.verdicts.thought) == ("bad", "good")


async def test_an_edit_that_was_left_is_on_view_and_can_be_accepted(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("e", "!", "escape")
        assert statuses(dataset)[0] is Status.GENERATED
        assert "your version" in bench.text
    async with reviewing() as bench:
        assert OUTPUT + "!" in bench.text, "the draft outlives the app"
        await bench.press("a")
    example = dataset.example(dataset.ids()[0])
    assert example is not None
    assert example.output == OUTPUT + "!"


async def test_saving_an_edit_without_changes_accepts(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("e", "ctrl+s")
    assert statuses(dataset)[0] is Status.ACCEPTED


async def test_a_held_key_decides_once(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press(*["a"] * 10)
    assert statuses(dataset)[:2] == [Status.ACCEPTED, Status.GENERATED]


async def test_the_key_that_decided_is_dead_and_not_the_one_that_led_there(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("x", *["1"] * 5)
        await bench.press("x", "2")
        await bench.press("u", "e", *"!", "ctrl+s")
    assert statuses(dataset)[:2] == [Status.REJECTED, Status.EDITED]


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_only_active_seconds_are_kept_with_a_decision(reviewing, dataset):
    clock = Clock()
    async with reviewing() as bench:
        bench.screen.reading = ReadingTime(clock)
        clock.now += 30
        await bench.press("T")
        clock.now += 3_600  # a long telephone call
        await bench.press("T")
        bench.app.app_focus = False
        clock.now += 600  # another window
        bench.app.app_focus = True
        await bench.press("?")
        clock.now += 50  # the help page
        await bench.press("escape")
        clock.now += 10
        await bench.press("e")
        for _ in range(3):
            clock.now += 40
            await bench.press("!")
        await bench.press("ctrl+s")
    [decision] = dataset.decisions_of(dataset.ids()[0])
    assert decision.seen.seconds == 30 + IDLE_AFTER + 10 + 3 * 40
    assert decision.seen.thought == "folded"


async def test_a_strict_project_refuses_rows_with_chosen_findings(reviewing, dataset):
    first = dataset.sentence(dataset.ids()[0])
    from tests.stubs.session import candidate

    dataset.add_candidate(candidate(first, "C9", thought="I say nothing of it."))
    async with reviewing() as bench:
        found = [finding.code for finding in bench.screen.item.findings]
        assert found
    async with reviewing(review={"strict": (found[0],)}) as bench:
        await bench.press("a")
        assert statuses(dataset)[0] is Status.GENERATED
        assert f"strict: {found[0]}" in bench.text


async def test_output_only_has_the_thought_written_anew(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("o", *"claims too much", "enter")
        first = dataset.ids()[0]
        await bench.until(lambda: len(dataset.candidates_of(first)) == 2)
        assert statuses(dataset)[0] is Status.GENERATED
    anew = dataset.candidate(dataset.candidates_of(first)[-1])
    assert anew.output == OUTPUT
    assert anew.drafts[:3] == dataset.candidate("C1").drafts
    [decision] = dataset.decisions_of(first)
    assert (decision.verdicts.output, decision.verdicts.thought, decision.note) == (
        "good",
        "bad",
        "claims too much",
    )


async def test_the_offer_after_a_rejection_makes_it_anew_with_the_reason(reviewing, dataset):
    from tests.stubs.scripted import ScriptedModels

    models = ScriptedModels()
    async with reviewing(models) as bench:
        await bench.press("x", "1")
        assert "told “meaning wrong”" in bench.text
        await bench.press("enter")
        first = dataset.ids()[0]
        await bench.until(lambda: len(dataset.candidates_of(first)) == 2)
        assert statuses(dataset)[0] is Status.GENERATED
    asked = "".join(message.content for request in models.requests for message in request.messages)
    assert "meaning wrong" in asked
