"""`python -P -m train.export REQUEST RESULT PROGRESS`: make exports; see `train.run.step`."""

from __future__ import annotations

import sys

from train.export.forms import ExportRequest
from train.export.work import export
from train.run.step import step_main

if __name__ == "__main__":
    sys.exit(step_main(ExportRequest, export))
