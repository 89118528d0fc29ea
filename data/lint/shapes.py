"""The shapes in which thought and output are published, and how a row is read out of each.

Flat rows (`{text|source, trans|output, thought}` and their like), chat messages, ShareGPT, Alpaca and
prompt-completion; thought and output apart, or in one reply with tags.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from data.format import LANGUAGE_NAMES, Format, Trouble
from data.lint.row import LintRow, row_of_example
from data.records import Draft, Example
from data.text import nfc

SOURCE_KEYS = ("source", "text", "src", "source_text", "original", "sentence", "input", "query", "원문")
OUTPUT_KEYS = (
    "output",
    "trans",
    "translation",
    "target",
    "tgt",
    "answer",
    "response",
    "final_translation",
    "번역",
)
THOUGHT_KEYS = (
    "thought",
    "thoughts",
    "think",
    "thinking",
    "reasoning",
    "reasoning_content",
    "cot",
    "rationale",
)
GROUP_KEYS = ("group", "idiom", "관용구")
REFERENCE_KEYS = ("reference", "references", "ref")
EXPECTED = (
    "{text|source, trans|output, thought}, {messages: [...]}, {conversations: [...]}, "
    "{instruction, input, output} or {prompt, completion}"
)

_TAGGED = Format(source_language="", target_language="")
_THINK = re.compile(r"^\s*<think(?:ing)?>(.*?)</think(?:ing)?>(.*)$", re.DOTALL)
_ANY_TAG = re.compile(rf"</?(?:{_TAGGED.thought_tag}|{_TAGGED.output_tag})>")
_ASKS = re.compile(
    r"^[^\n]*\b(?:translate|translation)\b[^\n]*[:：][ \t]*$|^[^\n]*(?:번역|翻译|翻譯|翻訳)[^\n]*[:：][ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_ASKS_IN_LINE = re.compile(r"^[^\n:：]*(?:\btranslate\b|번역|翻译|翻譯|翻訳)[^\n:：]*[:：]\s*", re.IGNORECASE)
_FROM_TO = re.compile(
    rf"\bfrom ({'|'.join(LANGUAGE_NAMES.values())}) (?:in)?to ({'|'.join(LANGUAGE_NAMES.values())})\b"
)
_CHAIN = TypeAdapter(tuple[Draft, ...])
_CODES = {name: code for code, name in LANGUAGE_NAMES.items()}
_ASKING, _ANSWERING = frozenset({"user", "human"}), frozenset({"assistant", "gpt", "model"})


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why no row could be read out of a JSON object."""

    reason: str


def read_fields(fields: Mapping[str, object]) -> LintRow | Unfit:
    """Return the row that a JSON object holds; its thought is `None` where it has no place for one."""
    if isinstance(fields.get("drafts"), list) and isinstance(fields.get("id"), str):
        exported = _exported(fields)
        if exported:
            return exported
    row = _of_shape(fields)
    return row if isinstance(row, Unfit) else _with_rest(row, fields)


def _of_shape(fields: Mapping[str, object]) -> LintRow | Unfit:
    if "messages" in fields:
        return _chat(fields["messages"], "role", "content")
    if "conversations" in fields:
        return _chat(fields["conversations"], "from", "value")
    if "completion" in fields:
        return _prompted(fields.get("prompt"), fields["completion"])
    if "instruction" in fields:
        return _prompted(fields.get("input") or fields["instruction"], fields.get("output"))
    return _flat(fields)


def _with_rest(row: LintRow, fields: Mapping[str, object]) -> LintRow:
    """Return the row with what stands beside its texts, whatever its shape."""
    by_name = _by_name(fields)
    return replace(
        row,
        references=_references(by_name),
        group=next((text for name in GROUP_KEYS if (text := _text(by_name.get(name)))), None),
        drafts=_drafts(by_name.get("drafts")),
        finish_reason=_text(by_name.get("finish_reason")) or "",
    )


def found_keys(fields: Mapping[str, object]) -> str:
    """Return the keys of a row for a message."""
    return ", ".join(list(fields)[:12]) or "none"


def _exported(fields: Mapping[str, object]) -> LintRow | None:
    try:
        return row_of_example(Example.model_validate(fields))
    except ValidationError:  # somebody else's row that happens to have these keys
        return None


