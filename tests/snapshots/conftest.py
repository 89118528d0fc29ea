"""Pictures of the app that are the same every time: still cursors, a frozen clock, one project.

A picture is taken once the screen says what it is to say and stays as it is, never after some time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from data.store import Dataset
from drt_tui.app import DrtApp
from tests.stubs.painted import text_of, until
from tests.stubs.session import fill, project, session

SMALL, LARGE = (80, 24), (160, 50)
STILL = 5
"""Times in a row that nothing may have changed."""


class FrozenClock(datetime):
    """It is always 10:42."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime(2026, 1, 5, 10, 42, tzinfo=tz)


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    monkeypatch.setattr(TextArea, "_toggle_cursor_blink_visible", lambda self: None, raising=False)
    monkeypatch.setattr("drt_tui.screens.front.datetime", FrozenClock)


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """Five sentences, the first two of them with a candidate."""
    with project(tmp_path / "project") as opened:
        fill(opened)
        yield opened


@pytest.fixture
def app(dataset: Dataset) -> Callable[..., DrtApp]:
    """Make the app: `app(models, theme=…, **settings)`."""

    def make(models: Any = None, *, theme: str | None = None, **settings: Any) -> DrtApp:
        return DrtApp(session(dataset, models, ui={"theme": theme}, **settings))

    return make


@pytest.fixture
def picture(app: Callable[..., DrtApp], snap_compare: Any) -> Callable[..., bool]:
    """Compare a picture: `picture("a", "x", shows="rejected", size=…, theme=…, models=…, **settings)`.

    Keys are pressed one by one, each when the one before has been dealt with; then `shows` is waited for.
    """

    def compare(
        *keys: str, shows: str, size: tuple[int, int] = SMALL, theme: str | None = None, models: Any = None,
        **settings: Any,
    ) -> bool:  # fmt: skip
        shown = app(models, theme=theme, **settings)

        async def prepare(pilot: Pilot[None]) -> None:
            await until(
                pilot,
                lambda: getattr(shown.screen, "desk", None) is not None and shown.screen.desk.is_examining,
            )
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            await until(pilot, lambda: shows in text_of(shown))
            before, times = "", 0
            while times < STILL:
                await pilot.pause(0.02)
                now = shown.export_screenshot()
                before, times = now, times + 1 if now == before else 0

        return bool(snap_compare(shown, terminal_size=size, run_before=prepare))

    return compare
