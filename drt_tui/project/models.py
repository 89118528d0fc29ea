"""The way from settings and options to models that answer: router, cassette or built-in model."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from data.store import ProjectFolder
from drt_tui.project.session import OpenModels
from drt_tui.project.settings import Settings

if TYPE_CHECKING:
    from pipeline.llm.request import Models
    from pipeline.llm.routing import Router


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
    also: tuple[str, ...] = ()
    """Names of models to open beside those of the roles, e.g. for arms."""
    screen: bool = False
    """A screen is open: the built-in model leaves it a core."""
    tell: Callable[[str], None] = lambda _: None
    """Is told what is being waited for while models open."""


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


def askable(settings: Settings, options: ModelOptions) -> tuple[str, ...]:
    """Return the models of the settings that can be asked by name, those of the roles first.

    A model whose key is not set is left out, and under a budget one whose price is not.
    """
    from pipeline.errors import PipelineError
    from pipeline.llm.address import Address

    if options.replay is not None:
        return ()
    named = dict.fromkeys(name for names in settings.roles.root.values() for name in names)
    others = []
    for name, model in settings.models.items():
        address = Address.of(name, model)
        is_priced = options.budget_usd is None or model.price is not None
        try:
            address.check(allow_http=options.allow_http)
            address.key()
        except PipelineError:
            continue
        if name not in named and is_priced:
            others.append(name)
    return (*named, *others)


def way_to_models(folder: ProjectFolder, settings: Settings, options: ModelOptions) -> OpenModels:
    """Return a function that opens the models as an async context.

    Raises:
        BuiltInMissing: nothing is set, and the built-in model is not installed.
    """
    if uses_built_in(settings, options):
        from pipeline.llm.builtin import find_gguf

        find_gguf()

    has_tape = False

    @asynccontextmanager
    async def open_models(*, budget_usd: float | None = None) -> AsyncIterator[Models]:
        nonlocal has_tape
        budget = options.budget_usd if budget_usd is None else budget_usd
        async with AsyncExitStack() as opened:
            if options.replay is not None:
                from pipeline.llm.cassette import ReplayingModels

                yield ReplayingModels(options.replay)
                return
            router = await opened.enter_async_context(
                _router(folder, settings, replace(options, budget_usd=budget))
            )
            if options.record is None:
                yield router
                return
            from pipeline.llm.cassette import RecordingModels

            tape = RecordingModels(router, options.record, go_on=has_tape)
            has_tape = True
            yield opened.enter_context(tape)

    return open_models


@asynccontextmanager
async def _router(folder: ProjectFolder, settings: Settings, options: ModelOptions) -> AsyncIterator[Router]:
    from pipeline.llm.routing import Router
    from pipeline.settings import Roles

    async with AsyncExitStack() as opened:
        models, roles = settings.models, settings.roles
        if not models:
            from pipeline.llm.builtin import NAME, built_in_model

            serving = built_in_model(folder.limits, folder.logs, screen=options.screen, progress=options.tell)
            models, roles = {NAME: await opened.enter_async_context(serving)}, Roles({"default": (NAME,)})
        if options.also:
            roles = Roles({**roles.root, "also": options.also})
        router = Router(
            models,
            roles,
            concurrency=options.concurrency,
            budget_usd=options.budget_usd,
            shared=folder.limits,
            allow_http=options.allow_http,
        )
        yield await opened.enter_async_context(router)
