"""`python -P -m train.worker RUN`: train the run in this folder."""

from __future__ import annotations

import sys
from pathlib import Path

from train.run.folder import RunFolder
from train.worker.work import work

if __name__ == "__main__":
    sys.exit(work(RunFolder(Path(sys.argv[-1]))))
