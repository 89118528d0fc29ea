"""`drt-tui init`: a project directory with its settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command


@command("init")
def init(
    invocation: Invocation,
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where [default: --project, else here].")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="CODE", help="Language of the sentences.")
    ] = None,
    target: Annotated[
        str | None, typer.Option("--target", metavar="CODE", help="Language to translate to.")
    ] = None,
) -> Outcome:
    """Make a project: its directory and a drt.toml to fill in."""
    import sys

    from drt_tui.project.project_file import write_project_file

    if sys.stdin.isatty() and not invocation.json:
        source = source or typer.prompt("Language of the sentences", default="ko", err=True)
        target = target or typer.prompt("Language to translate to", default="en", err=True)
    path = write_project_file(directory or invocation.project or Path.cwd(), source or "ko", target or "en")
    return Outcome({"settings": str(path)}, f"{path}\nNext: drt-tui --project {path.parent} import FILE")
