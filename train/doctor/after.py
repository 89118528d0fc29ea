"""A2-A5: what a trained model does, judged from what was measured of it."""

from __future__ import annotations

from collections.abc import Sequence

from train.doctor.check import Check, Level, passed
from train.tags import TagRate

_EFFECT = 1e-3
_GOOD_RATE = 0.95
_POOR_RATE = 0.5
_AGREEMENT = 0.99
_ROUGH_AGREEMENT = 0.95

_NESTED = "It was probably saved from a model with LoRA put on twice; train again from the plain backbone."


def loaded(missing: Sequence[str], unexpected: Sequence[str]) -> Check:
    """A2: every weight of the adapter found its place. Libraries only warn, and only once, when none does."""
    missing = [key for key in missing if "lora_" in key]
    unexpected = [key for key in unexpected if "lora_" in key]
    if missing or unexpected:
        message = (
            f"{len(missing)} adapter weights are missing and {len(unexpected)} fit nowhere when it is loaded."
        )
        nested = any("base_model.model.base_model" in key for key in unexpected)
        fix = _NESTED if nested or not unexpected else "It belongs to another backbone: load it on its own."
        return Check("A2", "fail", message, fix)
    return passed("A2", "every adapter weight is loaded")


def recognised(difference: float, named: str) -> Check:
    """A2: the backbone is the one that was trained; another one of its shape takes an adapter just as well.

    `difference` is the share of sampled weights that are not those of the training.
    """
    message = f"It was trained over other weights than these: {difference:.0%} of those compared differ."
    return Check("A2", "fail", message, f"Give {named} as it was at the training: --backbone.")


def renamed(named: str, given: str) -> Check:
    """A2: an adapter fits, but names another backbone, and nothing tells what its weights were."""
    message = f"Every adapter weight is loaded, but it names {named} as its backbone, and this is {given}."
    return Check("A2", "warn", message, f"Unless both are the same model: --backbone {named}.")


def effect(logit_difference: float, loss_with: float, loss_without: float) -> Check:
    """A3: the adapter changes what the model says, and towards the held-out answers.

    The losses are means over the tokens of held-out answers, with the adapter and without.
    """
    if logit_difference < _EFFECT:
        message = f"The adapter has no effect: logits differ by {logit_difference:.1e}."
        return Check("A3", "fail", message, "See A1 and A2: its weights are zero or were not loaded.")
    if loss_with >= loss_without:
        message = f"Held-out answers became less likely: loss {loss_without:.2f} -> {loss_with:.2f}."
        return Check("A3", "warn", message, "Fewer epochs, a lower learning_rate, or more rows.")
    return passed("A3", f"held-out loss {loss_without:.2f} -> {loss_with:.2f}")


def behaviour(rate: TagRate) -> Check:
    """A4: greedy answers to held-out prompts carry the tags and end."""
    if rate.items == 0:
        return Check("A4", "warn", "No row was answered.", "Hold some out: valid > 0, or drt-tui split.")
    if rate.share >= _GOOD_RATE:
        return passed("A4", f"tags in {rate.share:.0%}; {rate.words()}")
    level: Level = "warn" if rate.share >= _POOR_RATE else "fail"
    return Check("A4", level, f"Tags in {rate.share:.0%} only; {rate.words()}.", _remedy(rate))


def export(agreement: float, backbone: float | None, *, exact: bool) -> Check:
    """A5: an exported model makes the choices of the trained one, not those of the backbone.

    `agreement` is the share of equal first choices over held-out answers, `backbone` the same for
    the backbone; `exact` for exports in 16 bits, which lose next to nothing.
    """
    said = f"agrees with the trained model in {agreement:.1%} of tokens"
    if agreement >= (_AGREEMENT if exact else _ROUGH_AGREEMENT):
        return passed("A5", said)
    if backbone is not None and agreement <= backbone:
        return Check(
            "A5", "fail", "The export answers as the backbone does: nothing was merged.", "See A1 and A2."
        )
    if exact:
        return Check("A5", "fail", f"The export {said} only.", "Export again; if it stays, report it.")
    return Check("A5", "warn", f"The export {said} only.", "Export a larger size (q8_0 or f16).")


def tokens(differing: Sequence[str]) -> Check:
    """A6 for a GGUF, which carries a tokenizer of its own: it makes the training's tokens of our rows.

    `differing` are ids of rows of which it makes others.
    """
    if differing:
        message = f"Its own tokenizer reads {len(differing)} of the rows in other tokens, {differing[0]} among them."
        return Check("A6", "fail", message, "Convert the merged model with llama.cpp's own converter.")
    return passed("A6", "its own tokenizer makes the training's tokens of our rows")


def _remedy(rate: TagRate) -> str:
    if rate.looping > rate.items / 3:
        return "It repeats itself: train longer, and look for repetitive thoughts with drt-tui lint."
    if rate.cut > rate.items / 3:
        return (
            "Answers were cut before their end: shorter thoughts, or train longer so that it learns to stop."
        )
    return "Train longer, or see A1-A3: tags are learned within a few dozen steps where an adapter is loaded."
