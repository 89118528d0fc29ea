"""What the app does while nobody is at the keyboard."""

from __future__ import annotations

import logging

import pytest

from data.errors import NotSaved
from data.store import Dataset, ProjectFolder


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is at the keyboard, and every change is worth a fold."""
    monkeypatch.setattr("drt_tui.app.IDLE_S", 0.05)
    monkeypatch.setattr("data.store.fold.WORTHWHILE", 1)


async def test_the_journal_is_folded_while_nobody_types(reviewing, dataset: Dataset) -> None:
    async with reviewing() as bench:
        await bench.press("a")
        await bench.until(lambda: dataset.folder.dataset.exists())
        await bench.until(lambda: not dataset.folder.frozen_journals())

        with Dataset.open(dataset.folder, read_only=True) as other:
            assert other.count() == dataset.count()


async def test_who_types_is_not_held_up(reviewing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("drt_tui.app.IDLE_S", 3600)
    async with reviewing() as bench:
        await bench.press("?")
        bench.app._fold_when_idle()

        assert not [worker for worker in bench.app.workers if worker.group == "folding"]


def test_a_refused_fold_is_logged_and_nothing_is_lost(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: ProjectFolder) -> None:
        raise NotSaved("Not saved: the disk is full.")

    monkeypatch.setattr("data.store.storage.fold", refuse)
    # The rooms' loggers write to files and tell no other handler.
    monkeypatch.setattr("data.store.dataset._log", logging.getLogger())
    dataset.fold_in_passing()

    assert "the disk is full" in caplog.text


def test_a_short_journal_is_left_alone(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.store.fold.WORTHWHILE", 1 << 30)
    dataset.fold_in_passing()

    assert not dataset.folder.dataset.exists()
