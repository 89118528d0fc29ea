"""What is held out, once and for good: by hash at the import, by near-duplicates before a model is asked.

Comparing all sentences takes seconds, so the import only notes that it is still to be done. Whoever is
about to show sentences to a model, or to train on them, lets it be done first.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from drt_tui.narration import narrate, now_and_then

if TYPE_CHECKING:
    from data.near_duplicates import Progress
    from data.records import Sentence
    from data.store import Dataset, ProjectFolder
    from drt_tui.project.session import Session

USUAL_TEST_SHARE = 0.10
_TEST_SHARE = "test-share"
"""Where the dataset keeps the share that was asked for."""
_COMPARED = "compared"
"""Where the dataset keeps which sentences were compared."""


class _Compared(NamedTuple):
    """The first so many sentences were compared; of the rest, some brought their split along."""

    sentences: int
    kept: frozenset[str]


class _Cancelled(Exception):
    """Nobody waits for the comparison any longer."""


def share_of(dataset: Dataset | None, asked: float | None = None) -> float:
    """Return the share of groups to hold out: what is asked, else what was the last time, else a tenth."""
    kept = dataset.meta(_TEST_SHARE) if dataset is not None else None
    return next((float(share) for share in (asked, kept) if share is not None), USUAL_TEST_SHARE)


def keep_share(dataset: Dataset, asked: float | None) -> None:
    """Keep the share that was asked for."""
    if asked is not None and asked != dataset.meta(_TEST_SHARE):
        dataset.note_meta(_TEST_SHARE, asked)


def frozen(dataset: Dataset | None, new: Sequence[Sentence], test_share: float) -> list[Sentence]:
    """Return the new sentences with their splits; the old ones are read only where that can matter."""
    from data.split import Shares, freeze_splits, may_hold_out

    shares = Shares.of(test_share)
    if dataset is None:
        return freeze_splits(new, (), shares)
    begun = any(dataset.held_out().values())
    if not may_hold_out(new, dataset.groups(), shares, begun=begun):
        return list(new)
    return freeze_splits(new, (dataset.sentence(sentence) for sentence in dataset.ids()), shares)


def note_kept(dataset: Dataset, brought_along: Iterable[str]) -> None:
    """Note new sentences whose splits came with their file, and are no longer to be moved."""
    compared = _compared(dataset)
    kept = compared.kept | frozenset(brought_along)
    if kept != compared.kept:
        _note(dataset, _Compared(compared.sentences, kept))


def moving(dataset: Dataset, progress: Progress | None = None) -> list[Sentence]:
    """Return the sentences that are to go where a near-duplicate of theirs is, with their new splits.

    Takes seconds where some of many sentences are new and some are held out. Changes nothing.
    """
    from data.split import Shares, follow_near_duplicates

    compared = _compared(dataset)
    if compared.sentences >= dataset.count() or not any(dataset.held_out().values()):
        return []
    sentences = [dataset.sentence(sentence) for sentence in dataset.ids()]
    is_new = [
        number >= compared.sentences and each.id not in compared.kept for number, each in enumerate(sentences)
    ]
    return follow_near_duplicates(sentences, is_new, Shares.of(share_of(dataset)), progress=progress)


def settle(dataset: Dataset, progress: Progress | None = None) -> int:
    """Move near-duplicates to one side, where that is still to be done; return how many were moved.

    Raises:
        StoreError: the splits could not be saved; what was saved is moved again without harm.
    """
    count = dataset.count()
    if dataset.read_only or _compared(dataset).sentences >= count:
        return 0
    moved = moving(dataset, progress)
    dataset.update_sentences(moved)
    _note(dataset, _Compared(count, frozenset()))
    return len(moved)


def settle_project(folder: ProjectFolder) -> None:
    """Settle what is held out in a project whose rows are about to be trained on, or to test a model."""
    from drt_tui.project.opening import changing, reading

    with reading(folder) as dataset:
        if _compared(dataset).sentences >= dataset.count():
            return
    with changing(folder) as dataset:
        settle(dataset, telling())


async def settled(session: Session, tell: Callable[[str], object] | None = None) -> None:
    """Let near-duplicates be settled before a model is asked; the screen stays alive, and it can be cancelled.

    `tell` is told now and then, from another thread, how far it is; without it, stderr is.
    """
    from data.store import Dataset

    shown = session.dataset
    if shown.read_only or _compared(shown).sentences >= shown.count():
        return
    is_cancelled, has_told = threading.Event(), threading.Event()

    def say(line: str) -> None:
        has_told.set()
        (tell or narrate)(line)

    told = now_and_then(_line, say)

    def progress(done: int, of: int) -> None:
        if is_cancelled.is_set():
            raise _Cancelled
        told(done, of)

    def work() -> None:
        # A dataset of its own: the one on screen is read and changed meanwhile.
        with Dataset.open(session.folder, annotator=shown.annotator) as dataset:
            settle(dataset, progress)

    try:
        await asyncio.to_thread(work)
    except asyncio.CancelledError:
        is_cancelled.set()
        raise
    if has_told.is_set():
        say("near-duplicates are on one side now")
    shown.follow()


def telling() -> Progress:
    """Return what tells on stderr how far the comparison is."""
    return now_and_then(_line)


def _line(done: int, of: int) -> str:
    return f"looking for near-duplicates: {done:,} of {of:,} sentences"


def _compared(dataset: Dataset) -> _Compared:
    noted = dataset.meta(_COMPARED) or {}
    return _Compared(noted.get("sentences", 0), frozenset(noted.get("kept", ())))


def _note(dataset: Dataset, compared: _Compared) -> None:
    dataset.note_meta(_COMPARED, {"sentences": compared.sentences, "kept": sorted(compared.kept)})
