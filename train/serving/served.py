"""Serving the sides of a comparison with one copy of the weights, for as long as somebody compares."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipeline.llm.builtin_files import Cores, cores_folder, number_of_cores
from train.errors import NotInstalled, RunProblem
from train.machine import installed, memory
from train.run.folder import RunFolder
from train.run.state import read_state
from train.serving.asking import ServedSide
from train.serving.batched import batched, can_batch
from train.serving.plan import ServerPlan, Spread, Started, memory_of_one, spread, with_threads
from train.serving.process import server
from train.serving.serving import Serving, about, prompts_checked
from train.serving.side import Side
from train.serving.weights import Tell, Weights, backbone_weights, run_weights

if TYPE_CHECKING:
    from pipeline.llm.address import Address
    from pipeline.llm.client import Endpoint

_LEAST_CONTEXT = 2048
"""Tokens for prompt and answer, with room for a chat that keeps some history."""
_NO_PENALTY: Mapping[str, Any] = {"repeat_penalty": 1.0, "top_k": 0, "min_p": 0.0, "cache_prompt": False}
"""As trained: nothing punishes the repeated words of the tags, and an answer does not depend on the one before."""


@asynccontextmanager
async def served(
    sides: Sequence[Side],
    logs: Path,
    *,
    slots: int = 1,
    in_turn: bool | None = None,
    on_gpu: bool | None = None,
    tell: Tell = lambda _: None,
) -> AsyncIterator[Serving]:
    """Serve sides on this machine; a run's files are made where they are missing.

    With an NVIDIA GPU all sides of one backbone answer in one batch of one worker process. Else each set of weights with its adapter is a process of its own over the same mapped file. Where cores
    or memory are too few, one process takes the sides in turn, with an adapter's scale in each request.
    The processes end with this context, or with this process, however that one ends.

    Args:
        sides: what to serve.
        logs: folder for what the servers print.
        slots: questions that each side takes at once.
        in_turn: `None` decides by what is free; tests and people may decide otherwise.
        on_gpu: `None`: where there is a GPU, and the sides are adapters of one backbone.
        tell: is told in plain words what is being waited for.

    Raises:
        RunProblem, StepFailed, CannotExport: a run cannot be served.
        NotInstalled, BuiltInMissing: llama.cpp or the backbone is not there.
        ServingFailed: a server does not start.
    """
    if can_batch(sides) if on_gpu is None else on_gpu:
        async with batched(sides, logs, tell) as serving:
            yield serving
        return
    if installed("xllamacpp") is None:
        raise NotInstalled("llama.cpp is not installed.", hint="pip install 'drt-tui[local]'")
    weights = await asyncio.to_thread(_weights, sides, tell)
    apart = _one_each(sides, weights, slots)
    cores = Cores(cores_folder())
    try:
        cores.take(number_of_cores())
        how = _how(apart, weights, cores.held, in_turn=in_turn)
        plans = _together(apart) if how.why_in_turn else apart
        threads = max(1, cores.held // len(plans)) if how.why_in_turn else how.threads
        async with AsyncExitStack() as opened:
            tell(f"starting {len(plans)} model server{'s' * (len(plans) > 1)}")
            yield await _open(
                opened, sides, weights, [with_threads(each, threads) for each in plans], how, logs
            )
    finally:
        cores.close()


def _weights(sides: Sequence[Side], tell: Tell) -> dict[Side, Weights]:
    """Return what to load for each side; a run is looked at once."""
    of_run: dict[RunFolder, tuple[Weights, Weights | None]] = {}
    found = {}
    for side in sides:
        if side.run is None:
            found[side] = backbone_weights()
            continue
        if side.run not in of_run:
            of_run[side.run] = run_weights(side.run, tell)
        trained, backbone = of_run[side.run]
        if not side.trained and backbone is None:
            raise RunProblem(
                f"{side.run.id} trained all weights of another backbone, which is not served beside it.",
                hint="Compare the model with one of drt.toml, or train with LoRA.",
            )
        found[side] = trained if side.trained or backbone is None else backbone
    return found


def _one_each(sides: Sequence[Side], weights: Mapping[Side, Weights], slots: int) -> list[ServerPlan]:
    """Return a server for each set of weights; sides that differ in their prompt only share one."""
    plans: dict[tuple[Path, Path | None], ServerPlan] = {}
    for side in sides:
        files = weights[side]
        adapters = () if files.adapter is None else (str(files.adapter),)
        plan = plans.get((files.model, files.adapter)) or ServerPlan(
            model=str(files.model),
            adapters=adapters,
            template=files.template,
            slots=0,
            context=_LEAST_CONTEXT,
        )
        wanted = {"slots": plan.slots + slots, "context": max(plan.context, _context(side))}
        plans[files.model, files.adapter] = plan.model_copy(update=wanted)
    return list(plans.values())


def _together(plans: Sequence[ServerPlan]) -> list[ServerPlan]:
    """Return one server for each file of weights, with all its adapters."""
    merged: dict[str, ServerPlan] = {}
    for plan in plans:
        before = merged.get(plan.model, plan)
        adapters = tuple(dict.fromkeys((*before.adapters, *plan.adapters)))
        context = max(before.context, plan.context)
        merged[plan.model] = plan.model_copy(update={"adapters": adapters, "slots": 1, "context": context})
    return list(merged.values())


def _how(
    plans: Sequence[ServerPlan], weights: Mapping[Side, Weights], cores: int, *, in_turn: bool | None
) -> Spread:
    if in_turn is not None:
        return Spread(max(1, cores // len(plans)), "it was asked for" if in_turn else "")
    shape = next(iter(weights.values())).shape
    files = {plan.model: Path(plan.model).stat().st_size for plan in plans}
    each = max(memory_of_one(shape, plan) for plan in plans)
    return spread(len(plans), cores, memory()[1], each, sum(files.values()))


async def _open(
    opened: AsyncExitStack,
    sides: Sequence[Side],
    weights: Mapping[Side, Weights],
    plans: Sequence[ServerPlan],
    how: Spread,
    logs: Path,
) -> Serving:
    """Start the servers one by one: a file is read from the disk once, and the next finds it in memory."""
    from pipeline.llm.client import Endpoint

    running: list[tuple[ServerPlan, Started, Endpoint, AbstractAsyncContextManager[Any]]] = []
    for number, plan in enumerate(plans):
        started = await opened.enter_async_context(server(plan, logs / f"serving-{number}.log"))
        endpoint = Endpoint(_address(started.url, plan.alias))
        opened.push_async_callback(endpoint.close)
        running.append((plan, started, endpoint, asyncio.Lock() if how.why_in_turn else nullcontext()))
    contenders = []
    for side in sides:
        plan, started, endpoint, turn = next(each for each in running if _serves(each[0], weights[side]))
        address = _address(started.url, plan.alias)
        extra = {**_NO_PENALTY, **_scales(plan, weights[side], side.scale)}
        contenders.append(ServedSide(side, endpoint, address, about(side), extra, turn))
    return Serving(
        tuple(contenders),
        await prompts_checked(contenders),
        how.why_in_turn,
        tuple(started for _, started, _, _ in running),
        plans[0].threads,
    )


def _serves(plan: ServerPlan, files: Weights) -> bool:
    wanted = None if files.adapter is None else str(files.adapter)
    return plan.model == str(files.model) and (wanted in plan.adapters if wanted else True)


def _scales(plan: ServerPlan, files: Weights, scale: float) -> dict[str, Any]:
    """Say of each adapter of a server how much of it is wanted; one that is not named would not be applied."""
    wanted = None if files.adapter is None else str(files.adapter)
    scales = [
        {"id": place, "scale": scale if adapter == wanted else 0.0}
        for place, adapter in enumerate(plan.adapters)
    ]
    return {"lora": scales} if scales else {}


def _address(url: str, alias: str) -> Address:
    from pipeline.llm.address import Address

    return Address("served", alias, f"{url}/v1", "")


def _context(side: Side) -> int:
    return read_state(side.run).limits.context if side.run is not None else 0
