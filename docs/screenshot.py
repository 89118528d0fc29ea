"""Draw docs/review.svg: the review screen on a worked example, by the app itself (`make screenshot`)."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from data.store import Dataset, ProjectFolder
from drt_tui.app import DrtApp
from drt_tui.project.demo import fill_demo
from drt_tui.project.models import ModelOptions
from drt_tui.project.opening import open_session

SIZE = (100, 30)
EXAMPLE = 0
"""Which of the worked examples."""


async def draw() -> str:
    """Open the demo project, wait until it is painted, and return what it looks like."""
    with tempfile.TemporaryDirectory() as folder:
        project = ProjectFolder(Path(folder) / "idioms-ko-en")
        project.root.mkdir()
        project.settings.write_text('[project]\nsource = "ko"\ntarget = "en"\n[review]\nprefetch = 0\n')
        with Dataset.open(project, annotator="kim") as dataset:
            first = fill_demo(dataset)
            session = open_session(dataset, ModelOptions(), first=first[EXAMPLE:])
            app = DrtApp(session)
            async with app.run_test(size=SIZE) as pilot:
                await pilot.pause(0.5)
                return app.export_screenshot(title="drt-tui review")


if __name__ == "__main__":
    Path(__file__).with_name("review.svg").write_text(asyncio.run(draw()), encoding="utf-8")
