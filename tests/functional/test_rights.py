"""Licences of sentences and terms of models, through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from drt_tui.cli import run

TERMS = """[project]
source = "ko"
target = "en"
[models.main]
base_url = "http://127.0.0.1:9/v1"
model = "m"
output_terms = "research only"
"""


def said(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capfd.readouterr().out)


def row(source: str, model: str) -> dict[str, object]:
    made = {"id": "x", "source": source, "status": "generated", "thought": "I look.", "output": "Here it is."}
    return made | {"models": {"literal": [model]}, "drafts": [{"text": "Here it is.", "score": 80}]}


@pytest.fixture
def project(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """One row of known licence and one of unknown licence."""
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "drt.toml").write_text(TERMS)
    for name, licence, model in (
        ("비가 온다.", ["--licence", "CC-BY-4.0"], "main"),
        ("눈이 온다.", [], "other"),
    ):
        file = tmp_path / f"{model}.jsonl"
        file.write_text(json.dumps(row(name, model), ensure_ascii=False), encoding="utf-8")
        said(["import", str(file), *licence, "--project", str(folder)], capfd)
    return folder


def test_rows_of_unknown_licence_are_refused_and_listed(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    every = ["export", "-o", str(output), "--status", "generated", "--project", str(project)]
    assert said(every, capfd)["rows"] == 2
    rows = {each["source"]: each for each in map(json.loads, output.read_text("utf-8").splitlines())}
    assert rows["비가 온다."]["sentence"]["licence"] == "CC-BY-4.0"
    assert rows["눈이 온다."]["sentence"]["licence"] is None

    strict = said([*every, "--require-licence"], capfd)

    assert strict["rows"] == 1
    assert strict["left_out"] == {"licence": 1}
    assert strict["unlicensed"] == [rows["눈이 온다."]["id"]]


def test_the_terms_of_the_models_go_with_every_row(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out.jsonl"
    said(["export", "-o", str(output), "--status", "generated", "--project", str(project)], capfd)
    terms = {
        each["source"]: each["output_terms"]
        for each in map(json.loads, output.read_text("utf-8").splitlines())
    }
    assert terms == {"비가 온다.": ["research only"], "눈이 온다.": ["unknown"]}


def test_the_card_counts_licences_and_terms(
    project: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "set"
    arguments = ["export", "-o", str(folder), "--format", "datasets", "--status", "generated"]
    said([*arguments, "--project", str(project)], capfd)
    card = (folder / "README.md").read_text("utf-8")
    assert "CC-BY-4.0" in card
    assert "research only" in card
    assert "unknown" in card
