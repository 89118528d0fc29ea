"""`drt-tui train --screen`: the Train screen by itself."""

from __future__ import annotations

import sys

from data.store import ProjectFolder
from drt_tui.cli.command import Outcome


def shown(folder: ProjectFolder) -> Outcome:
    """Show the runs of a project, or what a first one would train, until the person leaves.

    Raises:
        UsageProblem: there is no terminal.
    """
    from drt_tui.app import DrtApp
    from drt_tui.errors import UsageProblem
    from drt_tui.project.models import ModelOptions
    from drt_tui.project.opening import changing, open_session
    from drt_tui.screens.train import TrainScreen
    from train import runs

    if not sys.stdout.isatty():
        raise UsageProblem("--screen needs a terminal.", hint="Without one, use: drt-tui train --check")
    with changing(folder) as dataset:
        session = open_session(dataset, ModelOptions(screen=True))
        DrtApp(session, opening=TrainScreen(session)).run()
    going_on = [run.id for run in runs(folder.runs) if run.status == "running"]
    said = f"{', '.join(going_on)} goes on without you." if going_on else "Nothing is running."
    return Outcome({"running": going_on}, f"{said} Come back with: drt-tui train --screen")
