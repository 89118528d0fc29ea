from __future__ import annotations

from typing import Any

import pytest

from data.records import Status
from data.store import Dataset, ProjectFolder
from tests.stubs.made_up import a_candidate, a_decision, a_sentence


def licensed(table: str, document: dict[str, Any]) -> dict[str, Any]:
    return document | {"licence": "CC0"} if table == "sentences" else document


@pytest.fixture
def old(folder: ProjectFolder) -> ProjectFolder:
    """A project of schema 1, half of it in the journal."""
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.add_sentences([a_sentence(1)])
        dataset.fold()
        dataset.add_sentences([a_sentence(2)])
        dataset.add_candidate(a_candidate(a_sentence(1)))
        dataset.decide(a_decision(a_sentence(1)))
    return folder


@pytest.fixture
def newer_program(old: ProjectFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.store.migrations.MIGRATIONS", (licensed,))
    for module in ("migrations", "layout", "journal", "contents", "salvage"):
        monkeypatch.setattr(f"data.store.{module}.SCHEMA", 2)


@pytest.mark.usefixtures("newer_program")
def test_reading_an_older_project_changes_no_file(old: ProjectFolder) -> None:
    before = {path: path.read_bytes() for path in old.root.glob("dataset*")}
    with Dataset.open(old, read_only=True) as dataset:
        assert [dataset.sentence(sentence).licence for sentence in dataset.ids()] == ["CC0", "CC0"]
        assert dataset.counts()[Status.ACCEPTED] == 1
        assert dataset.example(a_sentence(1).id) is not None
    assert {path: path.read_bytes() for path in old.root.glob("dataset*")} == before


@pytest.mark.usefixtures("newer_program")
def test_opening_an_older_project_for_writing_brings_it_up_to_date(old: ProjectFolder) -> None:
    with Dataset.open(old, annotator="mina") as dataset:
        assert [dataset.sentence(sentence).licence for sentence in dataset.ids()] == ["CC0", "CC0"]
        assert b'"schema":2' in old.dataset.read_bytes()
        assert b'"schema":2' in old.journal.read_bytes()
        assert dataset.undo() is not None
        assert [path.name for path in old.backups.glob("dataset-*.json")]
    with Dataset.open(old) as dataset:
        assert dataset.counts()[Status.GENERATED] == 1
        assert dataset.sentence(a_sentence(2).id).licence == "CC0"
