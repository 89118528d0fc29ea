"""Who is compared on a screen: what `--contenders` says, else backbone and DRT model of a run."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from drt_tui.contenders import Spec, newest_run, open_contenders, read_specs
from drt_tui.lineup import Lineup, OpenLineup
from drt_tui.session import Session
from pipeline.llm.builtin_files import number_of_cores
from train.run.folder import RunFolder
from train.run.observe import observe_all
from train.run.state import read_state

_CORES_FOR_THREE = 3
NO_RUN = "nothing is trained yet: drt-tui train --backbone built-in makes a DRT model to compare"


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
