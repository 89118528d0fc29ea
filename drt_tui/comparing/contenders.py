"""Contenders by name: what `--contenders` says, opened so that it can be asked.

    backbone           the backbone of the newest finished run with a plain prompt (without a run: the built-in model)
    backbone+drt       the same, asked as DRT models are
    drt                the newest finished run
    outputs-only       the newest finished run that was trained on outputs alone
    run:NAME           a run by name or number
    model:NAME, NAME   a model of drt.toml with a plain prompt
    model:NAME+drt     the same, asked as DRT models are
    loop               the agent loop
    file:PATH:COLUMN   a column of a file, found by the source text

Each may be given a name of its own: `deepl=file:others.csv:deepl`.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from drt_tui.comparing.lineup import Lineup
from drt_tui.errors import UsageProblem

if TYPE_CHECKING:
    from data.format import Format
    from data.importers import ColumnMap
    from drt_tui.project.session import Session
    from pipeline.llm.request import Models
    from train.evaluation.contender import Contender
    from train.run.folder import RunFolder
    from train.serving.side import Side

Kind = Literal["backbone", "drt", "outputs-only", "run", "model", "loop", "file"]

_BUILT_IN = "built-in"
_DRT = "+drt"
_ALONE = {"backbone", "drt", "outputs-only", "loop"}
_RESERVED = _ALONE | {"run", "model", "file"}
"""Words that begin a spec, and are no model's name."""
_NEXT = re.compile(r",\s*(?=(?:[^,=:/]+=)?(?:(?:run|model|file):|[\w.+-]+\s*(?:,|$)))")
_BARE = re.compile(r"[\w.-]+")
_NAMED = re.compile(r"(?P<name>[^=:/]+)=(?P<rest>.+)", re.DOTALL)
_KNOWN = (
    "backbone, backbone+drt, drt, outputs-only, run:NAME, model:NAME, model:NAME+drt, loop, file:PATH:COLUMN; "
    "each may have a name before it: deepl=file:others.csv:deepl."
)


@dataclass(frozen=True, slots=True)
class Spec:
    """One contender as it was asked for."""

    name: str
    kind: Kind
    of: str = ""
    """The model, the run, or the file's path."""
    column: str = ""
    drt_prompt: bool = False

    @property
    def is_local(self) -> bool:
        """It is served on this machine."""
        return self.kind in {"backbone", "drt", "outputs-only", "run"}

    @property
    def asks_models(self) -> bool:
        """It needs the models of `drt.toml`."""
        return self.kind in {"model", "loop"}


def read_specs(texts: Sequence[str]) -> tuple[Spec, ...]:
    """Read what `--contenders` says, several of them separated by commas.

    Raises:
        UsageProblem: one cannot be understood, or two have the same name.
    """
    specs = tuple(_spec(part.strip()) for text in texts for part in _NEXT.split(text) if part.strip())
    if texts and not specs:
        raise UsageProblem("No contender is named.", hint=f"Known are: {_KNOWN}")
    names = [spec.name for spec in specs]
    for name in names:
        if names.count(name) > 1:
            raise UsageProblem(f"Two contenders are called {name!r}.", hint=f"Name one of them: other={name}")
    return specs


def usual_contenders(runs: Path) -> list[str]:
    """Return who is compared where nobody is named: the newest run beside its backbone asked in both ways.

    A run on outputs alone joins them where there is one: it shows what the thought adds.
    """
    rival = newest_run(runs, outputs_only=True)
    return ["backbone", "backbone+drt", "drt", *(["outputs-only"] if rival is not None else [])]


def models_of_specs(specs: Sequence[Spec]) -> tuple[str, ...]:
    """Return the names of the models in `drt.toml` that contenders ask beside those of the roles."""
    return tuple(dict.fromkeys(spec.of for spec in specs if spec.kind == "model" and spec.of != _BUILT_IN))


