"""A project with four accepted rows, on a machine without a GPU whose workers only pretend to train."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from data.records import Decision
from tests.stubs import fake_worker
from tests.stubs.machines import INSTALLED, LAPTOP
from tests.stubs.session import candidate, project, sentence
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.run.control import kill
from train.run.observe import observe_all

HOSTILE = "[bold red]x[/] [/INST] \x1b[31mred\x1b[0m \u202eleft [@click=app.quit()]y[/]"


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    pytest.importorskip("tokenizers")
    return write_tiny_backbone(tmp_path_factory.mktemp("tiny") / "tiny")


def accept(dataset, of, number):
    dataset.add_candidate(candidate(of, f"C{number}"))
    dataset.decide(Decision(id=f"D{number}", sentence=of.id, candidate=f"C{number}", kind="accept", by="kim"))


@pytest.fixture
def dataset(tmp_path):
    """Four accepted sentences of four idioms, and one that is not judged."""
    with project(tmp_path / "project") as opened:
        sentences = [sentence(number) for number in range(5)]
        opened.add_sentences(sentences)
        for number, one in enumerate(sentences[:4]):
            accept(opened, one, number)
        opened.add_candidate(candidate(sentences[4], "C9"))
        yield opened


@pytest.fixture
def runs(dataset):
    yield dataset.folder.runs
    for run in observe_all(dataset.folder.runs):
        if run.state is not None and run.state.pgid is not None:
            kill(run.folder)


@pytest.fixture
def settings(tiny):
    """What the tiny backbone needs, whose tokens are bytes."""
    return {"backbone": str(tiny), "engine": "trl", "max_length": 4096, "valid": 0.25}


@pytest.fixture(autouse=True)
def _laptop(monkeypatch):
    """A machine without a GPU, on which training is installed and its worker only pretends to train."""
    equip(monkeypatch, LAPTOP, INSTALLED)
    command = (sys.executable, "-P", str(Path(fake_worker.__file__)), "until stopped")
    monkeypatch.setattr("train.plan._command", lambda gpus: command)


def equip(monkeypatch, machine, installed):
    monkeypatch.setattr("train.prepare.this_machine", lambda: machine)
    monkeypatch.setattr("train.prepare.installed", installed.get)
