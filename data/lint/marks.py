"""Marks of a reply that do not belong into its text: tags, chat-control tokens, Markdown fences."""

from __future__ import annotations

import re

TAG = re.compile(
    r"</?(?:thought|thoughts|think|thinking|reasoning|reflection|output|answer|final|final_answer|translation|"
    r"response|result|source|text|target|trans|translated|scratchpad|json|xml)\s*/?>"
    r"|</(?!s>)[a-z][\w-]*\s*>|<(?:br|hr|em|strong|span|div|ul|ol|li|html|body|h[1-6])\s*/?>"
    r"|\[/?(?:thought|output|translation|answer|think)\]",
    re.IGNORECASE,
)
"""A tag of the training format, of those that other sets and models use, or of HTML; what closes is always one."""

CONTROL_TOKEN = re.compile(
    r"<\|[A-Za-z0-9_▁ ]{1,40}\|>|<｜[^<>\n]{1,40}｜>|\[/?INST\]|<<?/?SYS>>?|</?s>|<(?:bos|eos|pad|unk)>"
    r"|<(?:start|end)_of_turn>|\[(?:BOS|EOS|PAD|CLS|SEP)\]"
    r"|(?m:^###\s*(?:Response|Instruction|Input|Output)\s*:)"
)
FENCE = re.compile(r"```\w*\n?|~~~\w*\n")
_AT_END = re.compile(rf"(?:\s*(?i:{TAG.pattern})|\s*(?:{CONTROL_TOKEN.pattern}))+\s*\Z")
_AT_START = re.compile(rf"\s*(?:(?i:{TAG.pattern})\s*|(?:{CONTROL_TOKEN.pattern})\s*)+")
_LONGEST = 80
"""Letters at the end among which marks are looked for."""


def may_have_marks(text: str) -> bool:
    """Tell, at little cost, whether `text` can hold a tag or a token at all."""
    return "<" in text or "[" in text or "#" in text


def without_marks(text: str) -> str:
    """Return `text` less tags and tokens at its start and end; those amid it are for a person."""
    if not may_have_marks(text):
        return text
    start = _AT_START.match(text)
    bare = text[start.end() :] if start else text
    end = _AT_END.search(bare, max(0, len(bare) - _LONGEST))
    bare = bare[: end.start()] if end else bare
    return bare if bare.strip() else text
