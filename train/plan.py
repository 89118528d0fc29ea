"""What a run will really do: the settings with every `auto` decided, and the reasons in words."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from train.errors import NotInstalled
from train.machine import Machine
from train.settings import EngineName, TrainSettings

LORA_RATE = 2e-4
FULL_RATE = 1e-5

_NEEDED = ("torch", "transformers", "trl", "peft", "datasets")
_UNSLOTH_ON_CPU = "2026.10.9"
"""First release of Unsloth that trains without a GPU."""
_EVALUATIONS = 10
_CHECKPOINTS = 5


class Plan(BaseModel):
    """The decided settings of one run."""

    model_config = ConfigDict(frozen=True)

    engine: EngineName
    engine_reason: str
    device: Literal["cuda", "cpu"]
    method: Literal["qlora", "lora", "full"]
    method_reason: str
    dtype: Literal["bfloat16", "float16", "float32"]
    """Of the weights. Full training keeps them in 32 bits: in 16 its small steps would round away."""
    gradient_checkpointing: bool
    learning_rate: float
    optimizer: Literal["adamw_torch_fused", "adamw_8bit"]
    steps: int
    eval_every: int
    save_every: int
    command: tuple[str, ...]
    """The process to start, less the run's folder, its last argument."""


def plan(settings: TrainSettings, rows: int, machine: Machine, installed: Mapping[str, str | None]) -> Plan:
    """Decide everything that the settings left open, for `rows` training rows.

    Raises:
        NotInstalled: the engine asked for is not there.
    """
    engine, engine_reason = choose_engine(settings.engine, machine, installed)
    method, method_reason = _method(settings, machine)
    steps = settings.max_steps or _steps(settings, rows)
    on_gpu = machine.device == "cuda"
    eight_bit = settings.optimizer == "adamw_8bit" or (
        settings.optimizer == "auto" and on_gpu and installed.get("bitsandbytes") is not None
    )
    checkpointing = settings.gradient_checkpointing
    return Plan(
        engine=engine,
        engine_reason=engine_reason,
        device="cuda" if on_gpu else "cpu",
        method=method,
        method_reason=method_reason,
        dtype=_dtype(settings, machine, method),
        gradient_checkpointing=on_gpu if checkpointing is None else checkpointing,
        learning_rate=settings.learning_rate or (FULL_RATE if method == "full" else LORA_RATE),
        optimizer="adamw_8bit" if eight_bit else "adamw_torch_fused",
        steps=steps,
        eval_every=settings.eval_every or max(1, math.ceil(steps / _EVALUATIONS)),
        save_every=settings.save_every or max(1, math.ceil(steps / _CHECKPOINTS)),
        command=_command(settings.gpus),
    )


def choose_engine(
    wanted: Literal["auto", "unsloth", "trl"], machine: Machine, installed: Mapping[str, str | None]
) -> tuple[EngineName, str]:
    """Return the engine and why it is the one.

    Raises:
        NotInstalled: it cannot be used here.
    """
    missing = [name for name in _NEEDED if not installed.get(name)]
    if missing:
        raise NotInstalled(
            f"Training is not installed: {', '.join(missing)} missing.", hint="pip install 'drt-tui[train]'"
        )
    unsloth = installed.get("unsloth")
    if wanted == "trl":
        return "trl", "asked for"
    if wanted == "unsloth":
        if unsloth is None:
            raise NotInstalled(
                "Unsloth is not installed.", hint="pip install 'drt-tui[unsloth]', or use --engine trl."
            )
        if not machine.gpus and _older(unsloth, _UNSLOTH_ON_CPU):
            raise NotInstalled(
                f"Unsloth {unsloth} needs a GPU, and there is none here.",
                hint=f"pip install -U 'unsloth>={_UNSLOTH_ON_CPU}', or use --engine trl.",
            )
        return "unsloth", "asked for"
    if not machine.gpus:
        return "trl", "there is no NVIDIA GPU, and without one Unsloth saves neither time nor memory"
    if unsloth is None:
        return (
            "trl",
            "Unsloth is not installed; with it a GPU trains about twice as fast: pip install unsloth",
        )
    return "unsloth", f"Unsloth {unsloth} and {machine.gpus[0].name} are here"


def _method(settings: TrainSettings, machine: Machine) -> tuple[Literal["qlora", "lora", "full"], str]:
    if settings.method == "qlora" and not machine.gpus:
        return "lora", "4-bit weights need an NVIDIA GPU, so LoRA runs on unshrunk ones"
    if settings.method != "auto":
        return settings.method, "asked for"
    if machine.gpus:
        return "qlora", "4-bit weights leave most of the GPU's memory to the rows"
    return "lora", "there is no NVIDIA GPU, which 4-bit weights need"


def _dtype(
    settings: TrainSettings, machine: Machine, method: str
) -> Literal["bfloat16", "float16", "float32"]:
    if settings.dtype != "auto":
        return settings.dtype
    if method == "full":
        return "float32"
    if machine.bfloat16:
        return "bfloat16"
    return "float16" if machine.gpus else "float32"


def _steps(settings: TrainSettings, rows: int) -> int:
    batches = math.ceil(rows / (settings.batch * settings.gpus))
    return max(1, math.ceil(settings.epochs * math.ceil(batches / settings.accumulation)))


def _command(gpus: int) -> tuple[str, ...]:
    if gpus == 1:
        return (sys.executable, "-P", "-m", "train.worker")
    launch = ("-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", str(gpus))
    return (sys.executable, "-P", *launch, "--module", "train.worker")


def _older(version: str, than: str) -> bool:
    return tuple(map(int, version.split(".")[:3])) < tuple(map(int, than.split(".")[:3]))
