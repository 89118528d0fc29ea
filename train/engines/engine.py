"""What an engine does for the worker."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

from train.run.state import RunState


class EngineUnusable(Exception):
    """The engine's library cannot be loaded on this machine; says why."""


class Engine(Protocol):
    """Loads a backbone and prepares it for training. Models are torch modules, which nothing here imports."""

    def load(self, state: RunState) -> Any:
        """Return the backbone, as the plan wants it."""
        ...

    def adapt(self, model: Any, state: RunState) -> Any:
        """Return the model with fresh LoRA weights on the targets."""
        ...

    def answering(self, model: Any) -> AbstractContextManager[None]:
        """Within it the model generates; after it, it trains again."""
        ...
