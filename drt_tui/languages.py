"""Which languages a project translates between: said in `drt.toml`, else guessed once and written there."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.store import Dataset

_ENOUGH = 500


def settle_languages(dataset: Dataset) -> None:
    """Guess the languages from the first sentences, and write them to `drt.toml`, unless it says them."""
    from data.importers import guess_languages
    from drt_tui.settings import load_settings, remember_languages

    project = load_settings(dataset.folder.settings).project
    if dataset.count() and not (project.source and project.target):
        first = (dataset.sentence(sentence) for sentence in islice(dataset.ids(), _ENOUGH))
        remember_languages(dataset.folder.settings, *guess_languages(first))
