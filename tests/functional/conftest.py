"""A review screen on a real project, in a terminal of a given size that nobody looks at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from data.records import Span
from data.store import Dataset
from drt_tui.app import DrtApp
from drt_tui.screens.review import ReviewScreen
from pipeline.tokenizer import Tokenizer
from tests.stubs.painted import text_of, until
from tests.stubs.session import fill, project, session


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """No blinking cursors: a paint is due to what a test did, and to nothing else."""
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None, raising=False)


@pytest.fixture(autouse=True)
def _no_tokenizer_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Idioms are looked for as they stand: the Korean tokenizer would take seconds and half a gigabyte."""

    async def find(self: Tokenizer, source: str, idiom: str) -> Span | None:
        place = source.find(idiom)
        return Span(start=place, end=place + len(idiom)) if place >= 0 else None

    monkeypatch.setattr(Tokenizer, "find_idiom", find)


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """Five sentences, the first two of them with a candidate."""
    with project(tmp_path / "project") as opened:
        fill(opened)
        yield opened


class Bench:
    """A running app, and what a person at it would see and press."""

    def __init__(self, app: DrtApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def screen(self) -> ReviewScreen:
        assert isinstance(self.app.screen, ReviewScreen)
        return self.app.screen

    @property
    def text(self) -> str:
        """Everything on the terminal, a line a line."""
        return text_of(self.app)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Let the app work until something is so."""
        await until(self.pilot, is_so)
        await self.pilot.pause()  # what belongs to it may still be being painted


Start = Callable[..., Any]


@pytest.fixture
def reviewing(dataset: Dataset) -> Start:
    """Start the app on `dataset`: `async with reviewing(models, size=…, **settings) as bench`.

    It is handed over once the linter is loaded and has said what it finds.
    """

    @asynccontextmanager
    async def start(
        answering: Any = None, size: tuple[int, int] = (80, 24), **settings: Any
    ) -> AsyncIterator[Bench]:
        app = DrtApp(session(dataset, answering, **settings))
        async with app.run_test(size=size, notifications=True) as pilot:
            bench = Bench(app, pilot)
            await bench.until(lambda: bench.screen.desk.is_examining)
            yield bench

    return start
