"""What blind votes come to: win rates, and pairs for preference training where somebody wants them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.store import Dataset

if TYPE_CHECKING:
    from train.evaluation.votes import Vote


@dataclass(frozen=True, slots=True)
class VoteCount:
    """The votes of a project, counted."""

    data: dict[str, Any]
    text: str


def count_votes(dataset: Dataset, pairs: Path | None, *, with_held_out: bool) -> VoteCount:
    """Count the votes, and write them as `dpo` pairs to `pairs` if that is set.

    Pairs of held-out sentences are left out, unless `with_held_out`: whoever trains on them can no
    longer be tested on them.

    Raises:
        FileProblem: the file cannot be written.
    """
    from drt_tui.comparing.evaluation_text import tables_text
    from train.evaluation.reports.sections import strength_tables
    from train.evaluation.results import strength_as_json
    from train.evaluation.standings import strength_of
    from train.evaluation.votes import VoteFile, duels

    votes = VoteFile(dataset.folder.votes).standing()
    strength = strength_of((a, b, points) for a, b, points, _ in duels(votes))
    data: dict[str, Any] = {
        "votes": len(votes),
        "by": dict(Counter(vote.by for vote in votes)),
        "verdicts": dict(Counter(vote.verdict for vote in votes)),
        "wins": None if strength is None else strength_as_json(strength),
    }
    text = f"{len(votes):,} votes" if votes else "Nobody has voted yet: drt-tui compare, then b for blind."
    if strength is not None:
        text += "\n\n" + tables_text(strength_tables("Blind votes", strength))
    if pairs is not None:
        data["pairs"], told = _write_pairs(dataset, votes, pairs, with_held_out=with_held_out)
        text += f"\n\n{told}"
    return VoteCount(data, text)


def _write_pairs(
    dataset: Dataset, votes: Sequence[Vote], path: Path, *, with_held_out: bool
) -> tuple[dict[str, Any], str]:
    from data.exporters.files import write_lines
    from data.format import Format
    from drt_tui.project.settings import load_settings
    from train.evaluation.vote_pairs import LeftOut, preference_rows

    settings = load_settings(dataset.folder.settings)
    format = Format(
        settings.project.source or "ko", settings.project.target or "en", context=settings.loop.context
    )
    held_out = () if with_held_out else {row.id for row in dataset.rows() if row.is_held_out}
    left_out = LeftOut()
    rows = list(preference_rows(votes, format, held_out, left_out))
    write_lines(path, rows)
    told = f"{len(rows):,} pairs in {path}"
    if left_out.held_out:
        told += f"; {left_out.held_out:,} of held-out sentences left out (--held-out takes them)"
    if left_out.unusable:
        told += f"; {left_out.unusable:,} are equal, empty or hold tags"
    data = {
        "file": str(path), "rows": len(rows), "held_out": left_out.held_out, "unusable": left_out.unusable,
    }  # fmt: skip
    return data, told
