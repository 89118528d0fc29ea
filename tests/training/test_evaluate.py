"""A real, short training, evaluated from the command line beside its backbone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.records import Reference, Sentence, sentence_id
from data.store import Dataset, ProjectFolder
from tests.stubs.command_line import drt_tui
from tests.stubs.short_rows import short_items
from train.run.folder import RunFolder

pytest.importorskip("xllamacpp")
pytestmark = pytest.mark.real_model


@pytest.fixture(scope="module")
def folder(trained_run: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a finished run and four sentences that it never saw."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(trained_run.root, root / "runs" / trained_run.id)
    (root / "drt.toml").write_text('[project]\nsource = "ko"\ntarget = "en"\n', encoding="utf-8")
    with Dataset.open(ProjectFolder(root)) as dataset:
        dataset.add_sentences(
            Sentence(
                id=sentence_id(item.source), source=item.source, group=f"g{number}", split="test",
                references=(Reference(text=item.output),),
            )
            for number, item in enumerate(short_items(40, seed=7)[-4:])
        )  # fmt: skip
    return root


def test_the_training_shows_in_the_tags_and_the_prompt_alone_does_not(folder: Path) -> None:
    words = ("--project", folder, "evaluate", "--contenders", "backbone,backbone+drt,drt", "--json")
    ended = drt_tui(*words)
    assert ended.code == 0, ended.err
    figures = ended.data["contenders"]
    assert figures["drt"]["tags"] == 1.0
    assert figures["backbone+drt"]["tags"] < 1.0
    assert figures["backbone"]["tags"] is None
    assert figures["drt"]["chrf"] > figures["backbone"]["chrf"]
    assert figures["drt"]["cost_usd"] == 0.0
    [told] = ended.data["warnings"]
    assert "4 groups" in told, "too few for an interval, and nothing else is amiss"
    assert drt_tui(*words).data["this_run"] | {"utilisation": None} == {
        "answers_kept": 12, "answers_made": 0, "judge_calls": 0, "judge_cost_usd": 0.0, "utilisation": None
    }  # fmt: skip


def test_a_text_is_translated_line_by_line_with_the_run(folder: Path, tmp_path: Path) -> None:
    sources = [item.source for item in short_items(40, seed=9)[-2:]]
    (tmp_path / "in.txt").write_text(f"{sources[0]}\n\n{sources[1]}\n", encoding="utf-8")
    ended = drt_tui(
        "--project", folder, "translate", tmp_path / "in.txt", "-o", tmp_path / "out.txt", "--json"
    )
    assert ended.code == 0, ended.err
    assert ended.data["contender"] == "drt"
    lines = (tmp_path / "out.txt").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert lines[1] == ""
    assert lines[0]
    assert lines[2]
