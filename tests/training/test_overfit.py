"""The built-in model learns the tags, through the real Unsloth and through plain TRL."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

import train
from data.format import Format
from data.samples import worked_examples
from tests.stubs.command_line import drt_tui
from tests.stubs.short_rows import short_items
from tests.training.conftest import SHORT, begin_short
from train.prepare import Prepared
from train.rows import Item
from train.run.control import log_tail
from train.run.events import EventTail, Probed, Stepped
from train.run.folder import RunFolder
from train.run.observe import Run
from train.selection import divide

FORMAT = Format("ko", "en")
STEPS, SHORT_STEPS = 20, SHORT["max_steps"]
TEMPLATED, HELD_OUT = 20, 3
SETTINGS = {
    "backbone": "built-in",
    "batch": 1,  # the worked examples are long: one at a time, nothing is padded
    "accumulation": 2,
    "max_steps": STEPS,
    "learning_rate": 1e-3,
    "schedule": "constant",
    "warmup": 0,
    "probes": 1,
    "eval_every": STEPS // 2,
    "save_every": 100,
    "tag_rows": HELD_OUT,
}
HOSTILE = "raise SystemExit('a file of the project was taken for a package of ours')\n"
PASSED = {"A1", "A5", "A6", "S1", "S2", "S4", "S5"}
"""What does not hang on how well a small model learned in a minute."""
TOLERANCE = 1e-3
"""Two runs over the same steps; on one machine they agree to the last digit that is shown."""

Begin = Callable[..., Run]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose own files have the names of our packages."""
    root = tmp_path_factory.mktemp("project")
    for name in ("train", "data", "pipeline", "tokenize", "datasets", "torch"):
        (root / f"{name}.py").write_text(HOSTILE)
    return root


@pytest.fixture
def begin(project: Path, monkeypatch: pytest.MonkeyPatch) -> Begin:
    monkeypatch.chdir(project)
    monkeypatch.setenv("PYTHONPATH", "")

    def begin(**changes: object) -> Run:
        prepared, settings = prepare(project, **changes)
        return train.start(project / "runs", prepared, settings)

    return begin


def prepare(project: Path, **changes: object) -> tuple[Prepared, train.TrainSettings]:
    """Train the good worked examples and rows of a template; other rows of the template are held out."""
    settings = train.TrainSettings.model_validate(SETTINGS | changes)
    worked = [
        Item(each.sentence.id, each.sentence.source, each.candidate.thought, each.candidate.output)
        for each in worked_examples()
        if each.good
    ]
    templated = short_items(TEMPLATED + HELD_OUT)
    trained = [(item, "train") for item in (*worked, *templated[:TEMPLATED])]
    selection = divide(
        [*trained, *((item, "valid") for item in templated[TEMPLATED:])], settings.valid, settings.seed
    )
    return train.preflight(selection, settings, FORMAT, project / "runs"), settings


def finish(run: Run) -> train.TrainReport:
    list(train.follow(run.folder))
    ended = train.observe(run.folder)
    assert ended.status == "done", f"{ended.message}\n{log_tail(run.folder)}"
    return train.read_report(run.folder)


def losses(folder: RunFolder) -> dict[int, float]:
    return {
        event.step: event.loss
        for event in EventTail(folder.events).read()
        if isinstance(event, Stepped) and event.loss is not None
    }


def await_step(folder: RunFolder, step: int) -> None:
    tail = EventTail(folder.events)
    while train.observe(folder).status == "running":
        if any(isinstance(event, Stepped) and event.step >= step for event in tail.read()):
            return
        time.sleep(0.02)  # polling a process, as the app does
    raise AssertionError(f"the worker ended before step {step}:\n{log_tail(folder)}")


def learned_the_tags(report: train.TrainReport, steps: int) -> None:
    assert report.tag_rate.drt is not None
    assert report.tag_rate.drt >= 0.9
    assert report.tag_rate.backbone == 0
    assert report.steps == steps
    assert report.loss is not None
    assert report.loss[1] < report.loss[0]
    assert {id: level for id, level in report.checks.items() if level == "fail"} == {}
    assert {"B1", "B5", "B9", "D1", "D2", "D3", "A1", "A2", "A3", "A4", "A6"} <= report.checks.keys()
    assert "tags in" in report.verdict()


def test_plain_trl_learns_the_tags(short_run: RunFolder) -> None:
    learned_the_tags(train.read_report(short_run), SHORT_STEPS)


@pytest.mark.skipif(find_spec("unsloth") is None, reason="not installed: unsloth")
def test_unsloth_learns_the_tags_and_both_engines_learn_alike(begin: Begin) -> None:
    by_unsloth = begin(engine="unsloth")
    learned_the_tags(finish(by_unsloth), STEPS)
    probes = [event for event in EventTail(by_unsloth.folder.events).read() if isinstance(event, Probed)]
    assert probes[-1].opening > 0.9 > probes[0].opening

    by_trl = begin(engine="trl", max_steps=2, probes=0, tag_rows=1, eval_every=100)
    finish(by_trl)
    assert by_unsloth.state is not None
    assert by_trl.state is not None
    assert by_unsloth.state.dataset == by_trl.state.dataset
    first = losses(by_trl.folder)
    assert first == pytest.approx({step: losses(by_unsloth.folder)[step] for step in first}, rel=0.02)


def test_a_stopped_run_goes_on_as_if_it_had_never_stopped(short_run: RunFolder, tmp_path: Path) -> None:
    run = begin_short(tmp_path / "runs")
    await_step(run.folder, 4)
    train.stop(run.folder)
    list(train.follow(run.folder))
    stopped = train.observe(run.folder)
    assert stopped.status == "stopped"
    assert stopped.checkpoint is not None
    assert 5 <= stopped.checkpoint.step < SHORT_STEPS

    train.resume(run.folder)
    after = min(stopped.checkpoint.step + 4, SHORT_STEPS - 1)
    await_step(run.folder, after)
    train.stop(run.folder, save=False)
    list(train.follow(run.folder))
    broken, unbroken = losses(run.folder), losses(short_run)
    assert len(broken) >= after
    assert broken == pytest.approx({step: unbroken[step] for step in broken}, abs=TOLERANCE)


def test_every_export_is_the_trained_model(short_run: RunFolder, tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    name, project = short_run.root.name, short_run.root.parents[1]
    forms = [word for form in ("adapter", "merged", "gguf", "gguf-lora") for word in ("--form", form)]
    ended = drt_tui("export-model", name, *forms, "-o", tmp_path, "--project", project, "--json")
    assert ended.code == 0, ended.out
    assert [each["form"] for each in ended.data["exported"]] == ["adapter", "gguf-lora", "gguf", "merged"]
    levels = ended.data["checks"]
    assert "fail" not in levels.values()
    assert {id for id, level in levels.items() if level == "pass"} >= PASSED
    modelfile = (tmp_path / f"Modelfile.{name}-q8_0").read_text()
    assert f"FROM ./{name}-q8_0.gguf" in modelfile
    assert 'PARAMETER stop "<|im_end|>"' in modelfile
    card = (tmp_path / "README.md").read_text()
    assert "of held-out answers; backbone 0%" in card
    assert FORMAT.fingerprint in card
    assert "merged" in ended.err
