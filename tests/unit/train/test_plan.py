from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from pydantic import ValidationError

from tests.stubs.machines import GPU_BOX, INSTALLED, LAPTOP
from train.errors import NotInstalled
from train.plan import choose_engine, plan
from train.settings import TrainSettings

WITH_UNSLOTH = INSTALLED | {"unsloth": "2026.10.9", "bitsandbytes": "0.50.2"}


def test_auto_takes_unsloth_on_a_gpu_and_says_why() -> None:
    engine, reason = choose_engine("auto", GPU_BOX, WITH_UNSLOTH)
    assert engine == "unsloth"
    assert "RTX 4090" in reason


@pytest.mark.parametrize(
    ("machine", "packages", "word"), [(LAPTOP, WITH_UNSLOTH, "GPU"), (GPU_BOX, INSTALLED, "not installed")]
)
def test_auto_takes_trl_elsewhere_and_says_why(machine, packages, word: str) -> None:
    engine, reason = choose_engine("auto", machine, packages)
    assert engine == "trl"
    assert word in reason


@pytest.mark.parametrize(
    ("wanted", "packages", "hint"),
    [
        ("trl", {}, "drt-tui[train]"),
        ("unsloth", INSTALLED, "--engine trl"),
        ("unsloth", INSTALLED | {"unsloth": "2026.10.8"}, "2026.10.9"),
    ],
)
def test_an_engine_that_cannot_run_here_is_refused_with_a_way_out(wanted, packages, hint: str) -> None:
    with pytest.raises(NotInstalled) as raised:
        choose_engine(wanted, LAPTOP, packages)
    assert hint in raised.value.hint


def test_open_settings_are_decided_for_the_machine() -> None:
    on_gpu, on_cpu = (plan(TrainSettings(), 1300, machine, WITH_UNSLOTH) for machine in (GPU_BOX, LAPTOP))
    assert (on_gpu.method, on_gpu.dtype, on_gpu.gradient_checkpointing) == ("qlora", "bfloat16", True)
    assert (on_cpu.method, on_cpu.dtype, on_cpu.gradient_checkpointing) == ("lora", "float32", False)
    assert (on_gpu.optimizer, on_cpu.optimizer) == ("adamw_8bit", "adamw_torch_fused")
    assert on_gpu.learning_rate == on_cpu.learning_rate == 2e-4
    assert on_gpu.steps == 3 * 163
    assert plan(TrainSettings(method="full"), 1300, GPU_BOX, WITH_UNSLOTH).learning_rate == 1e-5


def test_4_bit_on_a_cpu_becomes_plain_lora_and_says_so() -> None:
    decided = plan(TrainSettings(method="qlora"), 10, LAPTOP, INSTALLED)
    assert decided.method == "lora"
    assert "GPU" in decided.method_reason


def test_several_gpus_are_started_through_accelerate() -> None:
    two = replace(GPU_BOX, gpus=GPU_BOX.gpus * 2)
    decided = plan(TrainSettings(gpus=2), 1300, two, INSTALLED)
    assert decided.command[:4] == (sys.executable, "-P", "-m", "accelerate.commands.launch")
    assert decided.command[-3:] == ("2", "--module", "train.worker")
    assert decided.steps == 3 * 82


def test_every_setting_says_why_its_default_is_what_it_is() -> None:
    assert all(field.description for field in TrainSettings.model_fields.values())


def test_an_unknown_setting_is_an_error() -> None:
    with pytest.raises(ValidationError, match="learning_rat"):
        TrainSettings.model_validate({"learning_rat": 1})
