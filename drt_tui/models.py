"""The way from settings and options to models that answer: router, cassette or built-in model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.store import ProjectFolder
from drt_tui.session import OpenModels
from drt_tui.settings import Settings

if TYPE_CHECKING:
    from pipeline.llm.request import Models


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """What the command line says of models, beside the settings."""

    base_url: str | None = None
    model: str | None = None
    allow_http: bool = False
    concurrency: int | None = None
    budget_usd: float | None = None
    record: Path | None = None
    replay: Path | None = None
    screen: bool = False
    """A screen is open: the built-in model leaves it a core."""


def uses_built_in(settings: Settings, options: ModelOptions) -> bool:
    """Whether the built-in model answers, because nothing else is set."""
    return not settings.models and options.replay is None


def model_label(settings: Settings, options: ModelOptions) -> str:
    """Return what a status line calls the model."""
    if options.replay is not None:
        return f"replay of {options.replay.name}"
    if uses_built_in(settings, options):
        return "built-in"
    return settings.models[settings.roles.of("default")[0]].model


def way_to_models(folder: ProjectFolder, settings: Settings, options: ModelOptions) -> OpenModels:
    """Return a function that opens the models as an async context."""

    @asynccontextmanager
    async def open_models() -> AsyncIterator[Models]:
        from pipeline.llm.routing import Router

        async with Router(
            settings.models,
            settings.roles,
            concurrency=options.concurrency,
            budget_usd=options.budget_usd,
            shared=folder.limits,
            allow_http=options.allow_http,
        ) as router:
            yield router

    return open_models
