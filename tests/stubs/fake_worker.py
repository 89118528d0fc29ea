"""A worker that trains nothing: run as `python fake_worker.py MODE RUN`, in place of `train.worker`.

Modes: `done`; `until stopped`; `dies`, without a word, after a checkpoint; `stillborn`.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from tests.stubs.checkpoints import write_checkpoint
from train.run.events import CheckpointSaved, Ended, PhaseBegun, Stepped, append_event
from train.run.folder import RunFolder
from train.run.heartbeat import Heartbeat
from train.run.state import change_state, now
from train.worker.work import announce


def main() -> int:
    mode, folder = sys.argv[1], RunFolder(Path(sys.argv[2]))
    if mode == "stillborn":
        print("no such library", flush=True)
        return 3
    with Heartbeat(folder.heartbeat, seconds=0.01):
        announce(folder)
        append_event(folder.events, PhaseBegun(phase="training"))
        while mode == "until stopped" and not folder.stop.exists():
            time.sleep(0.01)
        append_event(folder.events, Stepped(step=5, max_steps=6, loss=1.5, eta=2.0))
        if not (folder.stop.exists() and folder.stop.read_text(encoding="utf-8") == "discard"):
            write_checkpoint(folder, 5)
            append_event(folder.events, CheckpointSaved(step=5))
        if mode == "dies":
            os.kill(os.getpid(), signal.SIGKILL)
    folder.stop.unlink(missing_ok=True)
    append_event(folder.events, Ended(status="stopped"))
    change_state(folder, status="stopped" if mode == "until stopped" else "done", ended_at=now())
    return 0


if __name__ == "__main__":
    sys.exit(main())
