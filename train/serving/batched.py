"""On a GPU: one worker process holds the backbone once, and answers for all sides in one batch."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from train.errors import ServingFailed
from train.machine import installed, this_machine
from train.run.state import RunState, read_state
from train.serving.asking import ServedSide
from train.serving.process import child
from train.serving.serving import Serving, about, prompts_checked
from train.serving.side import Side
from train.serving.weights import Tell

BASE = "__base__"
"""What PEFT calls the model without any adapter."""


class BatchPlan(BaseModel):
    """What a worker loads: a backbone, and adapters by the name under which they are asked."""

    model_config = ConfigDict(frozen=True)

    source: str
    tokenizer: str
    dtype: str
    adapters: dict[str, str]


def can_batch(sides: Sequence[Side]) -> bool:
    """Whether this machine has a GPU and what it takes, and the sides are adapters of one backbone."""
    if installed("torch") is None or installed("peft") is None or not this_machine().gpus:
        return False
    states = [read_state(side.run) for side in sides if side.run is not None]
    return (
        len(states) == len(sides)
        and len({state.source for state in states}) == 1
        and all(map(_is_lora, sides))
    )


@asynccontextmanager
async def batched(sides: Sequence[Side], logs: Path, tell: Tell) -> AsyncIterator[Serving]:
    """Serve the sides from one worker process; see `train.serving.served.served`.

    Raises:
        ServingFailed: the worker does not start, or a side is no adapter.
        RunProblem: a run cannot be read.
    """
    from pipeline.llm.address import Address
    from pipeline.llm.client import Endpoint

    if not all(side.run is not None and _is_lora(side) for side in sides):
        raise ServingFailed(
            "Only adapters are answered for in one batch.", hint="Serve them on the processor."
        )
    plan = _plan(sides)
    tell("loading the backbone and its adapters")
    command = [sys.executable, "-P", "-m", "train.serving.batch_worker", plan.model_dump_json()]
    async with child(command, logs / "serving-batch.log") as started:
        base_url = f"{started.url}/v1"
        endpoint = Endpoint(Address("served", BASE, base_url, ""))
        try:
            contenders = [
                ServedSide(side, endpoint, Address("served", _adapter_name(side), base_url, ""), about(side))
                for side in sides
            ]
            yield Serving(tuple(contenders), await prompts_checked(contenders), servers=(started,))
        finally:
            await endpoint.close()


def _plan(sides: Sequence[Side]) -> BatchPlan:
    states: list[tuple[Side, RunState]] = [
        (side, read_state(side.run)) for side in sides if side.run is not None
    ]
    first, state = states[0]
    assert first.run is not None
    return BatchPlan(
        source=state.source,
        tokenizer=str(first.run.adapter.resolve()),
        dtype=state.plan.dtype,
        adapters={
            _adapter_name(side): str(side.run.adapter.resolve())
            for side, _ in states
            if side.run is not None and side.is_trained
        },
    )


def _adapter_name(side: Side) -> str:
    return side.run.id if side.run is not None and side.is_trained and side.scale else BASE


def _is_lora(side: Side) -> bool:
    return side.run is not None and (side.run.adapter / "adapter_config.json").exists()
