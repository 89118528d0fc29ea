"""An output in which the model declines to translate."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_REFUSAL = re.compile(
    r"\W{0,3}(?:(?:i['’]?m|i am)\s+(?:very\s+)?sorry,?\s+(?:but\s+)?|sorry,\s+(?:but\s+)?|unfortunately,?\s+)?"
    r"(?:i|we)\s+(?:can(?:not|['’]t)|am unable to|['’]m unable to|won['’]t)\s+(?:\w+\s+)?"
    r"(?:translate|provide|assist|fulfil|comply|complete|process|help with (?:this|that)(?: request)?)"
    r"|\W{0,3}please provide (?:the|me)\b[^.]{0,60}\btext\b"
    r"|\W{0,3}(?:죄송하지만|죄송합니다)[^.]{0,40}(?:번역|제공|도와)[^.]{0,20}(?:없|어렵)"
    r"|\W{0,3}(?:抱歉|对不起|很抱歉)[，,][^。]{0,30}(?:无法|不能)[^。]{0,12}(?:翻译|提供|协助|满足)"
    r"|\W{0,3}(?:申し訳|すみません)[^。]{0,40}(?:翻訳|提供|お手伝い)[^。]{0,12}(?:できません|いたしかねます)",
    re.IGNORECASE,
)
_DECLINES = re.compile(
    r"미안|죄송|도와|도움|번역|제공|거절|sorry|help|assist|provide|translat|抱歉|对不起|帮|翻译|すみません|申し訳|助け|翻訳|\bAI\b",
    re.IGNORECASE,
)
"""A source in which somebody says such things."""
_AS_AN_AI = re.compile(r"\b[Aa]s an? (?:AI|language model|large language model)\b")


def _look(facts: Facts) -> Iterator[Hit]:
    match = _REFUSAL.match(facts.row.output) or _AS_AN_AI.search(facts.row.output)
    if match and not _DECLINES.search(facts.row.source):
        yield Hit(f"The model declines to translate: {match.group().strip()!r}.", match.span())


RULE = Rule(
    code="refusal",
    meaning="The output is the model's refusal, or its request for a text, and no translation.",
    severity="error",
    field="output",
    look=_look,
    bad=LintRow(source="그는 떠났다.", output="I'm sorry, but I can't assist with that."),
    good=LintRow(source="미안하지만 못 도와줘.", output="I'm sorry, but I can't help you."),
)
