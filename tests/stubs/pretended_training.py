"""The program on a laptop where training is installed, with workers that only pretend to train.

Run as `python -P pretended_training.py ARGUMENTS`, in place of `drt-tui ARGUMENTS`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import train.plan
import train.prepare
from drt_tui.__main__ import main
from tests.stubs import fake_worker
from tests.stubs.machines import INSTALLED, LAPTOP

WORKER = (sys.executable, "-P", str(Path(fake_worker.__file__)), "until stopped")

if __name__ == "__main__":
    train.plan._command = lambda gpus: WORKER
    train.prepare.this_machine = lambda: LAPTOP
    train.prepare.installed = INSTALLED.get
    sys.exit(main())