def _flat(fields: Mapping[str, object]) -> LintRow | Unfit:
    by_name = _by_name(fields)
    source_key, output_key, thought_key = (
        next((name for name in names if name in by_name), None)
        for names in (SOURCE_KEYS, OUTPUT_KEYS, THOUGHT_KEYS)
    )
    if source_key is None or output_key is None:
        return Unfit(f"has the keys {found_keys(fields)}; expected {EXPECTED}")
    texts = {key: _text(by_name[key]) for key in (source_key, output_key, thought_key) if key}
    for key, text in texts.items():
        if text is None:
            return Unfit(f"{key!r} is no text but {type(by_name[key]).__name__}")
    row = LintRow(
        source=texts[source_key] or "",
        output=texts[output_key] or "",
        thought=texts[thought_key] if thought_key else None,
    )
    return row if thought_key else _untagged(row)


def _by_name(fields: Mapping[str, object]) -> dict[str, object]:
    return {name.strip().casefold(): value for name, value in fields.items()}


def _drafts(value: object) -> tuple[Draft, ...]:
    """Return the drafts of a row if each of them can be read; a chain with a gap tells nothing."""
    try:
        return _CHAIN.validate_python(value)
    except ValidationError:
        return ()


def _references(by_name: Mapping[str, object]) -> tuple[str, ...]:
    for name in REFERENCE_KEYS:
        value = by_name.get(name)
        values = value if isinstance(value, list) else [value]
        texts = tuple(text for text in map(_text, values) if text)
        if texts:
            return texts
    return ()


def _chat(messages: object, speaker: str, content: str) -> LintRow | Unfit:
    if not isinstance(messages, Sequence) or isinstance(messages, str):
        return Unfit(f"its messages are no list but {type(messages).__name__}")
    asked = _last(messages, speaker, content, _ASKING)
    reply = _last(messages, speaker, content, _ANSWERING)
    if asked is None or reply is None:
        return Unfit(f"its messages have no {'question' if asked is None else 'answer'} in text")
    row = _prompted(asked, reply)
    thought = next(
        (
            text
            for message in messages
            if isinstance(message, Mapping)
            and message.get(speaker) in _ANSWERING
            and (text := _text(message.get("reasoning_content")))
        ),
        None,
    )
    if isinstance(row, LintRow) and row.thought is None and thought:
        return replace(row, thought=thought)
    return row


def _last(messages: Sequence[object], speaker: str, content: str, roles: frozenset[str]) -> str | None:
    texts = [
        _text(message.get(content))
        for message in messages
        if isinstance(message, Mapping) and message.get(speaker) in roles
    ]
    return texts[-1] if texts else None


def _prompted(prompt: object, reply: object) -> LintRow | Unfit:
    if isinstance(prompt, list) and isinstance(reply, list):
        return _chat([*prompt, *reply], "role", "content")
    asked, answered = _text(prompt), _text(reply)
    if asked is None or answered is None:
        return Unfit("prompt or reply is no text")
    named = _FROM_TO.search(asked)
    languages = (_CODES[named[1]], _CODES[named[2]]) if named else None
    return _untagged(LintRow(source=_without_question(asked), output=answered, languages=languages))


def _without_question(asked: str) -> str:
    """Return the sentence to translate out of a user's message, less the request in front of it."""
    requests = list(_ASKS.finditer(asked))
    if requests and asked[requests[-1].end() :].strip():
        return asked[requests[-1].end() :].strip()
    inline = _ASKS_IN_LINE.match(asked)
    rest = asked[inline.end() :].strip() if inline else ""
    return rest if requests or inline else asked.strip()


def _untagged(row: LintRow) -> LintRow:
    """Return the row with a tagged reply in its output taken apart."""
    reply = row.output
    if _ANY_TAG.search(reply):
        parsed = _TAGGED.parse(reply)
        troubles: tuple[Trouble, ...] = parsed.troubles
        if "no-output" in troubles and "no-thought" in troubles:
            return row
        return replace(row, thought=parsed.thought, output=parsed.output, troubles=troubles)
    thinking = _THINK.match(reply)
    if thinking:
        return replace(row, thought=thinking[1].strip(), output=thinking[2].strip())
    return row


def _text(value: object) -> str | None:
    """Return `value` as NFC text; nothing for null, `None` for what is no text."""
    if value is None:
        return ""
    return nfc(value).replace("\r\n", "\n") if isinstance(value, str) else None
