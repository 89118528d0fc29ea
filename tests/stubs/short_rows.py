"""Short training rows from a seeded template, for trainings that a test can wait for."""

from __future__ import annotations

import random

from train.rows import Item

_THINGS = (
    "river",
    "stone",
    "heart",
    "foot",
    "lamp",
    "paper",
    "bird",
    "wind",
    "salt",
    "door",
    "hand",
    "night",
)


def short_items(count: int, *, seed: int = 0) -> list[Item]:
    """Return rows of 90 to 110 tokens in SmolLM2, each idiom with two sentences."""
    rng = random.Random(seed)
    return [_item(number, *rng.sample(_THINGS, 3)) for number in range(count)]


def _item(number: int, first: str, second: str, third: str) -> Item:
    return Item(
        id=f"row-{number}",
        source=f"{first} {second} {third}",
        thought=f"I look at {first} first. Word for word I would say {second} and {third}. That is flat, "
        f"so I turn it around and keep the image of the {first}.",
        output=f"The {first} keeps its {second} and its {third}.",
        group=f"idiom-{number // 2}",
    )
