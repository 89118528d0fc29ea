"""D1-D3: what can be seen while a model trains."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from train.doctor.check import Check, passed
from train.rows import IGNORED, Row

_WARM_UP = 10
_FLAT = 0.98
_RISE = 1.1
_LEARNED = 0.5


def first_batch(batch: Mapping[str, Sequence[Sequence[int]]] | None, rows: Sequence[Row]) -> Check:
    """D1: the first batch that the trainer saw holds our rows, token for token and label for label."""
    if batch is None:
        return Check("D1", "fail", "The trainer did not take its batches from our rows.", "Use --engine trl.")
    known = {tuple(row.ids): row for row in rows}
    for ids, labels, mask in zip(batch["input_ids"], batch["labels"], batch["attention_mask"], strict=True):
        kept = [place for place, shown in enumerate(mask) if shown]
        row = known.get(tuple(ids[place] for place in kept))
        if row is None:
            return Check("D1", "fail", "The trainer saw a row that is not ours.", "Use --engine trl.")
        hidden = [label for label, shown in zip(labels, mask, strict=True) if not shown]
        if [labels[place] for place in kept] != row.labels or any(label != IGNORED for label in hidden):
            return Check(
                "D1", "fail", f"The trainer changed the loss mask of row {row.id}.", "Use --engine trl."
            )
    return passed("D1", f"the trainer's first batch is {len(batch['input_ids'])} of our rows, unchanged")


def finite(loss: float | None, grad_norm: float | None, step: int) -> Check:
    """D2: loss and gradient are numbers."""
    for name, value in (("loss", loss), ("gradient", grad_norm)):
        if value is not None and not math.isfinite(value):
            fix = "Lower learning_rate (half of it, say), or set dtype = float32."
            return Check("D2", "fail", f"The {name} is {value} at step {step}.", fix)
    return passed("D2", "loss and gradients are numbers")


def progress(losses: Sequence[float], held_out: Sequence[float]) -> Check:
    """D2: the loss falls after the warm-up, and the held-out loss does not rise again."""
    if len(losses) >= 2 * _WARM_UP and _mean(losses[-_WARM_UP:]) > _FLAT * _mean(losses[:_WARM_UP]):
        fix = "Raise learning_rate (2e-4 is usual for LoRA), and see that targets name all projections."
        return Check("D2", "warn", "The loss does not fall.", fix)
    if len(held_out) >= 3 and held_out[-1] > _RISE * min(held_out):
        fix = "Fewer epochs, or more rows; the checkpoint before the rise may be the better model."
        return Check("D2", "warn", "The held-out loss rises again: the rows are being learned by heart.", fix)
    return passed("D2", "the loss falls")


def learning(opening: Sequence[float], ending: Sequence[float]) -> Check:
    """D3: by the end the model expects the first tag after a prompt, and the end token after an answer."""
    if not opening:
        return Check(
            "D3", "warn", "No held-out row was probed.", "Hold some out: valid > 0, or drt-tui split."
        )
    if opening[-1] < _LEARNED or ending[-1] < _LEARNED:
        what = "the first tag" if opening[-1] < _LEARNED else "the end of an answer"
        message = f"The model does not expect {what} (p = {min(opening[-1], ending[-1]):.2f})."
        return Check("D3", "warn", message, "Train longer (epochs), or raise learning_rate.")
    return passed("D3", f"p(first tag) {opening[-1]:.2f}, p(end) {ending[-1]:.2f}")


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
