"""Starting a worker as a process of its own, and telling whether it lives."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from train.run.folder import RunFolder
from train.settings import TrainSettings

_CLOCK_SLACK = 2.0
"""Seconds by which two readings of a process's start may differ, since they go through the boot time."""


def started_at(pid: int) -> float | None:
    """Return when a living process started, in seconds since the epoch; `None` for dead ones and zombies."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return float(process.create_time())
    except psutil.Error:
        return None


def alive(pid: int | None, started: float | None) -> bool:
    """Whether the process that had this pid and start still runs; a later one with its pid does not count."""
    if pid is None or started is None:
        return False
    seen = started_at(pid)
    return seen is not None and abs(seen - started) < _CLOCK_SLACK


def launch(command: Sequence[str], folder: RunFolder, settings: TrainSettings) -> subprocess.Popen[bytes]:
    """Start a worker in its run's folder, in a session of its own: it outlives this process and terminal."""
    folder.cache.mkdir(exist_ok=True)
    with folder.log.open("ab") as log:
        process = subprocess.Popen(
            [*command, str(folder.root)],
            cwd=folder.root,
            env=environment(folder.cache, settings.threads) | _devices(settings.gpus),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    # Somebody has to wait for it, or it stays a zombie for as long as this process lives.
    threading.Thread(target=process.wait, daemon=True).start()
    return process


def environment(cache: Path, threads: int | None) -> dict[str, str]:
    """Return the environment of a process that loads torch.

    Only whole paths of PYTHONPATH are kept: an empty or relative one would put the working directory
    before our packages, whose names are common words.
    """
    paths = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if Path(path).is_absolute()]
    ours = {
        "PYTHONPATH": os.pathsep.join(paths),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
        "PYTHONFAULTHANDLER": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "UNSLOTH_DISABLE_STATISTICS": "1",
        "UNSLOTH_COMPILE_LOCATION": str(cache),
    }
    if threads is not None:
        ours["OMP_NUM_THREADS"] = str(threads)
    # Threads that spin while they wait make everything crawl as soon as another program wants a core,
    # and the app itself is such a program.
    return {"OMP_WAIT_POLICY": "PASSIVE"} | os.environ | ours


def _devices(gpus: int) -> dict[str, str]:
    """One process drives one GPU; with several in sight the trainer would refuse."""
    if gpus > 1:
        return {}
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "0")
    return {"CUDA_VISIBLE_DEVICES": visible.split(",")[0]}


def kill_group(pgid: int) -> None:
    """End a worker and its helpers at once; nothing is saved."""
    try:
        os.killpg(pgid, signal.SIGKILL)
    except ProcessLookupError:
        return
