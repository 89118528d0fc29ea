"""An endpoint that serves backbone and DRT model by name: vLLM, llama-server, Ollama, whatever machine it is on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from train.errors import ServingFailed
from train.serving.asking import ServedSide
from train.serving.serving import Serving, about, prompts_checked
from train.serving.side import Side

_NO_PENALTY: Mapping[str, Any] = {"repeat_penalty": 1.0, "repetition_penalty": 1.0}
"""llama-server's and vLLM's names for the same; a model's own defaults may punish the words of the tags."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where the models are and what they are called there.

    llama-server has one name for both: there `adapter` is the adapter's number, and each request says
    how much of it is wanted. Elsewhere it is `None`, and the names differ.
    """

    base_url: str
    backbone: str
    trained: str
    adapter: int | None = None
    api_key_env: str = ""

    def model_of(self, side: Side) -> str:
        """Return the name of a side's model."""
        return self.trained if side.is_trained else self.backbone

    def extra_of(self, side: Side) -> dict[str, Any]:
        """Return what a request for a side wants beside what all want."""
        if self.adapter is None:
            return dict(_NO_PENALTY)
        scale = side.scale if side.is_trained else 0.0
        return {**_NO_PENALTY, "lora": [{"id": self.adapter, "scale": scale}]}


@asynccontextmanager
async def served_elsewhere(
    sides: Sequence[Side], place: Elsewhere, *, allow_http: bool = False
) -> AsyncIterator[Serving]:
    """Ask an endpoint for the sides; nothing is started or ended there.

    Raises:
        BadEndpoint, WrongKey: it cannot be asked at all.
        ServingFailed: it cannot be reached, or does not know a name.
    """
    from pipeline.llm.address import Address
    from pipeline.llm.client import Endpoint
    from pipeline.llm.faults import Fault

    if place.adapter is None and place.backbone == place.trained:
        raise ServingFailed(
            f"Backbone and DRT model have one name, {place.backbone}: both sides would be the same model.",
            hint="Give each its own; llama-server also needs the adapter's number.",
        )
    address = Address("served", place.backbone, place.base_url.rstrip("/"), place.api_key_env)
    endpoint = Endpoint(address, allow_http=allow_http)
    try:
        try:
            known = await endpoint.models(address)
        except Fault as fault:
            raise ServingFailed(fault.error.message, hint=fault.error.hint) from None
        _insist(known, {place.model_of(side) for side in sides}, place)
        contenders = [
            ServedSide(
                side,
                endpoint,
                Address("served", place.model_of(side), address.base_url, place.api_key_env),
                about(side),
                place.extra_of(side),
                is_free=address.is_loopback,
            )
            for side in sides
        ]
        yield Serving(tuple(contenders), await prompts_checked(contenders))
    finally:
        await endpoint.close()


def _insist(known: Sequence[str], wanted: set[str], place: Elsewhere) -> None:
    """Make sure that the endpoint knows the names, if it says which it knows.

    Ollama adds `:latest` to names that have no tag.
    """
    missing = sorted(name for name in wanted if name not in known and f"{name}:latest" not in known)
    if known and missing and place.adapter is None:
        raise ServingFailed(
            f"{place.base_url} has no model {missing[0]}; it has {', '.join(known[:8])}.",
            hint=f"vLLM: vllm serve {place.backbone} --enable-lora --lora-modules {place.trained}=ADAPTER_FOLDER",
        )
