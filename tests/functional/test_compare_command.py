"""`drt-tui compare`: who is compared when nobody is named, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from drt_tui.comparing.contenders import Spec
from drt_tui.comparing.served_lineup import lineup_elsewhere, read_elsewhere, usual_specs
from drt_tui.errors import UsageProblem
from tests.stubs.command_line import drt_tui
from tests.stubs.run_states import state
from tests.stubs.session import project, session
from train.run.folder import RunFolder
from train.run.state import write_state
from train.serving.elsewhere import Elsewhere


def finished(runs: Path, name: str, **settings: object) -> RunFolder:
    folder = RunFolder(runs / name)
    folder.root.mkdir(parents=True)
    write_state(folder, state(**settings).model_copy(update={"id": name, "status": "done"}))
    return folder


def told(specs: tuple[Spec, ...]) -> list[str]:
    return [f"{spec.name} = {spec.kind}{':' * bool(spec.of)}{spec.of}" for spec in specs]


def test_without_a_terminal_it_names_the_headless_way(tmp_path: Path) -> None:
    result = drt_tui("compare", "--json", "--project", str(tmp_path))
    assert result.code == 2
    assert "drt-tui evaluate" in result.error["hint"]
    assert not any(each.is_file() for each in tmp_path.iterdir()), "nothing is made"


def test_without_a_run_the_backbone_is_compared_under_both_prompts(tmp_path: Path) -> None:
    with project(tmp_path / "p") as dataset:
        assert told(usual_specs(session(dataset), None)) == ["backbone = backbone", "backbone+drt = backbone"]


def test_the_newest_finished_run_stands_beside_its_backbone(tmp_path: Path) -> None:
    with project(tmp_path / "p") as dataset:
        runs = dataset.folder.runs
        older, _ = finished(runs, "001-trl-a"), finished(runs, "002-trl-b")
        opened = session(dataset)
        assert told(usual_specs(opened, None))[-1] == "DRT model = run:002-trl-b"
        assert told(usual_specs(opened, older))[-1] == "DRT model = run:001-trl-a"


@pytest.mark.parametrize(("cores", "has_third"), [(2, False), (3, True)])
def test_outputs_only_joins_where_there_is_a_core_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cores: int, has_third: bool
) -> None:
    monkeypatch.setattr("drt_tui.comparing.served_lineup.number_of_cores", lambda: cores)
    with project(tmp_path / "p") as dataset:
        finished(dataset.folder.runs, "001-trl-a")
        finished(dataset.folder.runs, "002-trl-b", outputs_only=True)
        finished(dataset.folder.runs, "003-trl-c", outputs_only=True, backbone="elsewhere/other")
        specs = told(usual_specs(session(dataset), None))
    assert specs[2] == "DRT model = run:001-trl-a"
    assert specs[3:] == (["outputs only = run:002-trl-b"] if has_third else [])


def test_an_endpoint_is_named_by_its_models_or_by_one_name_with_an_adapter() -> None:
    two, one = read_elsewhere("http://gpu/v1", "qwen, drt"), read_elsewhere("http://gpu/v1", "qwen")
    assert (two.backbone, two.trained, two.adapter) == ("qwen", "drt", None)
    assert (one.backbone, one.trained, one.adapter) == ("qwen", "qwen", 0)


@pytest.mark.parametrize("names", ["", ",drt", "qwen,"])
def test_names_that_name_nobody_are_refused(names: str) -> None:
    with pytest.raises(UsageProblem, match="names no backbone"):
        read_elsewhere("http://gpu/v1", names)


def test_an_endpoint_without_a_run_is_refused(tmp_path: Path) -> None:
    with project(tmp_path / "p") as dataset, pytest.raises(UsageProblem, match="No run is finished"):
        lineup_elsewhere(session(dataset), Elsewhere("http://gpu/v1", "a", "b"))