def _spec(text: str) -> Spec:
    named = _NAMED.fullmatch(text)
    name, rest = (named["name"].strip(), named["rest"].strip()) if named else ("", text)
    kind, _, of = rest.partition(":")
    kind, has_prompt = kind.removesuffix(_DRT), kind.endswith(_DRT)
    if kind in _ALONE and not of and (kind == "backbone" or not has_prompt):
        return Spec(name or rest, kind, drt_prompt=has_prompt)  # type: ignore[arg-type]
    if kind == "run" and of:
        return Spec(name or rest, "run", of)
    if kind == "model" and of.removesuffix(_DRT):
        return Spec(name or rest, "model", of.removesuffix(_DRT), drt_prompt=of.endswith(_DRT))
    if not of and _BARE.fullmatch(kind) and kind not in _RESERVED:
        return Spec(name or rest, "model", kind, drt_prompt=has_prompt)
    path, _, column = of.rpartition(":")
    if kind == "file" and path and column:
        return Spec(name or column, "file", path, column)
    raise UsageProblem(f"There is no contender {text!r}.", hint=f"Known are: {_KNOWN}")


@dataclass(frozen=True, slots=True)
class Opened:
    """Contenders that are ready, in the order that they were asked for, and the models if any were opened."""

    lineup: Lineup
    models: Models | None


@asynccontextmanager
async def open_contenders(
    session: Session,
    specs: Sequence[Spec],
    *,
    judge: str | None = None,
    needs_models: bool = False,
    mapping: ColumnMap | None = None,
    streams: bool = False,
    context: int | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Opened]:
    """Open contenders for as long as the context lasts.

    Args:
        session: an open project whose options name the models of the specs (`models_of_specs`).
        specs: who is asked.
        judge: a model of `drt.toml` that will be asked as well.
        needs_models: open the models although no contender asks them.
        mapping: which column of imported files the source is; `None`: by the header.
        streams: answers are shown as they arrive.
        context: sentences before it that each question shows; `None`: as trained, or as `drt.toml` says.
        tell: is told what is being waited for.

    Raises:
        UsageProblem: a model that `drt.toml` does not have.
        DataError, PipelineError, TrainError: a file, model or run cannot be used.
    """
    asked = [spec.of for spec in specs if spec.kind == "model"]
    _check_models(session, [*asked, judge] if judge is not None else asked)
    async with AsyncExitStack() as opened:
        found: dict[str, Contender] = {}
        warnings: list[str] = []
        notes: list[str] = []
        for spec in specs:
            if spec.kind == "file":
                from train.evaluation.contenders.imported import imported

                found[spec.name] = imported(spec.name, Path(spec.of), spec.column, mapping)
        if local := [spec for spec in specs if spec.is_local]:
            served = await opened.enter_async_context(_served(session, local, context, tell))
            found |= {contender.name: contender for contender in served.contenders}
            warnings, notes = [*served.warnings], [*served.notes]
        models: Models | None = None
        if needs_models or judge is not None or any(spec.asks_models for spec in specs):
            models = await opened.enter_async_context(
                _models(session, specs, found, streams=streams, context=context)
            )
        contenders = tuple(found[spec.name] for spec in specs)
        yield Opened(Lineup(contenders, tuple(warnings), tuple(notes)), models)


@asynccontextmanager
async def _models(
    session: Session,
    specs: Sequence[Spec],
    found: dict[str, Contender],
    *,
    streams: bool,
    context: int | None,
) -> AsyncIterator[Models]:
    """Open the models, with the engine of the loop where it is asked for, and add who asks them."""
    if loops := [spec for spec in specs if spec.kind == "loop"]:
        from drt_tui.comparing.loop_contender import LoopContender
        from drt_tui.running.engines import open_engine

        async with open_engine(session) as opened:
            wanted = {} if context is None else {"context": context}
            engine = replace(opened, settings=opened.settings.model_copy(update=wanted))
            names = tuple(dict.fromkeys(name for of in session.settings.roles.root.values() for name in of))
            for spec in loops:
                told = "\x1f".join(told_of_model(session, name) for name in names)
                makers = tuple(maker_of_model(session, name) for name in names or (_BUILT_IN,))
                found[spec.name] = LoopContender(spec.name, engine, told, makers, streams)
            found |= _asked(session, specs, engine.models, streams=streams, context=context)
            yield engine.models
        return
    async with session.open_models() as models:
        found |= _asked(session, specs, models, streams=streams, context=context)
        yield models


