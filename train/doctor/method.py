"""B9: whether learning rate and LoRA targets suit the method and the backbone."""

from __future__ import annotations

from collections.abc import Sequence

from train.doctor.check import Check, passed
from train.plan import Plan
from train.settings import TrainSettings

LORA_RATES = (5e-5, 5e-4)
FULL_RATE_LIMIT = 5e-5


def rates(plan: Plan, settings: TrainSettings) -> Check:
    """B9, before loading: learning rate and targets make sense for the method."""
    rate = plan.learning_rate
    low, high = (0.0, FULL_RATE_LIMIT) if plan.method == "full" else LORA_RATES
    if not low <= rate <= high:
        kind = "full training" if plan.method == "full" else "LoRA"
        usual = "1e-5" if plan.method == "full" else "2e-4"
        side = "high" if rate > high else "low"
        return Check("B9", "warn", f"A learning rate of {rate:g} is {side} for {kind}.", f"Usual: {usual}.")
    return passed("B9", f"learning rate {rate:g} suits {plan.method}")


def trainable(modules: Sequence[str], targets: Sequence[str], trained: int, *, wrapped: bool) -> Check:
    """B9, after loading: the targets exist, something is trained, and LoRA is put on once.

    `wrapped` says that the model was a PEFT model before LoRA was put on it: its adapter would be
    saved under names that nothing finds again.
    """
    if wrapped:
        return Check(
            "B9",
            "fail",
            "The backbone carries LoRA already.",
            "Start from the plain model, or merge it first.",
        )
    if missing := missing_targets(modules, targets):
        return Check(
            "B9",
            "fail",
            f"The backbone has no module {', '.join(missing)}.",
            "Set targets to modules it has.",
        )
    if trained == 0:
        return Check("B9", "fail", "No weight would be trained.", "Check targets and method.")
    return passed("B9", f"{trained:,} weights are trained")


def missing_targets(modules: Sequence[str], targets: Sequence[str]) -> list[str]:
    """Return the targets that no module of the backbone is named after."""
    leaves = {name.rsplit(".", 1)[-1] for name in modules}
    return [target for target in targets if target not in leaves]
