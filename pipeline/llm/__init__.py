"""Asking models: the seam (`request`), the router behind it, cassettes and the built-in model.

Names are imported when first used, so that importing this package loads no client library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.llm.builtin import built_in_model
    from pipeline.llm.cassette import RecordingModels, ReplayingModels
    from pipeline.llm.checkup import EndpointFinding, check_endpoint
    from pipeline.llm.meter import Snapshot
    from pipeline.llm.request import Delta, Message, Models, Reply, Request, Restart
    from pipeline.llm.routing import Router

_PLACES = {
    "Delta": "request",
    "EndpointFinding": "checkup",
    "Message": "request",
    "Models": "request",
    "RecordingModels": "cassette",
    "ReplayingModels": "cassette",
    "Reply": "request",
    "Request": "request",
    "Restart": "request",
    "Router": "routing",
    "Snapshot": "meter",
    "built_in_model": "builtin",
    "check_endpoint": "checkup",
}

__all__ = [
    "Delta",
    "EndpointFinding",
    "Message",
    "Models",
    "RecordingModels",
    "ReplayingModels",
    "Reply",
    "Request",
    "Restart",
    "Router",
    "Snapshot",
    "built_in_model",
    "check_endpoint",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
