"""Pictures of the app that are the same every time: still cursors, a frozen clock, one project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input, TextArea

from data.store import Dataset
from drt_tui.app import DrtApp
from tests.stubs.scripted import ScriptedModels
from tests.stubs.session import fill, project, session


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

    def make(models: ScriptedModels | None = None, *, theme: str | None = None, **settings: Any) -> DrtApp:
        return DrtApp(session(dataset, models, ui={"theme": theme}, **settings))

    return make
