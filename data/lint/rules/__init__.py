"""All rules over one row, in the order in which their findings are listed."""

from __future__ import annotations

from data.lint.rule import Rule
from data.lint.rules import empty, labels, language, lines, markup, missing, truncated, voice

ROW_RULES: tuple[Rule, ...] = (
    empty.EMPTY_SOURCE,
    empty.EMPTY_OUTPUT,
    empty.EMPTY_THOUGHT,
    missing.RULE,
    labels.LABEL,
    labels.PREAMBLE,
    labels.NOTE,
    lines.RULE,
    markup.TAGS,
    markup.TOKENS,
    markup.FENCE,
    markup.MARKDOWN,
    language.LANGUAGE,
    language.SCRIPT,
    truncated.CUT_OFF,
    truncated.NO_FINAL_PUNCTUATION,
    voice.THOUGHT_PREAMBLE,
    voice.OUTSIDE_VOICE,
    voice.THIRD_PERSON,
    voice.MACHINERY,
)
