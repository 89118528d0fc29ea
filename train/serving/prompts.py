"""How a side is asked: in the format of the training, or as somebody asks who wants a translation only."""

from __future__ import annotations

from data.format import Format
from train.evaluation.contender import Question


def plain_format(source_language: str, target_language: str) -> Format:
    """Return the plain prompt: no thought, no tags, the whole answer is the output."""
    return Format(
        source_language,
        target_language,
        system="You are a professional translator.",
        user="Translate the following text from {source_language} to {target_language}. "
        "Answer with the translation only.\n{source}",
        output_tag="",
        with_thought=False,
    )


def messages(format: Format, question: Question) -> list[dict[str, str]]:
    """Return the conversation that ends with the question; earlier turns as they were asked and answered."""
    asked = format.prompt(question.source, question.before)
    system, now = asked[:-1], asked[-1]
    earlier = [
        message
        for turn in question.history
        for message in (
            format.prompt(turn.question)[-1],
            {"role": "assistant", "content": turn.answer},
        )
    ]
    return [*system, *earlier, now]
