"""Runs and their backbones among the contenders: which sides are served, and what is said of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from data.store import Dataset
from drt_tui.comparing.contenders import open_contenders, read_specs, usual_contenders
from tests.stubs.contenders import RuleContender
from tests.stubs.run_states import state
from tests.stubs.session import project, session
from train.doctor.check import Check
from train.run.folder import RunFolder
from train.run.state import write_state
from train.serving.side import Side


@dataclass
class FakeServing:
    contenders: Sequence[RuleContender]
    checks: dict[str, Check]
    in_turn: str = ""


@dataclass
class Serving:
    """What was asked to be served."""

    sides: list[Side] = field(default_factory=list)
    checks: dict[str, Check] = field(default_factory=dict)

    @asynccontextmanager
    async def served(self, sides: Sequence[Side], logs: Path, **more: Any) -> AsyncIterator[FakeServing]:
        self.sides = list(sides)
        yield FakeServing([RuleContender(side.name) for side in sides], self.checks)


@pytest.fixture
def serving(monkeypatch: pytest.MonkeyPatch) -> Serving:
    fake = Serving()
    monkeypatch.setattr("train.serving.served.served", fake.served)
    return fake


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Three finished runs: with thoughts, anew, and the newest on outputs alone."""
    folder = tmp_path / "project"
    for name, settings in (("001-a", {}), ("002-b", {}), ("003-c", {"outputs_only": True})):
        run = RunFolder(folder / "runs" / name)
        run.root.mkdir(parents=True)
        write_state(run, state(**settings).model_copy(update={"id": name, "status": "done"}))
    return project(folder)


async def sides_of(dataset: Dataset, *specs: str, context: int | None = None) -> list[str]:
    async with open_contenders(session(dataset), read_specs(specs), context=context) as opened:
        return [each.name for each in opened.lineup.contenders]


async def test_the_newest_run_with_thoughts_is_the_drt_model(dataset: Dataset, serving: Serving) -> None:
    assert await sides_of(dataset, "drt", "backbone", "backbone+drt", "outputs-only", "run:001-a") == [
        "drt", "backbone", "backbone+drt", "outputs-only", "run:001-a",
    ]  # fmt: skip
    drt, plain, prompted, outputs, older = serving.sides
    assert drt.run is not None
    assert outputs.run is not None
    assert (drt.run.id, drt.is_trained) == ("002-b", True)
    assert (outputs.run.id, outputs.is_trained) == ("003-c", True)
    assert older.run is not None
    assert older.run.id == "001-a"
    assert not plain.is_trained
    assert plain.format.output_tag == ""
    assert not prompted.is_trained
    assert prompted.format == drt.format


async def test_a_backbone_is_that_of_the_run_beside_it(dataset: Dataset, serving: Serving) -> None:
    await sides_of(dataset, "backbone", "run:001-a")
    assert {side.run.id for side in serving.sides if side.run is not None} == {"001-a"}


async def test_a_prompt_that_is_not_that_of_the_training_is_a_warning(
    dataset: Dataset, serving: Serving
) -> None:
    serving.checks = {"drt": Check("S1", "fail", "The prompt differs.", "Mend it.")}
    async with open_contenders(session(dataset), read_specs(["drt"])) as opened:
        assert opened.lineup.warnings == ("drt: The prompt differs. Mend it.",)


async def test_context_changes_the_format_that_is_asked_in(dataset: Dataset, serving: Serving) -> None:
    await sides_of(dataset, "drt")
    (trained,) = serving.sides
    await sides_of(dataset, "drt", context=3)
    (changed,) = serving.sides
    assert changed.format.context == 3
    assert changed.format.fingerprint != trained.format.fingerprint


async def test_a_run_that_is_not_there_is_named(dataset: Dataset, serving: Serving) -> None:
    from train.errors import RunProblem

    with pytest.raises(RunProblem, match="no-such"):
        await sides_of(dataset, "run:no-such")
    assert serving.sides == []


def test_the_fair_rival_is_among_the_usual_contenders_where_there_is_one(
    dataset: Dataset, tmp_path: Path
) -> None:
    assert usual_contenders(dataset.folder.runs) == ["backbone", "backbone+drt", "drt", "outputs-only"]
    assert usual_contenders(tmp_path / "none") == ["backbone", "backbone+drt", "drt"]
