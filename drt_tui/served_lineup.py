"""Backbone and DRT model of a run, served on this machine for as long as they are compared."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from data.format import Format
from drt_tui.lineup import Lineup, OpenLineup
from drt_tui.session import Session
from train.run.folder import RunFolder
from train.run.observe import Run, observe_all
from train.serving.side import Side, sides_of_run, sides_without_run

NO_RUN = "nothing is trained yet: drt-tui train --backbone built-in makes a DRT model to compare"
OUTPUTS_ONLY = "outputs only"


def served_lineup(session: Session, run: RunFolder | None = None) -> OpenLineup:
    """Return a way to open a run's sides; `None`: of the newest finished run, or of the built-in model.

    A finished run of the same backbone that was trained on outputs alone stands beside them.
    """

    @asynccontextmanager
    async def open_lineup(tell: Callable[[str], None]) -> AsyncIterator[Lineup]:
        from train.serving.served import served

        sides = sides_to_compare(session, run)
        async with served(sides, session.folder.logs, tell=tell) as serving:
            failed = [(name, check) for name, check in serving.checks.items() if check.level != "pass"]
            notes = [] if any(side.is_trained for side in sides) else [NO_RUN]
            if serving.in_turn:
                notes.append(f"the sides answer one after the other: {serving.in_turn}")
            notes += [f"{name}: {check.message}" for name, check in failed if check.level == "warn"]
            yield Lineup(
                serving.contenders,
                tuple(
                    f"{name}: {check.message} {check.fix}" for name, check in failed if check.level == "fail"
                ),
                tuple(notes),
            )

    return open_lineup


def sides_to_compare(session: Session, run: RunFolder | None) -> list[Side]:
    """Return the sides; without any finished run the built-in model, asked in both ways.

    Raises:
        RunProblem: the run that was named cannot be read.
    """
    done = [each for each in observe_all(session.folder.runs) if each.status == "done"]
    if run is None:
        chosen = next((each for each in done if not _is_outputs_only(each)), next(iter(done), None))
        run = chosen.folder if chosen is not None else None
    if run is None:
        return sides_without_run(Format(session.source, session.target))
    sides = sides_of_run(run)
    backbone = next((each.state for each in done if each.folder == run), None)
    for each in done:
        is_alike = backbone and each.state and each.state.settings.backbone == backbone.settings.backbone
        if each.folder != run and is_alike and _is_outputs_only(each):
            return [*sides, sides_of_run(each.folder, name=OUTPUTS_ONLY)[-1]]
    return sides


def _is_outputs_only(run: Run) -> bool:
    return run.state is not None and run.state.settings.outputs_only
