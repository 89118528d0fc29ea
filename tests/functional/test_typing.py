"""Hangul: keys pressed in Hangul mode, typing, pasting, and long commits of an input method."""

from __future__ import annotations

import unicodedata

from textual import events

from data.records import Status
from tests.stubs.session import OUTPUT, SOURCES


async def test_a_jamo_alone_is_its_twin(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("ㅁ")
        await bench.until(lambda: dataset.row(dataset.ids()[0]).status is Status.ACCEPTED)
        assert "^a accept" in bench.text, "the control keys are shown as soon as a jamo arrives"


async def test_a_jamo_that_comes_with_another_key_is_dropped(reviewing, dataset):
    async with reviewing() as bench:
        bench.app.post_message(events.Key("ㅁ", "ㅁ"))
        bench.app.post_message(events.Key("space", " "))
        await bench.until(lambda: dataset.row(dataset.ids()[0]).status is not Status.GENERATED)
        assert dataset.row(dataset.ids()[0]).status is Status.SKIPPED
        assert dataset.row(dataset.ids()[1]).status is Status.GENERATED
        await bench.until(lambda: "A Hangul letter" in bench.text)


async def test_hangul_is_typed_into_the_editor(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("e", "ctrl+u", *"한국어 좋아", "ctrl+s")
    example = dataset.example(dataset.ids()[0])
    assert example is not None
    assert example.output == "한국어 좋아"


async def test_what_is_pasted_or_typed_decomposed_is_kept_composed(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("e", "ctrl+u")
        bench.app.post_message(events.Paste(unicodedata.normalize("NFD", "발이 넓다")))
        await bench.pilot.pause()
        await bench.press(*unicodedata.normalize("NFD", "각"), "ctrl+s")
    example = dataset.example(dataset.ids()[0])
    assert example is not None
    assert example.output == "발이 넓다각"


async def test_a_decomposed_search_finds_composed_text(reviewing):
    async with reviewing() as bench:
        await bench.press("/")
        bench.app.post_message(events.Paste(unicodedata.normalize("NFD", "눈이")))
        await bench.pilot.pause()
        await bench.press("enter")
        await bench.until(lambda: SOURCES[1][0] in bench.text)


async def test_letters_typed_into_a_line_decide_nothing(reviewing, dataset):
    async with reviewing() as bench:
        await bench.press("n", *"a x o u q", "escape")
        assert dataset.row(dataset.ids()[0]).status is Status.GENERATED
        assert OUTPUT in bench.text


async def test_every_word_lives_on_after_a_kill(reviewing, dataset):
    """What was typed is on disk before anything is saved or left."""
    async with reviewing() as bench:
        await bench.press("e", *" 더")
        kept = bench.app.screen_stack[1].drafts.load(dataset.ids()[0])
        assert kept is not None
        assert kept.output == OUTPUT + " 더"


async def test_what_was_being_typed_when_the_app_died_is_in_front_again(reviewing, dataset):
    second = dataset.ids()[1]
    async with reviewing() as bench:
        await bench.press("g", "2", "enter", "e", *" 더")
    async with reviewing() as bench:
        assert bench.screen.item.id == second
        assert "your version, kept but not accepted yet" in bench.text


async def test_what_is_typed_before_a_line_is_open_is_not_lost(reviewing, dataset):
    async with reviewing(size=(100, 30)) as bench:
        for key in ("n", *"ab cd"):
            bench.app.post_message(events.Key("space" if key == " " else key, key))
        await bench.until(lambda: bench.screen.prompt.field.value == "ab cd")
        await bench.press("escape")
        for key in ("e", *" 더"):
            bench.app.post_message(events.Key("space" if key == " " else key, key))
        await bench.until(lambda: OUTPUT + " 더" in bench.text)
        await bench.press("escape", "l")
        for key in ("slash", "귀", "가"):
            bench.app.post_message(events.Key(key, "/" if key == "slash" else key))
        await bench.until(lambda: "1 rows" in bench.text)
    assert dataset.row(dataset.ids()[0]).status is Status.GENERATED


async def test_every_field_the_findings_and_the_keys_fit_on_a_small_screen(reviewing):
    async with reviewing() as bench:
        await bench.press("e", *" 더", "tab", "tab", "tab")
        await bench.until(lambda: "! thought" in bench.text)
        for shown in ("output", "thought", "source", "reference", "^s save, accept, next"):
            assert shown in bench.text
