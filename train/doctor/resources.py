"""B8: whether versions, memory and disk are such that a run can end well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from train.backbones.shape import Shape
from train.doctor.check import Check, passed
from train.machine import GIB, Machine
from train.memory import Estimate
from train.plan import Plan
from train.settings import TrainSettings

KNOWN_GOOD: Mapping[str, Mapping[str, str]] = {
    "trl": {
        "transformers": ">=5.2,<6",
        "trl": ">=1.7,<2",
        "peft": ">=0.18,<1",
        "datasets": ">=4.7",
        "torch": ">=2.4",
    },
    "unsloth": {
        "transformers": ">=5.2,<=5.17.0",
        "trl": ">=1.7,<=1.15.0",
        "peft": ">=0.18,<1",
        "datasets": ">=4.7,<5",
        "torch": ">=2.4,<2.15",
        "unsloth": ">=2026.10.9",
    },
}
"""Versions that an engine is known to work with here."""


def versions(engine: str, installed: Mapping[str, str | None]) -> Check:
    """B8, versions: the engine's packages are ones it is known to work with."""
    from packaging.specifiers import SpecifierSet

    wrong = [
        f"{name} {installed[name]} (known good: {known})"
        for name, known in KNOWN_GOOD[engine].items()
        if (found := installed.get(name))
        and not SpecifierSet(known).contains(found.split("+")[0], prereleases=True)
    ]
    if wrong:
        return Check(
            "B8",
            "warn",
            "; ".join(wrong),
            f"pip install -U 'drt-tui[{'train' if engine == 'trl' else engine}]'",
        )
    return passed("B8", f"the versions are known to work with {engine}")


def gpus(settings: TrainSettings, machine: Machine) -> Check:
    """B8, GPUs: as many as are asked for are here."""
    here = len(machine.gpus)
    if settings.gpus > max(1, here):
        message = f"{settings.gpus} GPUs are asked for, and this machine has {here or 'none'}."
        return Check("B8", "fail", message, "Set gpus to what is here, or train on another machine.")
    return passed("B8", f"trains on {settings.gpus} of {here} GPUs" if here else "trains on the processor")


def memory(estimate: Estimate | None, plan: Plan) -> Check:
    """B8, memory: what the run will take fits what is free."""
    if estimate is None:
        return Check(
            "B8", "warn", "Nobody can tell the memory this backbone needs.", "Watch the first steps."
        )
    place = "GPU" if estimate.device == "cuda" else "machine"
    figures = (
        f"about {estimate.total / GIB:.1f} GiB of {estimate.available / GIB:.1f} GiB free on this {place}"
    )
    if not estimate.fits:
        return Check("B8", "fail", f"This run needs {figures}.", _way_out(estimate, plan))
    if estimate.total > 0.9 * estimate.available:
        return Check("B8", "warn", f"Tight: {figures}.", _way_out(estimate, plan))
    return passed("B8", figures)


def disk(folder: Path, free: int, shape: Shape | None, plan: Plan, settings: TrainSettings) -> Check:
    """B8, disk: the checkpoints fit."""
    if shape is None:
        return Check(
            "B8", "warn", "Nobody can tell the disk space this backbone needs.", "Watch the first checkpoint."
        )
    trained = (
        shape.parameters if plan.method == "full" else shape.lora_parameters(settings.rank, settings.targets)
    )
    checkpoint = trained * 12
    needed = 3 * checkpoint
    if needed > free:
        message = f"Checkpoints need {needed / GIB:.1f} GiB, {folder} has {free / GIB:.1f} GiB."
        return Check("B8", "fail", message, "Free some, or put the project on another disk.")
    return passed("B8", f"checkpoints need {needed / GIB:.1f} GiB of {free / GIB:.1f} GiB free")


def _way_out(estimate: Estimate, plan: Plan) -> str:
    if estimate.device == "cpu":
        if estimate.weights > estimate.available / 2:
            return "Use a machine with a GPU, or a backbone of at most 0.5 B weights: --backbone built-in tries the tool."
        return "Set batch = 1 with more accumulation, gradient_checkpointing = true, or a smaller backbone."
    smaller = "method = qlora, " if plan.method != "qlora" else ""
    return f"Set {smaller}batch = 1 with more accumulation, a shorter max_length, or a smaller backbone."
