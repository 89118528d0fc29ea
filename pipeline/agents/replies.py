"""Reading what models write: JSON with words around it, translations with labels, thoughts with preambles.

Every function raises `UnusableReply` with a sentence that can be shown to the model in a repair call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from data.text import nfc
from pipeline.errors import UnusableReply

_FENCE = re.compile(r"```[\w-]*[ \t]*\n?(.*?)(?:```|\Z)", re.DOTALL)
_TAG = re.compile(r"</?(?:thought|output|think|translation|s)>", re.IGNORECASE)
_LABEL = re.compile(
    r"^[\s*_#>]*(?:(?:final|literal|improved|refined|revised|new|my|the|draft|english|korean|chinese|target)\s+)*"
    r"(?:translation|translated sentence|output|answer|번역문?|최종 번역|译文|翻译)"
    r"(?:\s*\([^)]*\))?(?:\s+(?:is|would be|reads))?[*_]*\s*[:：][*_]*\s*",
    re.IGNORECASE,
)
_PREAMBLE = re.compile(
    r"^[\s*_]*(?:sure|certainly|of course|okay|ok|here(?:'s| is| are)|below is|the following|다음은|물론)\b"
    r".*[:：.!]\s*$",
    re.IGNORECASE,
)
_AFTERWORD = re.compile(
    r"^[\s*_(\[]*(?:notes?|explanation|(?:in )?this (?:translation|example|version|sentence)|the translation|"
    r"the original|i have|i(?:'ve)? (?:added|changed|used|kept|hope|made)|let me know|advice|sentence|"
    r"words that matter)\b",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "“": "”", "”": "”", "'": "'", "‘": "’", "«": "»", "「": "」", "『": "』", "`": "`"}


def usable(reply: str) -> str:
    """Return the reply in NFC, without lone surrogates, NUL and the fences or tags around all of it."""
    text = nfc(reply.encode("utf-8", "replace").decode().replace("\x00", "")).strip()
    if (fence := _FENCE.match(text)) is not None:
        text = fence[1]
    text = _TAG.sub("", text).strip()
    if not text:
        raise UnusableReply("The reply is empty.")
    return text


def unquoted(text: str) -> str:
    """Return `text` without one pair of quotation marks around the whole of it."""
    text = text.strip()
    if len(text) >= 2 and _QUOTES.get(text[0]) == text[-1]:
        inner = text[1:-1].strip()
        if inner and text[0] not in inner and text[-1] not in inner:
            return inner
    return text


def translation(reply: str) -> str:
    """Return the one line that is the translation, without label, quotation marks, preamble and notes."""
    lines = [line.strip() for line in usable(reply).splitlines() if line.strip()]
    announced = [number for number, line in enumerate(lines[:-1]) if _PREAMBLE.match(line)]
    if announced:
        del lines[: announced[-1] + 1]
    labelled = [line for line in lines if (match := _LABEL.match(line)) and line[match.end() :].strip()]
    if len(lines) > 1 and len(labelled) == 1:
        lines = labelled
    elif len(lines) > 1 and _LABEL.fullmatch(lines[0]):
        del lines[0]
    lines = _before_afterword(lines)
    if len(lines) > 1:
        raise UnusableReply(
            f"The reply has {len(lines)} lines. Answer with the translation alone, on one line."
        )
    text = unquoted(_LABEL.sub("", lines[0]))
    if not _has_words(text):
        raise UnusableReply("The reply holds no translation. Answer with the translation alone, on one line.")
    return text


def _before_afterword(lines: Sequence[str]) -> list[str]:
    for number, line in enumerate(lines[1:], 1):
        if _AFTERWORD.match(line):
            return list(lines[:number])
    return list(lines)


def prose(reply: str) -> str:
    """Return running text (advice, a thought) without preamble line."""
    lines = usable(reply).splitlines()
    if len(lines) > 1 and _PREAMBLE.match(lines[0]):
        del lines[0]
    text = "\n".join(line.strip() for line in lines if line.strip())
    if not _has_words(text):
        raise UnusableReply("The reply holds no words.")
    return text


def words_of(value: object) -> dict[str, tuple[str, ...]]:
    """Return keywords with their translations from any of the shapes that models give them."""
    if isinstance(value, Mapping):
        pairs = list(value.items())
    elif isinstance(value, list):
        pairs = [_pair(item) for item in value]
    else:
        pairs = []
    named = ((nfc(word.strip()), meant) for word, meant in pairs if isinstance(word, str))
    return {word: _meanings(meant) for word, meant in named if _has_words(word)}


def _pair(item: object) -> tuple[object, object]:
    """One keyword of a list: `{"word": …, "translations": […]}`, `{word: […]}` or the word alone."""
    if not isinstance(item, Mapping):
        return item, ()
    word = next((item[key] for key in ("word", "keyword", "term") if key in item), None)
    if word is not None:
        return word, next((item[key] for key in ("translations", "translation") if key in item), ())
    return next(iter(item.items()), (None, ()))


def _meanings(meant: object) -> tuple[str, ...]:
    entries = meant if isinstance(meant, list) else [meant]
    texts = (nfc(text.strip()) for text in entries if isinstance(text, str) and _has_words(text))
    return tuple(dict.fromkeys(texts))[:3]


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
