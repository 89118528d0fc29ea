"""Which languages a project translates between: said in `drt.toml`, else guessed once and written there."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.records import Sentence
    from data.store import Dataset

_ENOUGH = 500


def settle_languages(dataset: Dataset, others: Iterable[Sentence] = ()) -> None:
    """Guess the languages from the first sentences, and write them to `drt.toml`, unless it says them.

    `others` are sentences that the dataset does not hold; they count where it holds too few.
    """
    from data.importers import guess_languages
    from drt_tui.project.settings import load_settings, remember_languages

    project = load_settings(dataset.folder.settings).project
    if project.source and project.target:
        return
    held = (dataset.sentence(sentence) for sentence in islice(dataset.ids(), _ENOUGH))
    if first := list(islice(chain(held, others), _ENOUGH)):
        remember_languages(dataset.folder.settings, *guess_languages(first))
