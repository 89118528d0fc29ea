"""The settings of a run as a form: which belong together, how each is written, and what it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError

from train.plan import Plan
from train.settings import TrainSettings

UNDECIDED = "auto"
"""How a value is written that is decided when the run is planned."""

GROUPS: Mapping[str, Sequence[str]] = {
    "what trains": ("backbone", "engine", "method"),
    "rows": ("statuses", "valid", "max_length", "unfit", "seed"),
    "baselines": ("outputs_only", "uncurated"),
    "learning": (
        "epochs", "max_steps", "learning_rate", "batch", "accumulation", "schedule", "warmup",
        "weight_decay", "max_grad_norm",
    ),
    "LoRA": ("rank", "alpha", "dropout", "targets"),
    "looking": ("eval_every", "save_every", "probes", "tag_rows"),
    "machine": ("dtype", "gradient_checkpointing", "optimizer", "threads", "gpus", "trust_remote_code"),
}  # fmt: skip
"""Every setting, in the order in which a person meets them."""

_PLANNED = (
    "engine", "method", "learning_rate", "dtype", "gradient_checkpointing", "optimizer", "eval_every",
    "save_every",
)  # fmt: skip
_BOOLS = {"yes": True, "no": False}
_SEVERAL = ("statuses", "targets")


def written(value: object) -> str:
    """Return a value as the form shows it, and as `changed` reads it."""
    match value:
        case None:
            return UNDECIDED
        case bool():
            return "yes" if value else "no"
        case float():
            short = f"{value:g}"
            return short if float(short) == value else repr(value)
        case Enum():
            return str(value.value)
        case tuple() | list():
            return ", ".join(written(part) for part in value)
        case _:
            return str(value)


def default_of(name: str) -> Any:
    """Return a setting's value where nobody chose one."""
    return TrainSettings.model_fields[name].default


def reason_for(name: str) -> str:
    """Return what a setting does and why its default is what it is."""
    return TrainSettings.model_fields[name].description or ""


def choices_of(name: str) -> tuple[str, ...]:
    """Return all values a setting may have, as written; empty where they cannot be counted."""
    kinds = _kinds(TrainSettings.model_fields[name].annotation)
    words: list[str] = []
    for kind in kinds:
        if kind is NoneType:
            words.insert(0, UNDECIDED)
        elif kind is bool:
            words += _BOOLS
        elif get_origin(kind) is Literal:
            words += get_args(kind)
        else:
            return ()
    return tuple(words)


def next_choice(settings: TrainSettings, name: str) -> TrainSettings:
    """Return the settings with the next of a setting's choices."""
    choices = choices_of(name)
    now = choices.index(written(getattr(settings, name)))
    return changed(settings, name, choices[(now + 1) % len(choices)])


def changed(settings: TrainSettings, name: str, text: str) -> TrainSettings:
    """Return the settings with one of them as it was typed; nothing typed means its default.

    Raises:
        ValueError: it cannot have this value; the message says so in words.
    """
    text = text.strip()
    value = _read(name, text) if text else default_of(name)
    try:
        return TrainSettings.model_validate(settings.model_dump() | {name: value})
    except ValidationError as error:
        said = error.errors(include_url=False)[0]["msg"]
        raise ValueError(f"{name} cannot be {text!r}: {said[:1].lower()}{said[1:]}") from error


def planned(plan: Plan, settings: TrainSettings, name: str) -> str | None:
    """Return what a plan made of a setting that was left open; `None` where it was not, or is not told."""
    value = getattr(settings, name)
    if value is not None and value != UNDECIDED:
        return None
    if name == "max_steps":
        return written(plan.steps)
    return written(getattr(plan, name)) if name in _PLANNED else None


def _read(name: str, text: str) -> Any:
    if name in _SEVERAL:
        return tuple(part for part in text.replace(",", " ").split() if part)
    kinds = _kinds(TrainSettings.model_fields[name].annotation)
    if text == UNDECIDED and NoneType in kinds:
        return None
    return _BOOLS.get(text, text) if bool in kinds else text


def _kinds(annotation: Any) -> tuple[Any, ...]:
    """Return the parts of a union, or the type itself."""
    is_plain = annotation is None or get_origin(annotation) in {None, Literal, tuple}
    return (annotation,) if is_plain else get_args(annotation)
