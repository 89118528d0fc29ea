"""Who is compared on a screen: what `--contenders` says, else backbone and DRT model of a run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from drt_tui.comparing.contenders import Spec, newest_run, open_contenders, read_specs
from drt_tui.comparing.lineup import Lineup, OpenLineup
from drt_tui.errors import UsageProblem
from drt_tui.project.session import Session
from pipeline.llm.builtin_files import number_of_cores
from train.run.folder import RunFolder
from train.run.observe import observe_all
from train.run.state import read_state
from train.serving.elsewhere import Elsewhere, served_elsewhere
from train.serving.side import sides_of_run

_CORES_FOR_THREE = 3
_KEY = "OPENAI_API_KEY"
"""Variable that holds the key of an endpoint on another machine."""
NO_RUN = "nothing is trained yet; drt-tui train --backbone built-in makes a DRT model"


def lineup_for_screen(
    session: Session, specs: Sequence[Spec] = (), run: RunFolder | None = None
) -> OpenLineup:
    """Return a way to open contenders that stream; without `specs` those of a run, by default of the newest one.

    The session's options must name the models of the specs.
    """

    @asynccontextmanager
    async def open_lineup(tell: Callable[[str], None]) -> AsyncIterator[Lineup]:
        chosen = specs or usual_specs(session, run)
        async with open_contenders(session, chosen, streams=True, tell=tell) as opened:
            is_trained = any(spec.kind in {"drt", "run"} for spec in chosen)
            notes = opened.lineup.notes if specs or is_trained else (NO_RUN, *opened.lineup.notes)
            yield replace(opened.lineup, notes=notes)

    return open_lineup


def lineup_elsewhere(
    session: Session, place: Elsewhere, run: RunFolder | None = None, *, allow_http: bool = False
) -> OpenLineup:
    """Return a way to ask an endpoint that serves a run's backbone and DRT model by name.

    Raises:
        UsageProblem: no run is finished that could say how its model was trained.
    """
    run = run or newest_run(session.folder.runs)
    if run is None:
        raise UsageProblem("No run is finished yet.", hint="Train one: drt-tui train")
    sides = sides_of_run(run)

    @asynccontextmanager
    async def open_lineup(tell: Callable[[str], None]) -> AsyncIterator[Lineup]:
        tell(f"asking {place.base_url}")
        async with served_elsewhere(sides, place, allow_http=allow_http) as serving:
            checks = serving.checks.items()
            failed = tuple(f"{name}: {c.message} {c.fix}" for name, c in checks if c.level == "fail")
            open_ones = tuple(f"{name}: {c.message}" for name, c in checks if c.level == "warn")
            yield Lineup(serving.contenders, failed, open_ones)

    return open_lineup


def read_elsewhere(base_url: str, names: str) -> Elsewhere:
    """Return the place that `--served-at` and `--served-as` name: `BACKBONE,DRT`, or `NAME` with an adapter.

    Raises:
        UsageProblem: the names cannot be understood.
    """
    backbone, comma, trained = (part.strip() for part in names.partition(","))
    if backbone and trained:
        return Elsewhere(base_url, backbone, trained, api_key_env=_KEY)
    if backbone and not comma:
        return Elsewhere(base_url, backbone, backbone, adapter=0, api_key_env=_KEY)
    raise UsageProblem(
        f"{names!r} names no backbone and DRT model.",
        hint="--served-as BACKBONE,DRT as the endpoint calls them; one NAME for llama-server with --lora.",
    )


def usual_specs(session: Session, run: RunFolder | None) -> tuple[Spec, ...]:
    """Return a run's backbone asked in both ways, and its DRT model; without a run the built-in model.

    A finished run of the same backbone that was trained on outputs alone stands beside them, where there
    is a core for it: with fewer, none of them could answer at the same time.

    Raises:
        RunProblem: the run that was named cannot be read.
    """
    run = run or newest_run(session.folder.runs)
    told = ["backbone", "backbone+drt"]
    if run is not None:
        told.append(f"DRT model=run:{run.id}")
        backbone = read_state(run).settings.backbone
        others = observe_all(session.folder.runs) if number_of_cores() >= _CORES_FOR_THREE else ()
        for other in others:
            settings = other.state.settings if other.state is not None else None
            if other.status != "done" or settings is None or other.id == run.id:
                continue
            if settings.outputs_only and settings.backbone == backbone:
                told.append(f"outputs only=run:{other.id}")
                break
    return read_specs(told)
