"""How sides are spread over servers: one process each where memory and cores allow it, else one for all."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from train.backbones.shape import Shape

BATCH = 128
"""Prompt tokens that are worked on at once. Buffers grow with it, and our prompts are short."""
_SPARE = 96 * 1024**2
"""Bytes of a process beside its context: interpreter, library, graph."""
_KV_BYTES = 2
"""Of a stored key or value."""


class ServerPlan(BaseModel):
    """One server to start."""

    model_config = ConfigDict(frozen=True)

    model: str
    """GGUF file; mapped, so that servers of the same file share it."""
    adapters: tuple[str, ...] = ()
    """GGUF LoRA files; a request says by its place here which one it wants."""
    template: str = ""
    """Chat template in place of the file's own."""
    alias: str = "side"
    context: int = 2048
    """Tokens of one call: prompt and answer."""
    slots: int = 1
    """Calls at once."""
    threads: int = 1
    batch: int = BATCH


class Started(BaseModel):
    """What a server says once it takes calls."""

    model_config = ConfigDict(frozen=True)

    url: str
    pid: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How sides run. `why_in_turn` is empty where they run at the same time, each with `threads`."""

    threads: int
    why_in_turn: str = ""


def spread(servers: int, cores: int, memory_free: int, each: int, weights: int) -> Spread:
    """Return whether so many servers can run at the same time, and with how many threads each.

    Args:
        servers: one for each set of weights.
        cores: those that no other server of this machine has.
        memory_free: bytes that can still be had.
        each: bytes that one server takes for itself.
        weights: bytes of the files, which servers share.
    """
    if servers > 1 and cores < servers:
        free = {0: "no core is", 1: "only one core is"}.get(cores, f"only {cores} cores are")
        return Spread(max(1, cores), f"{free} free")
    needed = weights + servers * each
    if servers > 1 and needed > memory_free:
        return Spread(
            max(1, cores), f"memory is short: at the same time they need {needed / 1024**3:.1f} GiB"
        )
    return Spread(max(1, cores // servers))


def memory_of_one(shape: Shape | None, plan: ServerPlan) -> int:
    """Return about how many bytes a server takes beside the weights: its context and its buffers."""
    if shape is None:
        return _SPARE * 4
    cache = 2 * shape.layers * shape.kv_heads * shape.head_dim * _KV_BYTES * plan.context * plan.slots
    buffers = plan.batch * (shape.vocabulary + 4 * shape.ffn) * 4
    return _SPARE + cache + buffers


def with_threads(plan: ServerPlan, threads: int) -> ServerPlan:
    """Return the plan with its threads."""
    return plan.model_copy(update={"threads": threads})
