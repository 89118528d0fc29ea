"""Reading a chat completion: text, reasoning, tokens; and refusing what cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data.text import nfc
from pipeline.errors import UnusableReply
from pipeline.llm.reasoning import cut_reasoning

LONGEST = 1_000_000
"""Characters that an answer and its reasoning may have; no model of today says more in one answer."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What an endpoint says a call took."""

    prompt: int = 0
    cached: int = 0
    completion: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A chat completion as received, the reasoning apart."""

    text: str
    reasoning: str = ""
    finish_reason: str = ""
    refusal: str = ""
    served_by: str = ""
    tokens: Tokens | None = None
    """`None` where the endpoint did not say."""

    def check_usable(self, name: str, *, may_be_cut: bool = False) -> None:
        """Make sure that there is a whole answer, or with `may_be_cut` some of one.

        Raises:
            UnusableReply: it was filtered, refused, cut off or is empty.
        """
        if self.finish_reason == "content_filter":
            raise UnusableReply(f"{name}: the endpoint's content filter withheld the answer")
        if self.refusal:
            raise UnusableReply(f"{name} refused: {self.refusal[:200]}")
        if self.finish_reason == "length" and not (may_be_cut and self.text):
            hint = f"Raise models.{name}.max_tokens." if self.text or self.reasoning else ""
            raise UnusableReply(f"{name}: the answer was cut off at the token limit", hint=hint)
        if not self.text:
            what = "reasoning without an answer" if self.reasoning else "an empty answer"
            raise EmptyReply(f"{name} sent {what}")


class EmptyReply(UnusableReply):
    """There is nothing in the answer; that may be an accident."""


class NotACompletion(ValueError):
    """The answer's JSON is no chat completion; says why."""


def read_answer(data: object) -> Answer:
    """Read the JSON of an unstreamed answer.

    Raises:
        NotACompletion: it has another shape, or is endless.
    """
    if not isinstance(data, Mapping):
        raise NotACompletion("JSON that is no chat completion")
    choices = data.get("choices")
    if not isinstance(choices, list) or not choices:
        raise NotACompletion("an answer without choices")
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, Mapping) else None
    if not isinstance(message, Mapping):
        raise NotACompletion("an answer without a message")
    content = text_of(message.get("content"))
    reasoning = text_of(message.get("reasoning_content") or message.get("reasoning"))
    check_length(len(content) + len(reasoning))
    return assemble(
        content=content,
        reasoning=reasoning,
        finish_reason=_name(choice.get("finish_reason")),
        refusal=_name(message.get("refusal")),
        served_by=_name(data.get("model")),
        tokens=read_tokens(data.get("usage")),
    )


def check_length(characters: int) -> None:
    """Make sure that an answer can be handled at all.

    Raises:
        NotACompletion: it is longer than `LONGEST`.
    """
    if characters > LONGEST:
        raise NotACompletion(f"an answer of more than {LONGEST:,} characters")


def assemble(
    *,
    content: str,
    reasoning: str,
    finish_reason: str,
    refusal: str,
    served_by: str,
    tokens: Tokens | None,
    keeps_tags: bool = False,
) -> Answer:
    """Return the answer, reasoning cut off its text and counted; with `keeps_tags` all text is answer."""
    text, thoughts = (content, "") if keeps_tags else cut_reasoning(content)
    reasoning = whole_characters("\n".join(filter(None, (reasoning.strip(), thoughts))))
    text = whole_characters(text.strip())
    if tokens is not None and reasoning and not tokens.reasoning:
        share = len(reasoning) / (len(reasoning) + len(text))
        tokens = Tokens(tokens.prompt, tokens.cached, tokens.completion, round(tokens.completion * share))
    return Answer(text, reasoning, finish_reason, whole_characters(refusal), served_by, tokens)


def read_tokens(usage: object) -> Tokens | None:
    """Read a `usage` object; `None` where it says nothing."""
    if not isinstance(usage, Mapping):
        return None
    prompt, completion = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    if prompt is None or completion is None:
        return None
    details = usage.get("prompt_tokens_details")
    cached = (
        details.get("cached_tokens") if isinstance(details, Mapping) else usage.get("prompt_cache_hit_tokens")
    )
    details = usage.get("completion_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, Mapping) else None
    return Tokens(
        prompt, min(_count(cached) or 0, prompt), completion, min(_count(reasoning) or 0, completion)
    )


def text_of(content: object) -> str:
    """Return a message's text, which some endpoints send as a list of parts.

    Raises:
        NotACompletion: it is neither.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, Mapping)]
        return "".join(part for part in parts if isinstance(part, str))
    raise NotACompletion("an answer whose content is no text")


def whole_characters(text: str) -> str:
    """Return `text` in NFC, torn surrogate pairs joined and lonely ones replaced."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return nfc(text)


def _count(value: object) -> int | None:
    if isinstance(value, float) and value.is_integer():  # JSON knows no whole numbers: 12.0 is 12
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _name(value: object) -> str:
    return value if isinstance(value, str) else ""
