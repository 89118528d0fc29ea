"""What is translated in an evaluation: held-out sentences, and into which slices they fall."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles

from data.records import Sentence
from train.evaluation.contender import Question

LITERAL = "literal use"
UNSEEN = "unseen idiom"
SEEN = "seen idiom"
PLAIN = "plain"
_FEWEST_FOR_LENGTHS = 9


@dataclass(frozen=True, slots=True)
class EvaluationItem:
    """A sentence with all that its translations are held against."""

    question: Question
    group: str | None
    references: tuple[str, ...]
    """Independent ones that nobody marked as bad."""
    own_style: tuple[str, ...]
    """References that a pipeline wrote: they reward whoever writes like that pipeline."""
    edited: str | None
    """The output as a person left it after editing, where that happened."""
    slices: tuple[str, ...]
    sentence: Sentence

    @property
    def id(self) -> str:
        """Of the sentence."""
        return self.question.id


def items_of(
    sentences: Sequence[Sentence],
    *,
    seen_groups: Collection[str],
    edited: Mapping[str, str],
    before: Mapping[str, tuple[str, ...]],
) -> tuple[EvaluationItem, ...]:
    """Return the items of sentences.

    Args:
        sentences: what to translate.
        seen_groups: groups of which training has sentences.
        edited: by sentence, the output that a person made by editing.
        before: by sentence, the sentences before it, oldest first.
    """
    bounds = _length_bounds(sentences)
    seen = {_name(group) for group in seen_groups}
    return tuple(
        EvaluationItem(
            question=Question(each.id, each.source, before.get(each.id, ())),
            group=each.group,
            references=tuple(
                ref.text for ref in each.references if ref.good and ref.origin != "pipeline" and ref.text
            ),
            own_style=tuple(
                ref.text for ref in each.references if ref.good and ref.origin == "pipeline" and ref.text
            ),
            edited=edited.get(each.id),
            slices=tuple(_slices(each, seen, bounds)),
            sentence=each,
        )
        for each in sentences
    )


def _slices(sentence: Sentence, seen: Collection[str], bounds: tuple[float, float] | None) -> Iterable[str]:
    if any("literal" in each.casefold() for each in sentence.phenomena):
        yield LITERAL
    elif sentence.group:
        yield SEEN if _name(sentence.group) in seen else UNSEEN
    else:
        yield PLAIN
    if sentence.register_:
        yield f"register: {sentence.register_}"
    if bounds is not None:
        low, high = bounds
        length = len(sentence.source)
        if length <= low:
            yield f"short source (to {low:.0f} characters)"
        elif length <= high:
            yield f"middle source (to {high:.0f} characters)"
        else:
            yield f"long source (over {high:.0f} characters)"


def _length_bounds(sentences: Sequence[Sentence]) -> tuple[float, float] | None:
    """Return the thirds of the lengths; `None` for so few sentences that thirds say nothing."""
    if len(sentences) < _FEWEST_FOR_LENGTHS:
        return None
    low, high = quantiles([len(each.source) for each in sentences], n=3)
    return float(int(low)), float(int(high))


def _name(group: str) -> str:
    return " ".join(group.split()).casefold()
