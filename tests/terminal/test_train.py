"""The Train screen in a real terminal, which is closed and opened again while a run goes on."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from data.records import Decision
from tests.stubs import pretended_training
from tests.stubs.session import SOURCES, candidate, project, sentence
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.run.control import kill
from train.run.observe import observe, observe_all

pytest.importorskip("tokenizers")
pytestmark = pytest.mark.terminal


@pytest.fixture
def folder(tmp_path):
    """A project with four accepted rows and one ready, and settings for a backbone of a few bytes."""
    tiny = write_tiny_backbone(tmp_path / "tiny")
    path = tmp_path / "project"
    sentences = [sentence(number) for number in range(5)]
    with project(path) as dataset:
        dataset.add_sentences(sentences)
        for number, one in enumerate(sentences):
            dataset.add_candidate(candidate(one, f"C{number}"))
        for number, one in enumerate(sentences[:4]):
            dataset.decide(
                Decision(id=f"D{number}", sentence=one.id, candidate=f"C{number}", kind="accept", by="kim")
            )
        dataset.fold()
    (path / "drt.toml").write_text(
        '[project]\nsource = "ko"\ntarget = "en"\n[review]\nannotator = "kim"\n'
        f'[train]\nbackbone = "{tiny}"\nengine = "trl"\nmax_length = 4096\nvalid = 0.25\n'
    )
    yield path
    for run in observe_all(path / "runs"):
        if run.state is not None and run.state.pgid is not None:
            kill(run.folder)


def review(folder: Path, endpoint: str) -> str:
    words = [sys.executable, "-P", pretended_training.__file__, "review"]
    words += ["--project", str(folder), "--base-url", endpoint, "--model", "fake"]
    return shlex.join(words)


def test_a_run_outlives_its_terminal_and_is_stopped_from_another(terminal, folder, endpoint):
    window = terminal()
    window.sh(review(folder, endpoint))
    window.until(SOURCES[4][0])
    window.press("w")
    window.until("3 rows to train, 1 held out; s starts")
    window.press("Tab")
    window.until("what would be trained")
    window.until(r"B1 +")
    window.press("s")
    window.until(r"train +001-trl-tiny")
    [run] = observe_all(folder / "runs")
    window.close()
    assert observe(run.folder).status == "running"

    other = terminal(width=160, height=50)
    other.sh(review(folder, endpoint))
    other.until(SOURCES[4][0])
    other.press("w")
    other.until(r"train +001-trl-tiny")
    other.press("x")
    other.until("enter: with a checkpoint")
    other.press("Enter")
    other.until("stopped at step 5")
    ended = observe(run.folder)
    assert ended.status == "stopped"
    assert ended.checkpoint is not None
    assert ended.checkpoint.step == 5
    for shown in ("r goes on from the checkpoint", SOURCES[4][0], "the program has ended"):
        other.press("q")
        other.until(shown)
