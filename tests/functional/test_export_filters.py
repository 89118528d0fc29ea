"""Which rows an export takes: by model and by finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.records import Decision, Finding
from data.store import Dataset, ProjectFolder
from drt_tui.cli import run
from tests.stubs.made_up import a_candidate, a_sentence

ROLES = """[models.main]
base_url = "http://127.0.0.1:9/v1"
model = "a"
[models.other]
base_url = "http://127.0.0.1:9/v1"
model = "b"
[roles]
default = ["main", "other"]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two accepted rows; a fallback had a part in the second, and its output has a label."""
    with Dataset.open(ProjectFolder(tmp_path / "p"), annotator="kim") as dataset:
        for number, models in ((1, ("main",)), (2, ("main", "other"))):
            sentence = a_sentence(number)
            dataset.add_sentences([sentence])
            made = a_candidate(
                sentence,
                models={"literal": models},
                prompts={"literal": "v7"},
                findings=(Finding(code="x", message="m"),),
            )
            if number == 2:
                made = made.model_copy(update={"output": "Translation: He knows everyone."})
            dataset.add_candidate(made)
            dataset.decide(
                Decision(id=f"D{number}", sentence=sentence.id, candidate=made.id, kind="accept", by="kim")
            )
    return tmp_path / "p"


def export(project: Path, capfd: pytest.CaptureFixture[str], *filters: str) -> tuple[int, Any]:
    code = run(["export", "-o", str(project / "out.jsonl"), "--project", str(project), "--json", *filters])
    return code, json.loads(capfd.readouterr().out)


def test_rows_that_a_fallback_had_a_part_in_are_left_out(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, said = export(project, capfd, "--only-primary-model")
    assert code == 2
    assert "--only-model" in said["error"]["hint"]
    (project / "drt.toml").write_text(ROLES)
    assert export(project, capfd, "--only-primary-model")[1]["left_out"] == {"model": 1}
    assert export(project, capfd, "--only-model", "main")[1]["left_out"] == {"model": 1}
    assert export(project, capfd)[1]["rows"] == 2


def test_rows_with_a_finding_are_left_out(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert export(project, capfd, "--without-finding", "label-in-output")[1]["left_out"] == {"finding": 1}
    assert export(project, capfd, "--without-finding", "truncated")[1]["rows"] == 2
    code, said = export(project, capfd, "--without-finding", "nonsense")
    assert (code, said["error"]["code"]) == (2, "usage")


def test_information_is_nothing_against_a_row(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    thought = '발이 넓은 is no matter of feet: "He knows everyone, wherever he goes."'
    with Dataset.open(ProjectFolder(project), annotator="kim") as dataset:
        sentence = a_sentence(3)
        made = a_candidate(
            sentence, thought=thought, output="He knows everyone, wherever he goes.", drafts=()
        )
        dataset.add_sentences([sentence])
        dataset.add_candidate(made)
        dataset.decide(Decision(id="D3", sentence=sentence.id, candidate=made.id, kind="accept", by="kim"))
    assert run(["lint", "--project", str(project), "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["info"]["one-attempt"] == 1
    assert told["rows_with_findings"] == 2
    assert export(project, capfd, "--without-findings")[1]["left_out"] == {"finding": 2}
    assert export(project, capfd, "--without-finding", "one-attempt")[1]["left_out"] == {"finding": 1}


def test_the_card_counts_prompt_versions(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pyarrow")
    folder = project / "set"
    assert run(["export", "-o", str(folder), "--format", "datasets", "--project", str(project)]) == 0
    capfd.readouterr()
    assert "| literal | v7 | 2 |" in (folder / "README.md").read_text(encoding="utf-8")
