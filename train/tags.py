"""How well answers keep to the format, told apart by what is wrong with them."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from data.format import Format

_LOOP_RATIO = 6
"""A text that deflates to less than a sixth repeats itself; prose deflates to a half or a third."""
_LOOP_BYTES = 200


class Sample(BaseModel):
    """One answer to a row. `cut`: it was stopped at the limit, before its end token."""

    model_config = ConfigDict(frozen=True)

    id: str
    answer: str
    tokens: int
    cut: bool


class TagRate(BaseModel):
    """Counts over `items` answers. One share would hide what went wrong, so each fault has its own."""

    model_config = ConfigDict(frozen=True)

    items: int = 0
    opened: int = 0
    """Begin with the first tag."""
    tagged: int = 0
    """Have every field, closed."""
    well_formed: int = 0
    """Tagged, in order, filled, nothing beside."""
    cut: int = 0
    looping: int = 0

    @classmethod
    def of(cls, samples: Sequence[Sample], format: Format) -> TagRate:
        """Count."""
        replies = [format.parse(sample.answer) for sample in samples]
        opening = format.answer("", "").split("\n", 1)[0]
        return cls(
            items=len(samples),
            opened=sum(sample.answer.lstrip().startswith(opening) for sample in samples),
            tagged=sum(reply.tagged for reply in replies),
            well_formed=sum(reply.well_formed for reply in replies),
            cut=sum(sample.cut for sample in samples),
            looping=sum(loops(sample.answer) for sample in samples),
        )

    @property
    def share(self) -> float:
        """Share of answers with every tag; 0 where nothing was asked."""
        return self.tagged / self.items if self.items else 0.0

    def words(self) -> str:
        """Return the counts as a sentence."""
        counts = (
            f"{name} {getattr(self, field)}"
            for name, field in (
                ("opened", "opened"), ("with all tags", "tagged"), ("well formed", "well_formed"),
                ("cut", "cut"), ("looping", "looping"),
            )
        )  # fmt: skip
        return f"of {self.items} answers: {', '.join(counts)}"


def loops(text: str) -> bool:
    """Whether a text repeats itself over and over."""
    raw = text.encode()
    return len(raw) >= _LOOP_BYTES and len(raw) > _LOOP_RATIO * len(zlib.compress(raw))
