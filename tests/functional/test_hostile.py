"""What models and files may write: nothing of it crashes, hides, reorders or recolours anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.pilot import Pilot
from textual.strip import Strip

from data.records import Draft, Finding, Stage
from tests.stubs.scripted import ScriptedModels
from tests.stubs.session import candidate, sentence

MARKUP = "[bold red]x[/] [/INST] a[i]=b[j] [@click=app.quit()]y[/] [link=http://x]z[/link] \\[x"
CONTROLS = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x00NUL \x08\x7f \u202eright to left\u202c \u200b \u2066iso\u2069 \x9b31m"
HOSTILE = {
    "markup": MARKUP,
    "controls": CONTROLS,
    "long": "가a" * 50_000,
    "no newline": "word " * 20_000,
    "lone surrogate escapes": "\\ud800 \\N{x} %s {0} {{x}} ${y}",
    "combining": "a" + "\u0301" * 500,
    "wide": "👨‍👩‍👧" * 200 + "한글" * 200,
    "tabs": "\t" * 200,
    "newlines": "\n" * 300,
    "empty": "",
}


def screen_of(pilot: Pilot[None]) -> str:
    return "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_candidate_can_be_looked_at_from_every_side(reviewing, dataset, name):
    text = HOSTILE[name]
    first = dataset.sentence(dataset.ids()[0])
    finding = Finding(code="x", message=text[:300], severity="error", field="thought")
    drafts = (
        Draft(text=f"first {text}", score=10, reason=text, advice=text),
        Draft(text=text, score=20, reason=text),
    )
    hostile = candidate(
        first, "H1", thought=f"I think.\n{text}", output=text, keywords={text[:200]: (text[:200],)}, drafts=drafts,
        best=1, findings=(finding,), models={"literal": (text[:50],)}, made_by=text[:50],
    )  # fmt: skip
    dataset.add_candidate(hostile)
    async with reviewing(size=(100, 30)) as bench:
        for key in (
            "T",
            "t",
            "t",
            "d",
            "d",
            "R",
            "h",
            "i",
            "?",
            "escape",
            "e",
            "escape",
            "l",
            "escape",
            "v",
            "escape",
        ):
            await bench.press(key)
            shown = screen_of(bench.pilot)
            assert not set(shown) & set("\x1b\x00\x07\x08\x7f\x9b\u202e\u2066\u200b")
        await bench.press("f", "u", "space")
        assert bench.app.is_running


@pytest.mark.parametrize("text", [MARKUP, CONTROLS])
async def test_hostile_text_is_shown_as_it_is(reviewing, dataset, text):
    first = dataset.sentence(dataset.ids()[0])
    dataset.add_candidate(candidate(first, "H1", output=text))
    async with reviewing(size=(160, 40)) as bench:
        if text is MARKUP:
            assert MARKUP in bench.text
        else:
            assert "<U+001B>[31mred<U+001B>[0m" in bench.text
            assert "<U+202E>right to left<U+202C>" in bench.text


@pytest.mark.parametrize("key", ["", "T", "t", "e", "l"])
async def test_nothing_that_was_written_recolours_anything(reviewing, dataset, key):
    """In every pane the marked-up text is drawn in one style from its first sign to its last."""
    first = dataset.sentence(dataset.ids()[0])
    marker = "[bold red]QZ[/] [on green]QZ[/]"
    drafts = (Draft(text=marker, score=50, reason=marker), Draft(text=f"other {marker}", score=60))
    dataset.add_candidate(
        candidate(first, "H1", thought=f"It is called {marker} here.", output=marker, drafts=drafts, best=0, keywords={})
    )  # fmt: skip
    async with reviewing(size=(200, 40)) as bench:
        await bench.press(*([key] if key else []))
        strips = bench.app.screen._compositor.render_strips()
        found = [styles for strip in strips for styles in styles_of(strip, marker)]
        assert found, "the text is shown as it is"
        for colours in found:
            assert len(colours) == 1


def styles_of(strip: Strip, text: str) -> Iterator[set[tuple[str, str, bool]]]:
    """Yield, for each time that the text stands in a line, the colours and weights of its characters."""
    drawn = [
        (str(segment.style and segment.style.color), str(segment.style and segment.style.bgcolor), bool(segment.style and segment.style.bold))
        for segment in strip for _ in segment.text
    ]  # fmt: skip
    start = strip.text.find(text)
    while start >= 0:
        yield set(drawn[start : start + len(text)])
        start = strip.text.find(text, start + 1)


async def test_hostile_sources_and_titles(reviewing, dataset):
    hostile = sentence(0, id="f" * 20, source=f"{MARKUP} {CONTROLS}", group=MARKUP, spans=())
    dataset.add_sentences([hostile])
    dataset.set_flag(hostile.id, MARKUP, True)
    async with reviewing(size=(160, 40)) as bench:
        await bench.press("g", "6", "enter")
        assert "[bold red]x[/] [/INST]" in bench.text
        await bench.press("x", "1", "l", "escape", "u")
        assert bench.app.is_running


async def test_hostile_text_while_it_streams(reviewing, dataset):
    models = ScriptedModels({Stage.LITERAL: [MARKUP], Stage.REFORMULATE: [f"{MARKUP}\n{CONTROLS}"]})
    async with reviewing(models, size=(160, 40)) as bench:
        await bench.press("space", "ctrl+k")
        third = dataset.ids()[2]
        await bench.until(lambda: bool(dataset.candidates_of(third)))
        await bench.until(lambda: "thought · " in bench.text)
        assert "[/INST]" in bench.text


async def test_hostile_notes_and_searches(reviewing):
    async with reviewing(size=(160, 40)) as bench:
        await bench.press("n", *"[/INST] [bold]", "enter")
        assert "[/INST] [bold]" in bench.text
        await bench.press("/", *"[/x] (", "enter")
        await bench.until(lambda: "nothing is like [/x] (" in bench.text)
