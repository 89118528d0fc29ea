"""The built-in model learns the tags through the real Unsloth, and step by step as plain TRL does."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

import train
from tests.training.conftest import begin, finish, losses
from tests.training.learning import learned_the_tags
from train.run.folder import RunFolder

pytestmark = pytest.mark.skipif(find_spec("unsloth") is None, reason="not installed: unsloth")

HOSTILE = "raise SystemExit('a file of the project was taken for a package of ours')\n"
ALIKE = 0.02
"""Of the first losses; later ones drift apart, for the engines round in other places."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder whose own files have the names of our packages; we are in it."""
    for name in ("train", "data", "pipeline", "tokenize", "datasets", "torch"):
        (tmp_path / f"{name}.py").write_text(HOSTILE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "")
    return tmp_path


def test_unsloth_learns_the_tags_and_both_engines_learn_alike(
    project: Path, request: pytest.FixtureRequest
) -> None:
    run = begin(project / "runs", engine="unsloth")
    finish(run)
    learned_the_tags(run.folder)
    by_trl: RunFolder = request.getfixturevalue(
        "trained_run"
    )  # only now: another process is making it meanwhile
    assert train.observe(by_trl).state.dataset == train.observe(run.folder).state.dataset
    ours, theirs = losses(run.folder), losses(by_trl)
    first = range(1, 7)
    assert [ours[step] for step in first] == pytest.approx([theirs[step] for step in first], rel=ALIKE)
