"""What the keys change: stages, marks, notes, corrections, the thought after an edit."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from data.records import Stage, Status
from drt_tui.review.external_editor import Returned
from tests.stubs.scripted import ScriptedModels
from tests.stubs.session import OUTPUT, SOURCES, SlowModels, candidate


async def test_flag_and_note(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("f")
        assert dataset.row(dataset.ids()[0]).flags == ("flag",)
        assert "flag" in bench.text
        await bench.press("f")
        assert dataset.row(dataset.ids()[0]).flags == ()
        await bench.press("n", *"good one", "enter", "a")
    [decision] = dataset.decisions_of(dataset.ids()[0])
    assert decision.note == "good one"


async def test_a_half_typed_line_is_there_again_when_the_app_is(reviewing, dataset):
    first = dataset.ids()[0]
    async with reviewing() as bench:
        await bench.press("r", *"short")
    async with reviewing() as bench:
        await bench.press("r")
        assert bench.screen.prompt.field.value == "short"
        await bench.press("escape", "n", *"goo")
    async with reviewing() as bench:
        assert "note: goo" in bench.text
        await bench.press("n", "d", "enter", "r")
        assert bench.screen.prompt.field.value == "", "what was left with escape is not offered again"
        await bench.press("escape", "a")
    [decision] = dataset.decisions_of(first)
    assert decision.note == "good"
    async with reviewing() as bench:
        await bench.press("u")
        assert bench.screen.item.id == first
        assert bench.screen.note == "", "it went with its decision"


async def test_regenerating_gives_another_candidate_with_the_persons_advice(reviewing, dataset):
    models = ScriptedModels()
    async with reviewing(models) as bench:
        first = dataset.ids()[0]
        await bench.press("r", *"shorter", "enter")
        await bench.until(lambda: len(dataset.candidates_of(first)) == 2)
        await bench.until(lambda: "candidate 2 of 2" in bench.text)
    assert "shorter" in "".join(
        message.content for request in models.requests for message in request.messages
    )
    assert dataset.candidate(dataset.candidates_of(first)[1]).seed == 1, "a repeated pass has its own seed"


async def test_a_draft_digit_takes_that_draft_as_output(reviewing, dataset):
    async with reviewing() as bench:
        first = dataset.ids()[0]
        await bench.press("1")
        assert len(dataset.candidates_of(first)) == 1, "only while drafts are shown"
        await bench.press("t", "2")
        await bench.until(lambda: len(dataset.candidates_of(first)) == 2)
    made = dataset.candidate(dataset.candidates_of(first)[1])
    assert made.output == "He knows a lot of people."
    assert made.best == 1


async def test_versions_can_be_picked_while_another_one_is_made(reviewing, dataset):
    models = SlowModels()
    first = dataset.ids()[0]
    async with reviewing(models, size=(120, 30)) as bench:
        models.gate.clear()
        await bench.press("r", "enter")
        await bench.until(lambda: bench.screen.generation.is_running(first))
        await bench.press("[")
        assert OUTPUT in bench.text
        assert "there is no" not in bench.text
        await bench.press("]")
        assert "loop · " in bench.text
        await bench.press("[")
        models.gate.set()
        await bench.until(lambda: "a newer candidate is ready" in bench.text)
        assert OUTPUT in bench.text, "what is read stays until the person asks for the other"
        await bench.press("]")
        assert "candidate 2 of 2" in bench.text


async def test_escape_leaves_what_is_beside_a_running_loop_before_it_stops_it(reviewing, dataset):
    models = SlowModels()
    third = dataset.ids()[2]
    async with reviewing(models) as bench:
        models.gate.clear()
        await bench.press("g", "3", "enter")
        await bench.until(lambda: bench.screen.generation.is_running(third))
        await bench.press("i")
        assert "this session" in bench.text
        await bench.press("escape")
        assert "loop · " in bench.text
        assert bench.screen.generation.is_running(third)
        await bench.press("escape")
        assert not bench.screen.generation.is_running(third)


async def test_changed_advice_of_a_finished_chain_makes_a_new_draft(reviewing, dataset):
    models = ScriptedModels()
    async with reviewing(models) as bench:
        first = dataset.ids()[0]
        await bench.press("t", "down", "down", "down", "down", "enter", "ctrl+u", *"be brief", "enter")
        await bench.until(lambda: len(dataset.candidates_of(first)) == 2)
    made = dataset.candidate(dataset.candidates_of(first)[1])
    assert made.drafts[0].advice == "be brief"
    assert models.requests[0].stage is Stage.REFINE


async def test_a_stage_text_that_cannot_be_is_refused_in_words(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("t", "down", "down", "down", "enter", "ctrl+u", *"nice", "enter")
        assert "begin with the score" in bench.text
        assert len(dataset.candidates_of(dataset.ids()[0])) == 1


async def test_safe_corrections_are_put_on_view_and_accepted_with_a(reviewing, dataset):
    first = dataset.sentence(dataset.ids()[0])
    dataset.add_candidate(candidate(first, "C9", output=f"Translation: {OUTPUT}"))
    async with reviewing(size=(100, 30)) as bench:
        assert "Translation: He is" in bench.text
        assert "c corrects what is safe to correct" in bench.text
        await bench.press("c")
        assert "corrects what is safe" not in bench.text
        assert "Translation: He is" not in bench.text
        assert "your version" in bench.text
        assert dataset.row(first.id).status is Status.GENERATED
        await bench.press("a")
    example = dataset.example(first.id)
    assert example is not None
    assert (example.output, example.status) == (OUTPUT, Status.EDITED)


async def test_after_an_edit_the_thought_is_mended_where_it_is_stale(reviewing, dataset):
    models = ScriptedModels({Stage.REFORMULATE: ['{"sentences": ["I settle on “He is popular.”"]}']})
    async with reviewing(models, size=(100, 30)) as bench:
        await bench.press("m")
        assert "argues for nothing that was changed" in bench.text
        await bench.press("e", "ctrl+u", *"He is popular.", "escape")
        assert "still argues for the output as it was" in bench.text
        await bench.press("m")
        await bench.until(lambda: "mended thought" in bench.text)
        assert "+“He is popular" in bench.text or "+popular" in bench.text
        await bench.press("enter")
        assert "still argues" not in bench.text
        await bench.press("a")
    example = dataset.example(dataset.ids()[0])
    assert example is not None
    assert example.output == "He is popular."
    assert example.thought.endswith("I settle on “He is popular.”")
    assert "flat: it drops the reach" in example.thought, "the other sentences stay"


async def test_a_mended_thought_can_be_left(reviewing, dataset):
    models = ScriptedModels({Stage.REFORMULATE: ['{"sentences": ["Mended."]}']})
    async with reviewing(models, size=(100, 30)) as bench:
        await bench.press("e", "ctrl+u", *"He is popular.", "escape", "m")
        await bench.until(lambda: "mended thought" in bench.text)
        await bench.press("escape")
        assert "still argues" in bench.text
        await bench.press("enter")
        assert "still argues" in bench.text, "an offer that was left is gone"


async def test_a_mended_reference_joins_the_imported_one(reviewing, dataset):
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("e", "tab", "tab", "tab", "ctrl+end", *" Mine", "ctrl+s")
    references = dataset.sentence(dataset.ids()[0]).references
    assert [reference.origin for reference in references] == ["post-edited", "imported"]
    assert "Mine" in references[0].text


async def test_a_mended_sentence_is_taken_back_with_its_decision_also_after_a_restart(reviewing, dataset):
    first = dataset.ids()[0]
    as_imported = dataset.sentence(first)
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("e", "tab", "tab", "ctrl+home", *"어제 ", "ctrl+s")
        mended = dataset.sentence(first)
        assert mended != as_imported
    async with reviewing() as bench:
        await bench.press("u")
        assert dataset.sentence(first) == as_imported
        assert bench.screen.item.sentence == as_imported
        await bench.press("ctrl+y")
        assert dataset.sentence(first) == mended
    assert dataset.example(first).source == mended.source


async def test_a_mended_source_is_shown_and_kept_beside_the_imported_one(reviewing, dataset):
    source = SOURCES[0][0]
    async with reviewing(size=(100, 30)) as bench:
        await bench.press("e", "tab", "tab", "ctrl+home", *"어제 ", "escape")
        assert f"어제 {source}" in bench.text
        await bench.press("a")
    mended = dataset.sentence(dataset.ids()[0])
    assert (mended.source, mended.imported) == (f"어제 {source}", source)
    [span] = mended.spans
    assert mended.source[span.start : span.end] == source[slice(*SOURCES[0][2])], "the mark moves with it"
    example = dataset.example(mended.id)
    assert example is not None
    assert example.source == mended.source


async def test_an_item_is_restarted_by_another_model(reviewing, dataset):
    models = ScriptedModels()
    async with reviewing(models, models=("main", "strong")) as bench:
        first = dataset.ids()[0]
        await bench.press("r")
        assert "by the models set:" in bench.text
        await bench.press("tab", "tab")
        assert "by strong:" in bench.text
        await bench.press(*"shorter", "enter")
        await bench.until(lambda: len(dataset.candidates_of(first)) == 2)
        assert {request.models for request in models.requests} == {("strong",)}
        await bench.until(lambda: "candidate 2 of 2" in bench.text)
        models.requests.clear()
        await bench.press("t", "1")
        await bench.until(lambda: len(dataset.candidates_of(first)) == 3)
        assert {request.models for request in models.requests} == {()}, "a choice holds for one restart"


async def test_the_sentences_before_are_shown_to_the_models(reviewing, dataset):
    models = ScriptedModels()
    async with reviewing(models, loop={"context": 1}) as bench:
        await bench.press("g", "3", "enter")
        await bench.until(lambda: bool(dataset.candidates_of(dataset.ids()[2])))
    asked = "".join(message.content for message in models.asked(Stage.LITERAL)[0].messages)
    assert SOURCES[1][0] in asked


async def test_another_editor(reviewing, dataset, tmp_path, monkeypatch):
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys, pathlib\np = pathlib.Path(sys.argv[1])\n"
        "p.write_text(p.read_text('utf-8').replace('so well connected', 'popular'), 'utf-8')"
    )

    @contextmanager
    def suspended():
        yield

    async with reviewing(size=(100, 30)) as bench:
        monkeypatch.setattr(bench.app, "suspend", suspended)
        monkeypatch.setenv("VISUAL", f"{sys.executable} {script}")
        await bench.press("E")
        await bench.until(lambda: "He is popular that he knows everyone." in bench.text)
        assert "your version" in bench.text


async def test_a_broken_file_is_offered_again(reviewing, dataset, monkeypatch):
    texts = iter(["no markers at all", None])
    offered = []

    @contextmanager
    def suspended():
        yield

    def edit(text: str) -> Returned:
        offered.append(text)
        return Returned(next(texts) or text)

    async with reviewing(size=(100, 30)) as bench:
        monkeypatch.setattr(bench.app, "suspend", suspended)
        monkeypatch.setattr("drt_tui.review.external_editor.edit_outside", edit)
        await bench.press("E")
        await bench.until(lambda: "not read" in bench.text)
        await bench.press("E")
        await bench.until(lambda: len(offered) == 2)
        assert offered[1] == "no markers at all"
