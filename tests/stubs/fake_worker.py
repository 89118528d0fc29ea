"""A worker that trains nothing: run as `python fake_worker.py MODE RUN`, in place of `train.worker`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from train.run.events import CheckpointSaved, Ended, PhaseBegun, append_event
from train.run.folder import RunFolder
from train.run.heartbeat import Heartbeat
from train.run.state import change_state, now
from train.worker.work import announce


def main() -> int:
    mode, folder = sys.argv[1], RunFolder(Path(sys.argv[2]))
    if mode == "stillborn":
        print("no such library", flush=True)
        return 3
    announce(folder)
    append_event(folder.events, PhaseBegun(phase="training"))
    with Heartbeat(folder.heartbeat, seconds=0.01):
        while mode == "until stopped" and not folder.stop.exists():
            time.sleep(0.01)
        append_event(folder.events, CheckpointSaved(step=5))
    change_state(folder, status="stopped" if mode == "until stopped" else "done", ended_at=now())
    append_event(folder.events, Ended(status="stopped"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
