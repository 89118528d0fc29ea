"""The dataset report: reached from review, counted behind the screen."""

from __future__ import annotations

import pytest

from drt_tui.screens.report import ReportScreen
from drt_tui.screens.review import ReviewScreen


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_the_report_is_a_key_away_and_leaves_review_as_it_was(reviewing, size):
    async with reviewing(size=size) as bench:
        before = bench.text
        await bench.press("S")
        await bench.until(lambda: isinstance(bench.app.screen, ReportScreen))
        await bench.until(lambda: bench.app.screen.statistics is not None)
        assert "Groups by initial" in bench.text or "Sentences" in bench.text
        assert "generated 2" in bench.text
        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, ReviewScreen))
        assert bench.text == before


async def test_what_was_decided_meanwhile_is_counted_when_asked_for(reviewing):
    async with reviewing() as bench:
        await bench.press("a")
        await bench.press("S")
        await bench.until(lambda: isinstance(bench.app.screen, ReportScreen))
        await bench.until(lambda: bench.app.screen.statistics is not None)
        counted = bench.app.screen.statistics
        assert counted.status["accepted"] == 1
        await bench.press("r")
        await bench.until(lambda: bench.app.screen.statistics is not counted)
        assert bench.app.screen.statistics == counted


async def test_the_report_scrolls_and_can_be_kept_as_a_page(reviewing, dataset):
    async with reviewing(size=(80, 12)) as bench:
        await bench.press("S")
        await bench.until(lambda: isinstance(bench.app.screen, ReportScreen))
        await bench.until(lambda: bench.app.screen.statistics is not None)
        screen = bench.app.screen
        await bench.press("j", "down", "pagedown")
        assert screen.body.scroll_offset.y > 0
        await bench.press("w")
        page = dataset.folder.exports / "report.html"
        assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
        assert "saved as" in bench.text


async def test_the_report_can_be_left_before_it_is_counted(reviewing, monkeypatch):
    from drt_tui.project import summary

    def endless(dataset, *, progress):
        while True:
            progress(0, 1)

    monkeypatch.setattr(summary, "project_statistics", endless)
    async with reviewing() as bench:
        await bench.press("S")
        await bench.until(lambda: isinstance(bench.app.screen, ReportScreen))
        assert "counting" in bench.text
        await bench.press("escape")
        await bench.until(lambda: isinstance(bench.app.screen, ReviewScreen))
