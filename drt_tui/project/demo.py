"""The demo project: worked examples to judge in the first minute, and sample sentences behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from drt_tui.errors import UsageProblem

if TYPE_CHECKING:
    from data.store import Dataset

_MARK = "demo"


def fill_demo(dataset: Dataset) -> tuple[str, ...]:
    """Fill an empty dataset with our samples; return the ids to show first.

    Raises:
        UsageProblem: the project is somebody's own.
    """
    from data.samples import sample_sentences, worked_examples

    worked = worked_examples()
    if not dataset.meta(_MARK):
        if dataset.count():
            raise UsageProblem(
                "--demo works on a project of its own, and this one has sentences.",
                hint="Leave out --project, or name an empty directory.",
            )
        dataset.add_sentences([example.sentence for example in worked])
        dataset.add_sentences(sample_sentences("ko"))
        for example in worked:
            dataset.add_candidate(example.candidate)
        dataset.note_meta(_MARK, True)
    return tuple(example.sentence.id for example in worked)
