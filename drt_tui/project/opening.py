"""Opening a project for a command: where it lies, its dataset, and a session on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from data.errors import NotSaved
from data.store import Dataset, ProjectFolder
from drt_tui.errors import UsageProblem
from drt_tui.logs import log_to
from drt_tui.narration import narrate
from drt_tui.project.languages import settle_languages
from drt_tui.project.models import ModelOptions, askable, model_label, uses_built_in, way_to_models
from drt_tui.project.session import Session
from drt_tui.project.settings import load_settings


def locate(project: Path | None) -> ProjectFolder:
    """Return the folder of `--project`, else of the nearest `drt.toml` upwards, else the current one."""
    return ProjectFolder(project.resolve()) if project else ProjectFolder.find(Path.cwd())


@contextmanager
def changing(folder: ProjectFolder, annotator: str | None = None) -> Iterator[Dataset]:
    """Open the dataset to change it, making the project if need be; fold it at the end.

    Where the disk refuses the fold, that is told and no error: every change is saved in the journal.

    Raises:
        SettingsProblem: `drt.toml` cannot be used; nothing was done then.
        UsageProblem: the directory cannot be made.
    """
    load_settings(folder.settings)
    try:
        folder.root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "Name another --project DIR."
        raise UsageProblem(f"{folder.root} cannot be made: {error.strerror}.", hint=hint) from error
    log_to(folder.logs)
    with Dataset.open(folder, annotator=annotator) as dataset:
        yield dataset
        try:
            dataset.fold()
        except NotSaved as problem:
            narrate(f"All changes are saved, but still in dataset.journal. {problem.message} {problem.hint}")


def has_dataset(folder: ProjectFolder) -> bool:
    """Whether there is a dataset in the folder."""
    return folder.holds_rows()


def require_dataset(folder: ProjectFolder) -> None:
    """Raise `UsageProblem` where there is no dataset in the folder."""
    if not has_dataset(folder):
        raise UsageProblem(
            f"There is no dataset in {folder.root}.",
            hint="Name the project with --project DIR, or make one: drt-tui import FILE",
        )


@contextmanager
def reading(folder: ProjectFolder) -> Iterator[Dataset]:
    """Open the dataset to read it; no file is made.

    Raises:
        UsageProblem: there is no dataset in the folder.
    """
    require_dataset(folder)
    with Dataset.open(folder, read_only=True) as dataset:
        yield dataset


def open_session(
    dataset: Dataset, options: ModelOptions, *, first: tuple[str, ...] = (), preferred: Iterable[str] = ()
) -> Session:
    """Return the project of an open dataset with its settings and the way to its models.

    `first` are the sentences to show before all others, in their order; `preferred` those to show
    before the rest, in the order that is set.

    Raises:
        SettingsProblem: `drt.toml` or the options cannot be used.
        PipelineError: no endpoint is set, and the built-in model is not installed.
    """
    folder = dataset.folder
    settle_languages(dataset)
    settings = load_settings(folder.settings, base_url=options.base_url, model=options.model, for_models=True)
    models = askable(settings, options) if options.screen else ()
    if models:
        options = replace(options, also=models)
    return Session(
        settings=settings,
        folder=folder,
        dataset=dataset,
        open_models=way_to_models(folder, settings, options),
        built_in=uses_built_in(settings, options),
        model_label=model_label(settings, options),
        title=folder.root.name,
        notices=tuple(dataset.notices),
        models=models,
        ids=first or None,
        preferred=frozenset(preferred),
    )
