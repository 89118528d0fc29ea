"""`drt-tui train`: from curated rows to a model, in a process that outlives the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from drt_tui.cli.command import Invocation, Outcome, command

if TYPE_CHECKING:
    from data.store import ProjectFolder
    from drt_tui.training.setting_out import TrainingOrder
    from train import Prepared


@command("train")
def train(
    invocation: Invocation,
    check: Annotated[
        bool, typer.Option("--check", "--dry-run", help="All checks and what would be trained; then stop.")
    ] = False,
    engine: Annotated[
        Literal["auto", "unsloth", "trl"] | None, typer.Option("--engine", help="What trains.")
    ] = None,
    backbone: Annotated[
        str | None,
        typer.Option("--backbone", metavar="MODEL", help="A Hugging Face id, a folder, or built-in."),
    ] = None,
    method: Annotated[
        Literal["auto", "qlora", "lora", "full"] | None,
        typer.Option("--method", help="LoRA on 4-bit or whole weights, or all weights."),
    ] = None,
    outputs_only: Annotated[
        bool, typer.Option("--outputs-only", help="The same rows without their thoughts: a baseline.")
    ] = False,
    uncurated: Annotated[
        bool, typer.Option("--uncurated", help="The judged candidates as they were made: a baseline.")
    ] = False,
    status: Annotated[
        list[str] | None,
        typer.Option("--status", metavar="STATUS", help="accepted (with edited), auto … [repeatable]"),
    ] = None,
    epochs: Annotated[float | None, typer.Option("--epochs", help="Passes over the rows.")] = None,
    steps: Annotated[
        int | None, typer.Option("--steps", metavar="N", min=1, help="Stop after so many.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option("--learning-rate", "--lr")] = None,
    rank: Annotated[int | None, typer.Option("--rank", help="Of LoRA; alpha stays as it is set.")] = None,
    batch: Annotated[int | None, typer.Option("--batch", help="Rows at once on the device.")] = None,
    max_length: Annotated[
        int | None, typer.Option("--max-length", help="Tokens a row may have; longer ones are refused.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", help="Of row order, held-out idioms and first weights.")
    ] = None,
    gpus: Annotated[
        int | None, typer.Option("--gpus", metavar="N", min=1, help="Through accelerate launch.")
    ] = None,
    name: Annotated[str, typer.Option("--name", help="Of the run's folder, behind its number.")] = "",
    notes: Annotated[str, typer.Option("--notes", metavar="TEXT", help="Kept with the run.")] = "",
    detach: Annotated[
        bool, typer.Option("--detach", help="Return once the run has started or was told to stop.")
    ] = False,
    screen: Annotated[bool, typer.Option("--screen", help="Open the Train screen.")] = False,
    listing: Annotated[bool, typer.Option("--list", help="Show all runs.")] = False,
    attach: Annotated[
        str | None, typer.Option("--attach", metavar="RUN", help="Watch a run; ctrl+c leaves it running.")
    ] = None,
    stop: Annotated[
        str | None, typer.Option("--stop", metavar="RUN", help="Stop a run, with a checkpoint.")
    ] = None,
    discard: Annotated[bool, typer.Option("--discard", help="With --stop: no checkpoint.")] = False,
    resume: Annotated[
        str | None, typer.Option("--resume", metavar="RUN", help="Go on from the last checkpoint.")
    ] = None,
    delete: Annotated[
        str | None, typer.Option("--delete", metavar="RUN", help="Delete a run and all it holds; asks.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --delete: do not ask.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a check failed.")] = False,
) -> Outcome:
    """Train on the curated rows; ctrl+c stops with a checkpoint, all else is in [train] of drt.toml."""
    from drt_tui.cli import train_runs as runs
    from drt_tui.cli.train_screen import shown
    from drt_tui.project.opening import locate

    folder = locate(invocation.project)
    _one_wish({
        "--check": check, "--screen": screen, "--list": listing, "--attach": attach, "--stop": stop,
        "--resume": resume, "--delete": delete,
    })  # fmt: skip
    wishes: tuple[tuple[object, Callable[[], Outcome]], ...] = (
        (screen, lambda: shown(folder)),
        (listing, lambda: runs.listed(folder)),
        (attach, lambda: runs.attached(folder, attach or "", strict=strict)),
        (stop, lambda: runs.stopped(folder, stop or "", save=not discard, detach=detach)),
        (resume, lambda: runs.resumed(folder, resume or "", detach=detach, strict=strict)),
        (delete, lambda: runs.deleted(folder, delete or "", ask=not (yes or invocation.json))),
    )
    for wish, grant in wishes:
        if wish:
            return grant()
    changes = {
        "engine": engine, "backbone": backbone, "method": method, "outputs_only": outputs_only or None,
        "uncurated": uncurated or None, "statuses": _statuses(status), "epochs": epochs, "max_steps": steps,
        "learning_rate": learning_rate, "rank": rank, "batch": batch, "max_length": max_length, "seed": seed,
        "gpus": gpus,
    }  # fmt: skip
    asked = {name: value for name, value in changes.items() if value is not None}
    if not check:  # which only looks, and changes nothing
        _settle(folder)
    prepared, order = _prepared(folder, asked, name, notes)
    if check:
        return runs.checked(prepared.report)
    if not prepared.report.ok:
        return runs.refused(prepared.report)
    return runs.started(folder, prepared, order, detach=detach, strict=strict)


def _one_wish(wishes: Mapping[str, object]) -> None:
    from drt_tui.errors import UsageProblem

    named = [option for option, wish in wishes.items() if wish]
    if len(named) > 1:
        raise UsageProblem(f"{named[0]} and {named[1]} are two wishes.", hint="Give one of them.")


def _statuses(names: list[str] | None) -> tuple[str, ...] | None:
    from drt_tui.project.exporting import statuses_named

    return tuple(sorted(statuses_named(names))) if names else None


def _settle(folder: ProjectFolder) -> None:
    from drt_tui.project.holding_out import settle_project

    settle_project(folder)


def _prepared(
    folder: ProjectFolder, asked: Mapping[str, object], name: str, notes: str
) -> tuple[Prepared, TrainingOrder]:
    from drt_tui.narration import now_and_then
    from drt_tui.project.holding_out import moving, telling
    from drt_tui.project.opening import reading
    from drt_tui.project.settings import load_settings
    from drt_tui.training.setting_out import TrainingOrder, chosen_settings, prepare

    settings = load_settings(folder.settings)
    order = TrainingOrder(chosen_settings(settings, asked), name, notes)
    tell = now_and_then(lambda done, of: f"rows prepared: {done:,} of {of:,}")
    with reading(folder) as dataset:
        moved = {each.id: each.split for each in moving(dataset, telling())}
        return prepare(dataset, settings, order, tell, moved), order