def _asked(
    session: Session, specs: Sequence[Spec], models: Models, *, streams: bool, context: int | None
) -> dict[str, Contender]:
    from train.evaluation.contenders.model import ModelContender

    return {
        spec.name: ModelContender(
            spec.name, models, spec.of, told_of_model(session, spec.of), maker_of_model(session, spec.of),
            _format(session, context, with_tags=spec.drt_prompt), streams,
        )
        for spec in specs
        if spec.kind == "model"
    }  # fmt: skip


def told_of_model(session: Session, name: str) -> str:
    """Return all settings of a model that shape its answers."""
    model = session.settings.models.get(name)
    if model is None:
        return name
    return repr((model.model, model.base_url, model.max_tokens, sorted(model.extra_body.items())))


def maker_of_model(session: Session, name: str) -> str:
    """Return what its maker calls a model of the settings."""
    model = session.settings.models.get(name)
    return model.model if model is not None else name


def _format(session: Session, context: int | None, *, with_tags: bool) -> Format:
    from data.format import Format
    from train.serving.prompts import plain_format

    if with_tags:
        format = Format(session.source, session.target, context=session.settings.loop.context)
    else:
        format = plain_format(session.source, session.target)
    return format if context is None else replace(format, context=context)


def _check_models(session: Session, names: Sequence[str]) -> None:
    known = [*session.settings.models, *([_BUILT_IN] if session.built_in else [])]
    for name in names:
        if name not in known:
            raise UsageProblem(
                f"There is no [models.{name}].",
                hint=f"Models are: {', '.join(known) or 'none'}. Of contenders, these are known: {_KNOWN}",
            )


@asynccontextmanager
async def _served(
    session: Session, specs: Sequence[Spec], context: int | None, tell: Callable[[str], None]
) -> AsyncIterator[Lineup]:
    from train.serving.served import served

    sides = list(_sides(session, specs, context))
    async with served(sides, session.folder.logs, tell=tell) as serving:
        warnings = [
            f"{name}: {check.message} {check.fix}"
            for name, check in serving.checks.items()
            if check.level == "fail"
        ]
        notes = [f"{name}: {c.message}" for name, c in serving.checks.items() if c.level == "warn"]
        if serving.in_turn:
            notes.append(f"The sides answer one after the other: {serving.in_turn}.")
        yield Lineup(tuple(serving.contenders), tuple(warnings), tuple(notes))


def _sides(session: Session, specs: Sequence[Spec], context: int | None) -> Iterator[Side]:
    """Yield what is to be served; the backbone is that of the run that stands beside it."""
    from data.format import Format
    from train.run.control import find_run
    from train.serving.side import sides_of_run, sides_without_run

    runs = session.folder.runs
    newest = newest_run(runs)
    named = [find_run(runs, spec.of) for spec in specs if spec.kind == "run"]
    beside = newest if any(spec.kind == "drt" for spec in specs) else next(iter(named), newest)
    for spec in specs:
        of: RunFolder | None = beside
        if spec.kind == "run":
            of = named.pop(0)
        elif spec.kind != "backbone":
            of = newest_run(runs, outputs_only=spec.kind == "outputs-only")
        if of is None and spec.kind != "backbone":
            raise UsageProblem(f"There is no finished run for {spec.name}.", hint="Train one: drt-tui train")
        sides = sides_without_run(Format(session.source, session.target)) if of is None else sides_of_run(of)
        chosen = sides[int(spec.drt_prompt)] if spec.kind == "backbone" else sides[-1]
        format = chosen.format if context is None else replace(chosen.format, context=context)
        yield replace(chosen, name=spec.name, format=format)


def newest_run(runs: Path, *, outputs_only: bool = False) -> RunFolder | None:
    """Return the newest finished run that learned thoughts, or that learned outputs alone."""
    from train.run.observe import observe_all

    for run in observe_all(runs):
        if run.status == "done" and run.state is not None and run.state.settings.outputs_only is outputs_only:
            return run.folder
    return None
