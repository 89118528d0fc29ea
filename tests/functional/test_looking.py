"""What the keys show, and that nothing of it changes the dataset."""

from __future__ import annotations

import pytest

from data.ids import new_id
from data.records import Decision, Draft, Finding, Span, Usage
from drt_tui.widgets.marking import finding_marks
from tests.stubs.session import OUTPUT, SOURCES, THOUGHT, candidate


async def test_the_thought_is_folded_until_the_whole_is_asked_for(reviewing):
    async with reviewing(size=(100, 30)) as bench:
        assert "sentences folded" in bench.text
        assert "I will go through the sentence carefully." not in bench.text
        await bench.press("T")
        assert "I will go through the sentence carefully." in bench.text
        await bench.press("T")
        assert "I will go through the sentence carefully." not in bench.text


async def test_the_reference_is_behind_a_key(reviewing):
    async with reviewing() as bench:
        assert "wide circle" not in bench.text
        await bench.press("R")
        assert "He has a wide circle of acquaintances." in bench.text


async def test_the_loop_and_the_thought_change_places(reviewing):
    async with reviewing(size=(100, 40)) as bench:
        await bench.press("t")
        assert "keywords   발이 넓다: well connected · 사람: people" in bench.text
        assert "93 best" in bench.text
        await bench.press("t")
        assert "thought · " in bench.text


async def test_what_replaced_a_long_first_draft_is_seen_beside_it(reviewing, dataset):
    drafts = (
        Draft(text="As the old thing " + "went on and on " * 8 + "it ended."),
        Draft(text="All was over."),
    )
    made = candidate(dataset.sentence(dataset.ids()[0]), "C9", output="All was over.", drafts=drafts, best=1)
    dataset.add_candidate(made)
    async with reviewing() as bench:
        since = bench.text.partition("since draft 1")[2][:200]
        assert "… " in since
        assert "→ All was over" in since


async def test_under_the_loop_stands_who_made_it_and_what_it_passed(reviewing, dataset):
    models = {"literal": ("main",), "evaluate": ("strong", "strong")}
    made = candidate(dataset.sentence(dataset.ids()[0]), "C9", output="Translation: x", models=models)
    dataset.add_candidate(made)
    async with reviewing(size=(120, 60)) as bench:
        await bench.press("t")
        assert "main (literal) · strong (evaluate)" in bench.text
        assert "6 calls · 3.5k tokens" in bench.text
        _, _, passed = bench.text.partition("passed: ")
        assert "refusal" in passed
        assert "label-in-output" not in passed
    async with reviewing(size=(120, 60), review={"blind": 1.0}) as bench:
        await bench.press("t")
        assert "passed: " in bench.text
        assert "strong (evaluate)" not in bench.text


async def test_differences_are_marked_by_signs(reviewing):
    async with reviewing(size=(100, 40)) as bench:
        await bench.press("d")
        assert "draft 1 → 2" in bench.text
        assert "-has wide feet, so he knows many +knows a lot of" in bench.text
        assert "reference" in bench.text
        await bench.press("d")
        assert "thought · " in bench.text


async def test_the_persons_own_changes_come_first_among_the_differences(reviewing):
    async with reviewing(size=(100, 40)) as bench:
        await bench.press("e", *" Yes", "escape", "d")
        assert "mine" in bench.text
        assert "+Yes" in bench.text.replace("everyone.+", "+")


async def test_candidates_are_leafed_through(reviewing, dataset):
    first = dataset.sentence(dataset.ids()[0])
    dataset.add_candidate(candidate(first, "C9", output="He is popular."))
    async with reviewing() as bench:
        assert "He is popular." in bench.text
        assert "candidate 2 of 2" in bench.text
        await bench.press("[")
        assert OUTPUT in bench.text
        await bench.press("[")
        assert "there is no older candidate" in bench.text
        await bench.press("a")
    [decision] = dataset.decisions_of(first.id)
    assert decision.candidate == "C1"


async def test_findings_stand_beside_what_they_concern(reviewing, dataset):
    first = dataset.sentence(dataset.ids()[0])
    at = THOUGHT.index("This looks good.")
    finding = Finding(
        code="praise",
        message="praises itself",
        severity="error",
        field="thought",
        span=Span(start=at, end=at + 15),
    )
    dataset.add_candidate(candidate(first, "C9", findings=(finding,)))
    async with reviewing(size=(100, 45)) as bench:
        assert "! thought  praises itself  praise" in bench.text
        assert "This looks" in bench.text, "nothing that a finding points at is folded"


