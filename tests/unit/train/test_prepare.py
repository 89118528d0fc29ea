from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from data.format import Format
from tests.stubs.machines import GPU_BOX, LAPTOP
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.doctor.check import levels
from train.errors import BadRows, UnknownBackbone
from train.prepare import Preflight, preflight
from train.rows import Item
from train.selection import Selection, divide
from train.settings import TrainSettings

FORMAT = Format("ko", "en")
ITEMS = [Item(str(n), f"그는 {n}번", f"I think {n}", f"He {n}", group=f"idiom {n % 5}") for n in range(20)]


def selection(items: list[Item] = ITEMS) -> Selection:
    return divide([(item, None) for item in items], 0.2, 0)


def test_a_sound_set_gets_a_report_without_objections(tiny: Path, tmp_path: Path) -> None:
    seen = []
    prepared = preflight(
        selection(),
        TrainSettings(backbone=str(tiny), engine="trl"),
        FORMAT,
        tmp_path / "runs",
        machine=LAPTOP,
        on_progress=lambda *done: seen.append(done),
    )
    report = prepared.report
    assert report.ok
    assert (report.rows, report.valid_rows) == (16, 4)
    assert report.plan.steps == 6
    assert sum(report.idioms.values()) == 16
    assert report.previews[0].answer.startswith("<thought>\n")
    assert report.previews[0].prompt.endswith("assistant\n")
    assert seen[-1] == (20, 20)
    assert not (tmp_path / "runs").exists()
    assert Preflight.model_validate_json(report.model_dump_json()) == report


def test_long_rows_stop_the_run_and_a_length_is_suggested(tiny: Path, tmp_path: Path) -> None:
    long = [*ITEMS, Item("long", "x" * 3000, "t", "o", group="idiom 0")]
    report = preflight(
        selection(long), TrainSettings(backbone=str(tiny)), FORMAT, tmp_path, machine=LAPTOP
    ).report
    assert not report.ok
    assert [each.id for each in report.refused] == ["long"]
    assert report.suggested_length is not None
    longer = TrainSettings(backbone=str(tiny), max_length=report.suggested_length)
    assert (
        levels(preflight(selection(long), longer, FORMAT, tmp_path, machine=LAPTOP).report.checks)["B3"]
        == "pass"
    )
    dropping = TrainSettings(backbone=str(tiny), unfit="drop")
    dropped = preflight(selection(long), dropping, FORMAT, tmp_path, machine=LAPTOP).report
    assert dropped.ok
    assert dropped.rows + dropped.valid_rows == 20


def test_every_row_refused_still_gives_a_report(tiny: Path, tmp_path: Path) -> None:
    settings = TrainSettings(backbone=str(tiny), max_length=32)
    report = preflight(selection(), settings, FORMAT, tmp_path, machine=LAPTOP).report
    assert not report.ok
    assert len(report.refused) == 20


def test_no_accepted_row_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BadRows) as raised:
        preflight(selection([]), TrainSettings(backbone="built-in"), FORMAT, tmp_path)
    assert "review" in raised.value.hint


def test_one_idiom_is_trained_with_a_warning(tiny: Path, tmp_path: Path) -> None:
    alike = [Item(str(n), f"그는 {n}", "t", "o", group="발이 넓다") for n in range(10)]
    report = preflight(
        selection(alike), TrainSettings(backbone=str(tiny)), FORMAT, tmp_path, machine=LAPTOP
    ).report
    assert report.valid_rows > 0
    assert levels(report.checks)["B6"] == "warn"


def test_thoughts_are_left_out_of_the_outputs_only_baseline(tiny: Path, tmp_path: Path) -> None:
    settings = TrainSettings(backbone=str(tiny), outputs_only=True)
    with_thoughts = preflight(
        selection(), TrainSettings(backbone=str(tiny)), FORMAT, tmp_path, machine=LAPTOP
    ).report
    alone = preflight(selection(), settings, FORMAT, tmp_path, machine=LAPTOP).report
    assert alone.ok
    assert "<thought>" not in alone.previews[0].answer
    assert alone.format != with_thoughts.format
    assert [each.id for each in alone.previews] == [each.id for each in with_thoughts.previews]


@pytest.mark.parametrize(
    ("backbone", "says"),
    [
        ("no/such/folder", "no folder"),
        ("./missing", "no folder"),
        ("nobody/no-such-model", "nobody/no-such-model"),
    ],
)
def test_an_unknown_backbone_is_named_with_a_way_out(
    backbone: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("huggingface_hub")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UnknownBackbone, match=says) as raised:
        preflight(selection(), TrainSettings(backbone=backbone), FORMAT, tmp_path, machine=GPU_BOX)
    assert raised.value.hint


def test_an_adapter_given_as_backbone_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text("{}")
    with pytest.raises(UnknownBackbone) as raised:
        preflight(selection(), TrainSettings(backbone=str(tmp_path)), FORMAT, tmp_path, machine=LAPTOP)
    assert "adapter" in raised.value.hint


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_damaged_backbone_is_named(tmp_path: Path, name: str) -> None:
    (write_tiny_backbone(tmp_path) / name).write_text("{ half")
    with pytest.raises(UnknownBackbone, match=name):
        preflight(selection(), TrainSettings(backbone=str(tmp_path)), FORMAT, tmp_path, machine=LAPTOP)


def test_a_preflight_loads_neither_torch_nor_transformers(tiny: Path, tmp_path: Path) -> None:
    script = f"""
import sys
from pathlib import Path
from data.format import Format
from train.prepare import preflight
from train.rows import Item
from train.selection import divide
from train.settings import TrainSettings
chosen = divide([(Item(str(n), "a", "b", "c"), None) for n in range(4)], 0.3, 0)
assert preflight(chosen, TrainSettings(backbone={str(tiny)!r}), Format("ko", "en"), Path({str(tmp_path)!r})).report.ok
print(sorted({{"torch", "transformers", "unsloth", "trl", "peft"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
