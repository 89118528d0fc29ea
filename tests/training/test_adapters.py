"""The adapter that taught its author nothing: LoRA put on twice, saved, and never loaded again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import train
from data.format import Format
from tests.stubs.command_line import drt_tui
from tests.stubs.tiny_backbone import write_tiny_backbone
from train.doctor.check import Check

FORMAT = Format("ko", "en")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adapters")
    backbone = write_tiny_backbone(out / "backbone", config={"max_position_embeddings": 4096})
    root = Path(__file__).parents[2]
    command = [sys.executable, "-m", "tests.stubs.make_adapters", str(backbone), str(out)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    return out


def examine(folder: Path, **options: str) -> dict[str, Check]:
    return {check.id: check for check in train.doctor_adapter(folder, FORMAT, **options)}


def test_lora_applied_twice_is_caught_by_a1_and_a2(folders: Path, tmp_path: Path) -> None:
    nested, backbone = folders / "nested", folders / "backbone"
    ended = drt_tui("doctor", "--adapter", nested, "--backbone", backbone, "--project", tmp_path, "--json")
    assert (ended.code, ended.data["ok"]) == (0, False)
    failing = {each["id"]: each for each in ended.data["findings"] if each["level"] == "fail"}
    assert failing.keys() == {"A1", "A2"}
    assert "doubled prefix" in failing["A1"]["message"]
    assert "twice" in failing["A2"]["fix"]
    assert failing["A1"]["fix"]
    assert "loading the adapter" in ended.err


def test_a_sound_adapter_is_loaded_and_has_an_effect(folders: Path) -> None:
    checks = examine(folders / "sound")
    assert {id: checks[id].level for id in ("A1", "A2", "A6")} == {"A1": "pass", "A2": "pass", "A6": "pass"}
    assert checks["A3"].level in {"pass", "warn"}  # random weights have an effect, if not a good one
    assert checks["A4"].level == "fail"  # and no tags


def test_an_untrained_adapter_has_no_effect(folders: Path) -> None:
    checks = examine(folders / "untrained")
    assert checks["A1"].level == "fail"
    assert checks["A2"].level == "pass"
    assert checks["A3"].level == "fail"
    assert "no effect" in checks["A3"].message


def test_an_adapter_of_another_backbone_does_not_fit(folders: Path, tmp_path: Path) -> None:
    checks = examine(folders / "sound", backbone="built-in")
    assert checks["A1"].level == "fail"
    assert checks["A2"].level == "fail"
    assert "--backbone" in checks["A2"].fix


def test_an_adapter_of_another_backbone_of_the_same_shape_is_told_by_its_weights(
    folders: Path, tmp_path: Path
) -> None:
    another = folders / "another-backbone"
    command = (
        "doctor",
        "--adapter",
        folders / "sound",
        "--backbone",
        another,
        "--project",
        tmp_path,
        "--json",
    )
    ended = drt_tui(*command, "--strict")
    assert ended.code == 1
    found = {each["id"]: each for each in ended.data["findings"]}
    assert found["A1"]["level"] == "pass", "the shape says nothing"
    assert found["A2"]["level"] == "fail"
    assert "other weights" in found["A2"]["message"]
    assert str(folders / "backbone") in found["A2"]["fix"]


def test_where_nothing_tells_the_weights_the_name_of_the_backbone_is_compared(
    folders: Path, tmp_path: Path
) -> None:
    adapter = shutil.copytree(folders / "sound", tmp_path / "sound")
    (adapter / "backbone_weights.json").unlink()
    renamed = examine(adapter, backbone=str(folders / "another-backbone"))["A2"]
    assert renamed.level == "warn"
    assert f"--backbone {folders / 'backbone'}" in renamed.fix


LOOPING = """
import sys
from array import array
from pathlib import Path
from transformers import AutoModelForCausalLM
from train.chat import ChatTokenizer
from train.rows import Row
from train.worker.answers import answers
folder = Path(sys.argv[1])
chat = ChatTokenizer.load(folder)
ids = [chat.encode([text])[0] for text in ("<|im_start|>user", "<|im_start|>a longer prompt")]
rows = [Row(str(number), None, array("i", [*each, 5]), len(each)) for number, each in enumerate(ids)]
model = AutoModelForCausalLM.from_pretrained(folder)
print(*(f"{each.cut} {each.tokens} {'endoftext' in each.answer}" for each in answers(model, chat, rows, 1500)), sep=";")
"""


def test_an_answer_that_only_repeats_itself_is_cut_before_the_limit(folders: Path) -> None:
    command = [sys.executable, "-c", LOOPING, str(folders / "backbone")]
    root = Path(__file__).parents[2]
    said = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    for answer in said.strip().split(";"):
        cut, tokens, padded = answer.split()
        assert (cut, padded) == ("True", "False")
        assert int(tokens) < 1500


def test_an_adapter_without_its_backbone_is_examined_as_far_as_it_goes(folders: Path, tmp_path: Path) -> None:
    config = json.loads((folders / "sound" / "adapter_config.json").read_text())
    (tmp_path / "adapter_config.json").write_text(
        json.dumps(config | {"base_model_name_or_path": "nobody/none"})
    )
    (tmp_path / "adapter_model.safetensors").write_bytes(
        (folders / "sound" / "adapter_model.safetensors").read_bytes()
    )
    checks = examine(tmp_path)
    assert checks["A1"].level == "pass"
    assert checks["A2"].level == "warn"
    assert "nobody/none" in checks["A2"].message
