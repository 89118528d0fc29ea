"""How fast earlier runs were, to tell how long the next one will take."""

from __future__ import annotations

from pathlib import Path

from train.plan import Plan
from train.run.events import EventTail, Stepped
from train.run.observe import observe_all
from train.run.state import RunState


def expected_seconds(runs: Path, backbone: str, plan: Plan, tokens: int) -> float | None:
    """Return how long `tokens` will take to train, going by the newest run alike; `None` without one.

    Alike: the same backbone, engine, method, device and weights, in this project's folder of runs.
    """
    for run in observe_all(runs):
        if run.state is not None and _alike(run.state, backbone, plan):
            steps = (event for event in EventTail(run.folder.events).read() if isinstance(event, Stepped))
            speeds = [event.tokens_per_second for event in steps if event.tokens_per_second]
            if speeds:
                return tokens / speeds[-1]
    return None


def _alike(state: RunState, backbone: str, plan: Plan) -> bool:
    other = state.plan
    return state.settings.backbone == backbone and (
        (other.engine, other.method, other.device, other.dtype, other.gradient_checkpointing)
        == (plan.engine, plan.method, plan.device, plan.dtype, plan.gradient_checkpointing)
    )
