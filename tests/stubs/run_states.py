"""States of runs that never ran."""

from __future__ import annotations

from data.format import Format
from tests.stubs.machines import INSTALLED, LAPTOP
from train.doctor.before import Limits
from train.plan import plan
from train.run.state import RunState
from train.settings import TrainSettings


def state(**settings: object) -> RunState:
    chosen = TrainSettings.model_validate({"backbone": "built-in"} | settings)
    return RunState(
        id="001-trl-built-in",
        settings=chosen,
        plan=plan(chosen, 1300, LAPTOP, INSTALLED),
        format=Format("ko", "en"),
        limits=Limits(max_new_tokens=640, context=1024),
        source="",
        tokenizer="",
        template="",
        dataset="0123",
        rows=1300,
        valid_rows=68,
    )