async def test_what_does_not_fit_above_the_thought_is_scrolled_to_and_its_errors_stay(reviewing, dataset):
    first = dataset.sentence(dataset.ids()[0])
    errors = [Finding(code=f"e{number}", message="long " * 30, severity="error") for number in range(6)]
    long = " ".join(f"word{number}" for number in range(300))
    dataset.add_candidate(candidate(first, "C9", output=long, findings=errors))
    async with reviewing() as bench:
        assert bench.text.count("! output   long") == 3
        assert "more" in bench.text
        assert "thought · " in bench.text
        assert "word299" not in bench.text
        for _ in range(60):
            await bench.press("j")
        assert bench.screen.front.scroll_y == bench.screen.front.max_scroll_y > 0
        assert bench.screen.body.scroll_y == bench.screen.body.max_scroll_y > 0, "then the thought scrolls"
        assert "word299" in bench.text
        assert "! output   long" in bench.text
        await bench.press(*["pageup"] * 20)
        assert SOURCES[0][0] in bench.text
        await bench.press("pagedown", "space")
        assert bench.screen.front.scroll_y == 0


async def test_mere_information_marks_nothing(reviewing, dataset):
    """The list of findings leaves it out, so that nobody could say what the mark means."""
    first = dataset.sentence(dataset.ids()[0])
    told, quiet = (
        Finding(code="c", message="m", severity=severity, field="output", span=Span(start=at, end=at + 2))
        for severity, at in (("warning", 0), ("info", 3))
    )
    assert finding_marks((quiet,), "output") == []
    assert [mark[:2] for mark in finding_marks((quiet, told), "output")] == [(0, 2)]
    dataset.add_candidate(candidate(first, "C9", findings=(told, quiet)))
    async with reviewing(size=(100, 30)) as bench:
        assert "? output" in bench.text


async def test_what_happened_is_told_whole_before_tokens_and_money(reviewing):
    async with reviewing() as bench:
        bench.screen.status.show_usage(Usage(calls=9, prompt_tokens=90_000, cost_usd=12.5))
        await bench.press("space", "/", *"foo:bar", "enter")
        assert "foo: is no field; there are idiom:, status:, model:, finding:, flag:" in bench.text
        assert "90.0k" not in bench.text


async def test_hints_come_from_earlier_decisions(reviewing, dataset):
    ids = dataset.ids()
    twin = dataset.sentence(ids[0]).model_copy(
        update={"id": "f" * 20, "source": "그녀는 발이 넓어서 아는 사람이 많다."}
    )
    dataset.add_sentences([twin])
    dataset.add_candidate(candidate(twin, "C8", output="She knows everyone."))
    for sentence, kind, reasons in ((twin.id, "accept", ()), (ids[1], "reject", ("image-lost",))):
        dataset.decide(Decision(id=new_id(), sentence=sentence, kind=kind, by="kim", reasons=reasons))
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("h")
        await bench.until(lambda: "hints" in bench.text)
        assert "accepted" in bench.text
        assert "She knows everyone." in bench.text
        await bench.press("h")
        assert "thought · " in bench.text


async def test_the_glossary_is_shown_and_its_misses_are_flagged(reviewing, dataset):
    dataset.folder.root.joinpath("glossary.tsv").write_text("사람\tperson; people\n", encoding="utf-8")
    async with reviewing(size=(100, 30), review={"glossary": "glossary.tsv"}) as bench:
        assert "사람 is “person or people” in the glossary." in bench.text
        await bench.press("h")
        await bench.until(lambda: "사람 → person or people" in bench.text)


async def test_session_figures(reviewing):
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("a", "space", "i")
        assert "this session" in bench.text
        assert "50%" in bench.text


async def test_what_is_told_names_the_projects_own_keys(reviewing):
    keys = {"accept": "y", "edit": "Q", "note": "a", "mend": "K", "regenerate": "U"}
    async with reviewing(size=(120, 40), review={"keys": keys}) as bench:
        await bench.press("Q", *" Yes", "escape")
        assert "y accepts it, Q goes on" in bench.text
        assert "K has the thought mended" in bench.text
        await bench.press("c")
        assert "nothing here can be corrected safely; Q edits" in bench.text


async def test_help_lists_every_key_of_the_table(reviewing):
    from drt_tui.keys import COMMANDS

    async with reviewing(size=(110, 60)) as bench:
        await bench.press("?")
        for command in COMMANDS:
            assert command.help[:40] in bench.text
        await bench.press("escape")
        assert OUTPUT in bench.text


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (160, 50), (300, 80)])
async def test_every_size_shows_source_and_output(reviewing, size):
    async with reviewing(size=size) as bench:
        assert "그는 발이 넓어서" in bench.text
        assert "He is so well connected" in bench.text


async def test_the_palette_offers_every_command(reviewing):
    async with reviewing(size=(110, 40)) as bench:
        titles = {command.title for command in bench.app.get_system_commands(bench.screen)}
        assert {"accept", "output only", "queues", "dataset"} <= titles
