"""One opened project: settings, dataset, and the way to its models. What every consumer starts from."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Protocol

from data.store import Dataset, ProjectFolder
from drt_tui.project.settings import Settings
from pipeline.llm.request import Models


class OpenModels(Protocol):
    """The way to the models of a project."""

    def __call__(self, *, budget_usd: float | None = None) -> AbstractAsyncContextManager[Models]:
        """Open them; `budget_usd` is what the project may spend, `None`: as the options say."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """An opened project, ready for a screen or a headless run."""

    settings: Settings
    folder: ProjectFolder
    dataset: Dataset
    open_models: OpenModels
    built_in: bool
    """The built-in model answers: its translations are for trying the keys only."""
    model_label: str
    title: str
    notices: tuple[str, ...] = ()
    """What a person should be told once, e.g. that a torn line was cut off."""
    models: tuple[str, ...] = ()
    """Names of the models that a person can have a sentence made by."""
    ids: tuple[str, ...] | None = None
    """Sentences to show before all others, in this order."""
    preferred: frozenset[str] = frozenset()
    """Sentences to show before the rest, in the order that is set: those of the files just named."""

    def with_notice(self, notice: str) -> Session:
        """Return the session with one more thing to tell."""
        return replace(self, notices=(*self.notices, notice))

    @property
    def source(self) -> str:
        """Language code of the sources."""
        return self.settings.project.source or "ko"

    @property
    def target(self) -> str:
        """Language code of the translations."""
        return self.settings.project.target or "en"
