"""What this machine has, asked without torch: cores, memory, GPUs, versions."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

GIB = 1024**3

PACKAGES = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "accelerate",
    "datasets",
    "tokenizers",
    "unsloth",
    "unsloth_zoo",
)
"""Packages whose versions shape a run."""

_CGROUP = Path("/sys/fs/cgroup")
_NATIVE_BF16 = ("avx512_bf16", "amx_bf16")


@dataclass(frozen=True, slots=True)
class Gpu:
    """An NVIDIA GPU. Memory in bytes; `capability` as CUDA counts it, e.g. (8, 0)."""

    name: str
    memory: int
    free: int
    capability: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Machine:
    """Memory in bytes; `free` is what a new process can still have, container limits included."""

    cores: int
    memory: int
    free: int
    gpus: tuple[Gpu, ...]
    bfloat16: bool
    """The device that would train computes in bfloat16."""

    @property
    def device(self) -> str:
        """`cuda` or `cpu`."""
        return "cuda" if self.gpus else "cpu"


def this_machine() -> Machine:
    """Look at the machine; about 10 ms, or 0.1 s with an NVIDIA driver."""
    total, free = memory()
    gpus = _gpus()
    return Machine(
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory=total,
        free=free,
        gpus=gpus,
        bfloat16=all(gpu.capability >= (8, 0) for gpu in gpus) if gpus else _cpu_bfloat16(),
    )


def memory() -> tuple[int, int]:
    """Return the bytes of memory there are and that are free, within the limits of a container."""
    import psutil

    seen = psutil.virtual_memory()
    limit = _cgroup_bytes("memory.max")
    if limit is None:
        return seen.total, seen.available
    return min(seen.total, limit), max(min(seen.available, limit - _cgroup_used()), 0)


def installed(package: str) -> str | None:
    """Return a package's version without importing it; `None` where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def versions() -> dict[str, str]:
    """Return the versions of Python and of the installed packages that shape a run."""
    found = {name: installed(name) for name in PACKAGES}
    return {"python": platform.python_version()} | {name: seen for name, seen in found.items() if seen}


def disk_free(folder: Path) -> int:
    """Return the free bytes of the disk that holds `folder`, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def is_disk_full(error: Exception) -> bool:
    """Whether a full disk is what failed; libraries raise classes of their own for it."""
    return "No space left on device" in str(error)


def out_of_memory_kills() -> int:
    """Return how often the kernel ended a process of this container for want of memory."""
    try:
        lines = (_CGROUP / "memory.events").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), 0)


def _cgroup_bytes(name: str) -> int | None:
    try:
        text = (_CGROUP / name).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _cgroup_used() -> int:
    """Bytes the container cannot give back: its current memory less the file cache that is dropped at need."""
    try:
        stat = dict(
            line.split() for line in (_CGROUP / "memory.stat").read_text(encoding="utf-8").splitlines()
        )
    except (OSError, ValueError):
        stat = {}
    return max((_cgroup_bytes("memory.current") or 0) - int(stat.get("inactive_file", 0)), 0)


def _gpus() -> tuple[Gpu, ...]:
    if not shutil.which("nvidia-smi") or os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return ()
    query = [
        "nvidia-smi",
        "--query-gpu=name,memory.total,memory.free,compute_cap",
        "--format=csv,noheader,nounits",
    ]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
        return tuple(_gpu(line) for line in said.splitlines() if line.count(",") == 3)
    except (OSError, subprocess.SubprocessError, ValueError):  # ValueError: a driver that says "[N/A]"
        return ()


def _gpu(line: str) -> Gpu:
    name, memory, free, capability = (part.strip() for part in line.split(","))
    major, _, minor = capability.partition(".")
    return Gpu(name, int(memory) * 1024**2, int(free) * 1024**2, (int(major), int(minor or 0)))


def _cpu_bfloat16() -> bool:
    if platform.machine() == "arm64" and platform.system() == "Darwin":
        return False
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(flag in flags for flag in _NATIVE_BF16)
