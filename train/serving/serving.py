"""Sides that can be asked: what every way of serving them gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from train.doctor.check import Check
from train.evaluation.contender import About
from train.run.state import read_state
from train.serving.asking import ServedSide
from train.serving.plan import Started
from train.serving.rendering import rendered_alike
from train.serving.side import Side


@dataclass(frozen=True, slots=True)
class Serving:
    """Sides that can be asked, and what is to be said of them."""

    contenders: tuple[ServedSide, ...]
    """In the order of the sides."""
    checks: Mapping[str, Check]
    """S1 by the name of its side, where there is something to check."""
    in_turn: str = ""
    """Why the sides answer one after the other; empty where they answer at the same time."""
    servers: tuple[Started, ...] = ()
    """Processes that were started for this."""
    threads: int = 0
    """Of each of them."""


async def prompts_checked(contenders: Sequence[ServedSide]) -> dict[str, Check]:
    """Return S1 by side, where there is something to check."""
    found = {}
    for each in contenders:
        check = await rendered_alike(each.side, each.address.base_url, each.address.model)
        if check is not None:
            found[each.name] = check
    return found


def about(side: Side) -> About:
    """Return what is known of a side's answers before they are given."""
    backbone, adapter, fingerprint = "built-in", "", None
    if side.run is not None:
        state = read_state(side.run)
        backbone = state.settings.backbone
        if side.is_trained:
            adapter, fingerprint = f"{state.id} {state.dataset} {side.scale:g}", state.format_fingerprint
    told = (backbone, adapter, side.format.fingerprint, str(side.max_tokens), "greedy")
    return About(
        kind=side.kind,
        identity=blake2b("\x1f".join(told).encode(), digest_size=8).hexdigest(),
        models=(backbone,),
        trained_fingerprint=fingerprint,
        at_once=1,
        context=side.format.context,
    )
