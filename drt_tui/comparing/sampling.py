"""How answers are drawn, in words that can be shown and typed."""

from __future__ import annotations

import re
from dataclasses import replace

from train.evaluation.contender import Sampling

_FIELD = re.compile(r"(?P<name>[a-z_-]+)\s*[=:]?\s*(?P<value>[0-9.]+|auto)\s*[,·]?\s*")
_NAMES = {
    "temperature": "temperature",
    "temp": "temperature",
    "t": "temperature",
    "top_p": "top_p",
    "top-p": "top_p",
    "seed": "seed",
    "max": "max_tokens",
    "tokens": "max_tokens",
}
HINT = "temperature 0.7 top_p 0.9 seed 3 max 400, or greedy"


def told_sampling(sampling: Sampling) -> str:
    """Return the settings in a few words."""
    most = "" if sampling.max_tokens is None else f" · max {sampling.max_tokens}"
    if sampling.temperature == 0:
        return f"greedy{most}"
    top = "" if sampling.top_p == 1 else f" · top_p {sampling.top_p:g}"
    return f"temperature {sampling.temperature:g}{top} · seed {sampling.seed}{most}"


def typed_sampling(sampling: Sampling) -> str:
    """Return the settings as they can be typed."""
    most = "auto" if sampling.max_tokens is None else sampling.max_tokens
    return f"temperature {sampling.temperature:g} top_p {sampling.top_p:g} seed {sampling.seed} max {most}"


def read_sampling(text: str, now: Sampling) -> Sampling:
    """Return the settings that a text names, the others as they are.

    Raises:
        ValueError: it says something else, or a value that no server would take.
    """
    text = text.strip().lower()
    if text == "greedy":
        return replace(now, temperature=0.0, top_p=1.0)
    changes: dict[str, float | int | None] = {}
    place = 0
    while place < len(text):
        match = _FIELD.match(text, place)
        name = _NAMES.get(match["name"]) if match else None
        if match is None or name is None:
            raise ValueError(f"{text[place:].strip()!r} is not understood; e.g. {HINT}")
        changes[name] = _value(name, match["value"])
        place = match.end()
    return replace(now, **changes)  # type: ignore[arg-type]


def _value(name: str, text: str) -> float | int | None:
    if name == "max_tokens" and text == "auto":
        return None
    try:
        value = float(text) if name in {"temperature", "top_p"} else int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no value of {name}") from None
    limits = {
        "temperature": (0.0, 5.0),
        "top_p": (0.01, 1.0),
        "seed": (0, 2**31 - 1),
        "max_tokens": (1, 32_768),
    }
    low, high = limits[name]
    if not low <= value <= high:
        raise ValueError(f"{name} goes from {low:g} to {high:g}")
    return value
