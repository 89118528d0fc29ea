"""The source text within the prompt of somebody's training row."""

from __future__ import annotations

import re

from data.format import Format

_LEAD_IN = re.compile(
    r"\A[^\n]{0,300}?(?:translat|번역|옮기|翻译|翻譯|訳)[^\n]{0,300}?[:：][ \t]*\n*(?P<source>.+)\Z",
    re.DOTALL | re.IGNORECASE,
)
_TRAILING_LABEL = re.compile(
    r"\n\s*(?:translation|english|korean|chinese|output|번역)\s*[:：]\s*\Z", re.IGNORECASE
)
_WRAPPING = (("```", "```"), ('"', '"'), ("“", "”"), ("'", "'"))


def source_of(prompt: str, formats: tuple[Format, ...]) -> str:
    """Return the text to translate.

    It is what `formats` put into their template, what follows a request to translate, or else the
    whole prompt.
    """
    for template in map(_template, dict.fromkeys(each.user for each in formats)):
        if match := template.search(prompt):
            return match["source"].strip()
    lead_in = _LEAD_IN.match(prompt.strip())
    source = _TRAILING_LABEL.sub("", lead_in["source"] if lead_in else prompt).strip()
    for opening, closing in _WRAPPING:
        inner = source.removeprefix(opening).removesuffix(closing)
        if lead_in and len(source) - len(inner) == len(opening + closing) and opening not in inner:
            return inner.strip()
    return source


def _template(user: str) -> re.Pattern[str]:
    """Return what recognises a filled-in user template, whatever languages it names."""
    escaped = re.escape(user)
    for language in ("source_language", "target_language"):
        escaped = escaped.replace(re.escape(f"{{{language}}}"), r"[^\n]{1,40}?")
    return re.compile(escaped.replace(re.escape("{source}"), r"(?P<source>.+)") + r"\Z", re.DOTALL)
