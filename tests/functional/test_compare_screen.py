"""The compare screen: what is asked, what is shown, and what keeps going when something breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from data.store import Dataset
from drt_tui.widgets.text_input import TextInput
from tests.stubs.comparing import comparing, hold_out
from tests.stubs.scripted_contenders import ScriptedContender, lineup, thinking
from tests.stubs.session import SOURCES
from train.evaluation.contender import Sampling

THOUGHT = "I look at 발이 넓다: nobody means feet here."
PLAIN = "He has wide feet."
GOOD = "He is so well connected that he knows everyone."
HOSTILE = "[/INST] [bold red]x[/] \x1b[31m\x00 <b>&amp;</b> 한글\u202eabc " + "word " * 50


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)


@pytest.fixture
def project(tmp_path: Path):
    from tests.stubs.session import project as opened

    with opened(tmp_path / "project") as dataset:
        hold_out(dataset)
        yield dataset


def two(**more: object) -> list[ScriptedContender]:
    return [
        ScriptedContender("backbone", PLAIN, kind="backbone"),
        thinking("DRT model", THOUGHT, GOOD, **more),
    ]


async def test_held_out_sentences_are_asked_one_after_the_other(project: Dataset) -> None:
    contenders = two()
    async with comparing(project, contenders) as bench:
        assert "held-out 1 of 3" in bench.text
        await bench.press("n")
        await bench.answered()
        assert "held-out 2 of 3" in bench.text
        await bench.press("p", "p")
        await bench.answered()
        assert "held-out 3 of 3" in bench.text
    asked = [question.source for question in contenders[0].asked]
    assert asked == [SOURCES[number][0] for number in (0, 1, 0, 2)]
    assert [question.id for question in contenders[1].asked] == [
        question.id for question in contenders[0].asked
    ]


async def test_thought_and_output_stand_apart_with_what_they_took(project: Dataset) -> None:
    async with comparing(project, two(tokens=214, seconds=3.14, cost_usd=0.0021)) as bench:
        assert "thought · 9 words" in bench.text
        assert THOUGHT[:20] not in bench.text
        for told in ("tags ok", "214 tokens", "3.1 s", "$0.0021"):
            assert told in bench.text
        await bench.press("t")
        assert THOUGHT[:20] in bench.text


async def test_in_narrow_columns_no_number_is_parted_from_its_unit(project: Dataset) -> None:
    contenders = [
        thinking(f"c{number}", THOUGHT * 9, GOOD, tokens=214, seconds=3.14, cost_usd=0.0021)
        for number in range(4)
    ]
    async with comparing(project, contenders, size=(80, 24)) as bench:
        for told in ("tags ok", "214 tokens", "3.1 s", "$0.0021", "thought · 73"):
            assert bench.text.count(told) == 4


async def test_a_broken_form_is_named(project: Dataset) -> None:
    broken = ScriptedContender("DRT model", "<thought>feet", has_thought=True, kind="drt", is_cut=True)
    async with comparing(project, [ScriptedContender("backbone", PLAIN), broken], size=(160, 30)) as bench:
        for told in ("no output", "thought not closed", "cut by the token limit"):
            assert told in bench.text


async def test_a_typed_sentence_is_asked_by_itself(project: Dataset) -> None:
    contenders = two()
    async with comparing(project, contenders) as bench:
        await bench.press("i", *"한 줄", "enter")
        await bench.answered()
        assert "typed" in bench.text
        assert contenders[1].asked[-1].source == "한 줄"
        assert contenders[1].asked[-1].history == ()


async def test_history_goes_along_only_when_it_is_switched_on(project: Dataset) -> None:
    contenders = two()
    async with comparing(project, contenders) as bench:
        await bench.press("h")
        assert "not as trained" in bench.text
        await bench.press("i", *"one", "enter")
        await bench.answered()
        await bench.press("i", *"two", "enter")
        await bench.answered()
        first, second = contenders[1].asked[-2:]
        assert [turn.question for turn in first.history] == [contenders[1].asked[0].source]
        assert [turn.question for turn in second.history] == [contenders[1].asked[0].source, "one"]
        assert second.history[-1].answer.startswith("<thought>"), "each has its own answers before it"
        assert contenders[0].asked[-1].history[-1].answer == PLAIN
        assert "not as trained: 2 earlier turns" in bench.text
        assert "› one → He has wide feet." in bench.text, "what was said before can be read"
        assert "› one → He is so well connected" in bench.text, "without its tags"
        await bench.press("r")
        await bench.answered()
        assert contenders[1].asked[-1].history == second.history, "the same again has the same history"
        await bench.press("h", "r")
        await bench.answered()
        assert contenders[1].asked[-1].history == ()
        assert "not as trained" not in bench.text


async def test_sampling_is_shown_and_can_be_changed(project: Dataset) -> None:
    contenders = two()
    async with comparing(project, contenders) as bench:
        assert "greedy" in bench.text
        assert contenders[0].asked[-1].sampling == Sampling()
        await bench.press("s", "ctrl+u", *"temperature 0.7 seed 3 max 40", "enter", "r")
        await bench.answered()
        assert contenders[0].asked[-1].sampling == Sampling(0.7, 1.0, 3, 40)
        assert "temperature 0.7 · seed 3 · max 40" in bench.text
        await bench.press("s", "ctrl+u", *"hot", "enter")
        assert "'hot' is not understood" in bench.text


async def test_outputs_are_held_against_another_column_and_the_reference(project: Dataset) -> None:
    contenders = [
        ScriptedContender("one", "He knows many people."),
        ScriptedContender("two", "He knows all people."),
    ]
    async with comparing(project, contenders) as bench:
        await bench.press("d")
        assert "diff to one" in bench.text
        assert "-many +all" in bench.text
        await bench.press("d", "d")
        assert "diff to reference" in bench.text
        assert "acquaintances" in bench.text
        await bench.press("d", "R")
        assert "He has a wide circle of acquaintances." in bench.text
        assert "diff to" not in bench.text


async def test_an_endpoint_that_dies_leaves_the_other_column_running(project: Dataset) -> None:
    contenders = two()
    contenders[0].fails_after = 2
    contenders[1].gate.clear()
    async with comparing(project, contenders, settle=False) as bench:
        await bench.until(lambda: bench.columns[0].state == "failed")
        assert bench.columns[1].is_busy
        contenders[1].gate.set()
        await bench.answered()
        assert "backbone is gone" in bench.text
        assert "Start it again." in bench.text
        assert "r asks again" in bench.text
        assert "so well connected" in bench.text


async def test_escape_ends_the_answers_and_then_the_screen(project: Dataset) -> None:
    contenders = two()
    for contender in contenders:
        contender.gate.clear()
    async with comparing(project, contenders, settle=False) as bench:
        await bench.until(lambda: all(contender.asked for contender in contenders))
        await bench.press("escape")
        await bench.answered()
        assert [contender.closed for contender in contenders] == [1, 1]
        assert bench.text.count("stopped") >= 2
        await bench.pilot.press("escape")
        while not bench.app._exit:
            await bench.pilot.pause(0.01)


async def test_a_new_question_ends_the_answers_to_the_last_one(project: Dataset) -> None:
    contenders = two()
    contenders[0].gate.clear()
    async with comparing(project, contenders, settle=False) as bench:
        await bench.until(lambda: bool(contenders[0].asked))
        await bench.press("n")
        await bench.until(lambda: len(contenders[0].asked) == 2)
        assert contenders[0].closed == 1
        contenders[0].gate.set()
        await bench.answered()
        assert [column.state for column in bench.columns] == ["done", "done"]


@pytest.mark.parametrize(("count", "is_beside"), [(4, True), (5, False), (9, False)])
async def test_up_to_four_stand_side_by_side_and_more_as_rows(
    project: Dataset, count: int, is_beside: bool
) -> None:
    contenders = [ScriptedContender(f"c{number}", f"answer {number}") for number in range(count)]
    async with comparing(project, contenders, size=(160, 50)) as bench:
        tops = {pane.region.y for pane in bench.screen.panes}
        assert (len(tops) == 1) is is_beside
        assert all(pane.region.width > 20 for pane in bench.screen.panes)


async def test_hostile_replies_are_text(project: Dataset) -> None:
    hostile = [
        ScriptedContender("[/bold] \x1b]0;x\x07", HOSTILE),
        thinking("[b]DRT", HOSTILE, HOSTILE),
        ScriptedContender("empty tags", "<thought></thought><output></output>", has_thought=True),
    ]
    for size in ((80, 24), (40, 12)):
        async with comparing(project, hostile, size=size) as bench:
            await bench.press("t", "d", "b", "v", "b")
            assert "\x1b" not in bench.text
            assert "\u202e" not in bench.text


async def test_what_is_wrong_with_the_prompt_stands_in_red(project: Dataset) -> None:
    opening = lineup(
        two(), warnings=["DRT model: The prompt differs from character 12 on."], notes=["in turn"]
    )
    async with comparing(project, opening) as bench:
        assert "The prompt differs from character 12 on." in bench.text
        assert "in turn" in bench.text
        strip = next(
            strip for strip in bench.screen._compositor.render_strips() if "The prompt differs" in strip.text
        )
        colour = bench.app.theme_variables["error"]
        assert any(
            segment.style is not None
            and segment.style.color is not None
            and segment.style.color.name.lower() == colour.lower()
            for segment in strip
        )


async def test_without_held_out_sentences_one_is_asked_for(tmp_path: Path) -> None:
    from tests.stubs.session import project as opened

    with opened(tmp_path / "empty") as dataset:
        async with comparing(dataset, two(), settle=False) as bench:
            await bench.until(lambda: isinstance(bench.app.focused, TextInput))
            await bench.press("escape", "n")
            assert "no sentence of this project is held out" in bench.text


async def test_keys_work_in_hangul_mode(project: Dataset) -> None:
    contenders = two()
    async with comparing(project, contenders) as bench:
        await bench.press("ㅜ")
        await bench.answered()
        assert "held-out 2 of 3" in bench.text


async def test_all_keys_are_on_a_page_and_in_the_palette(project: Dataset) -> None:
    async with comparing(project, two(), size=(100, 60)) as bench:
        await bench.press("?")
        for told in ("Ask the same again.", "Hold the outputs", "Show whose is whose", "Leave at once"):
            assert told in bench.text
        await bench.press("escape")
        offered = {command.title for command in bench.app.get_system_commands(bench.screen)}
        assert {"sampling", "losses to review", "reveal", "next", "diff"} <= offered
        [step] = [c for c in bench.app.get_system_commands(bench.screen) if c.title == "next"]
        await step.callback()
        await bench.answered()
        assert "held-out 2 of 3" in bench.text


async def test_the_narrow_footer_names_what_the_screen_can_do(project: Dataset) -> None:
    async with comparing(project, two(), size=(80, 24)) as bench:
        footer = bench.text.splitlines()[-1]
        for told in ("R reference", "s sampling", "b blind", "? help"):
            assert told in footer


def free(**more: object) -> list[ScriptedContender]:
    return [
        ScriptedContender("backbone", PLAIN, kind="backbone", cost_usd=0.0),
        thinking("DRT model", THOUGHT, GOOD, cost_usd=0.0, **more),
    ]


async def test_the_next_sentence_is_answered_while_this_one_is_read(project: Dataset) -> None:
    contenders = free()
    async with comparing(project, contenders) as bench:
        await bench.until(lambda: all(len(each.asked) == 2 for each in contenders))
        assert "held-out 1 of 3" in bench.text
        contenders[0].gate.clear()
        contenders[1].gate.clear()  # whatever is asked from now on waits
        await bench.press("n")
        await bench.answered()
        assert "held-out 2 of 3" in bench.text
        assert "so well connected" in bench.text, "it was there already"
        await bench.until(lambda: all(len(each.asked) == 3 for each in contenders))
        asked = [question.source for question in contenders[0].asked]
        assert asked == [SOURCES[number][0] for number in range(3)]


async def test_only_what_costs_nothing_is_asked_ahead(project: Dataset) -> None:
    contenders = [free()[0], thinking("paid", THOUGHT, GOOD, cost_usd=0.001)]
    async with comparing(project, contenders) as bench:
        await bench.until(lambda: len(contenders[0].asked) == 2)
        await bench.press("n")
        await bench.answered()
        assert [len(each.asked) for each in contenders][1] == 2
        assert contenders[0].asked[1].source == contenders[1].asked[1].source


async def test_a_typed_sentence_ends_what_was_asked_ahead(project: Dataset) -> None:
    contenders = free()
    async with comparing(project, contenders) as bench:
        await bench.until(lambda: all(len(each.asked) == 2 for each in contenders))
        for each in contenders:
            each.gate.clear()
        await bench.press("n", "n")  # the third is asked anew, and held up
        await bench.until(lambda: all(each.asked[-1].source == SOURCES[2][0] for each in contenders))
        closed = [each.closed for each in contenders]
        await bench.press("i", *"one", "enter")
        await bench.until(lambda: all(each.asked[-1].source == "one" for each in contenders))
        assert [each.closed for each in contenders] == [number + 1 for number in closed]
        for each in contenders:
            each.gate.set()
        await bench.answered()
        assert "typed" in bench.text


async def test_other_sampling_forgets_what_was_asked_ahead(project: Dataset) -> None:
    contenders = free()
    async with comparing(project, contenders) as bench:
        await bench.until(lambda: all(len(each.asked) == 2 for each in contenders))
        await bench.press("s", "ctrl+u", *"temperature 0.7", "enter", "n")
        await bench.answered()
        second = [q for q in contenders[0].asked if q.source == SOURCES[1][0]]
        assert second[-1].sampling is not None
        assert second[-1].sampling.temperature == 0.7


async def test_nothing_is_asked_ahead_while_turns_are_kept(project: Dataset) -> None:
    contenders = free()
    async with comparing(project, contenders) as bench:
        await bench.until(lambda: all(len(each.asked) == 2 for each in contenders))
        await bench.press("h", "n")
        await bench.answered()
        third = [q for q in contenders[0].asked if q.source == SOURCES[2][0]]
        assert third == []
        assert contenders[0].asked[-1].history
