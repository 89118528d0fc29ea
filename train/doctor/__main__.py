"""`python -P -m train.doctor REQUEST RESULT PROGRESS`: load an adapter and examine it; see `train.run.step`."""

from __future__ import annotations

import sys

from train.doctor.foreign import AdapterQuestion
from train.doctor.loading import examine_adapter
from train.run.step import step_main

if __name__ == "__main__":
    sys.exit(step_main(AdapterQuestion, examine_adapter))
