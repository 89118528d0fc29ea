"""A thought that opens with words about itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.phrases import any_of
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_KIND = any_of(
    "self[- ]?reflection\\w*, reflective \\w+, thought process, thinking process, train of thought, chain of thought,"
    "inner monologue, first[- ]person \\w+, rewritten \\w+, rephrased \\w+, reformulat\\w+, polished \\w+,"
    "translation process"
)
_PRESENTS = any_of("here['’]s, here is, here are, below is, below are, the following is")
_AGREES = any_of("sure, certainly, of course, okay, alright, absolutely, great")
_HEADING = any_of(
    "self[- ]?reflection, self[- ]?reflection description, thought process, translation process, thinking process,"
    "reasoning, reflection, thought"
)
_KOREAN_KIND = any_of("자기 ?성찰, 성찰, 사고 ?과정, 생각의 ?흐름, 독백, 번역 ?과정, 서술, 설명")
_CHINESE_KIND = any_of("自我反思, 反思, 思考过程, 思维过程, 独白, 翻译过程, 描述")
_JAPANESE_KIND = any_of("内省, 思考過程, 独白, 翻訳過程, 自己省察, 描写")
_PREAMBLE = re.compile(
    rf"\W{{0,4}}(?:{_AGREES}\b[^\n.:]{{0,60}}[.:!,]?\s*)?{_PRESENTS}\s[^\n.:]{{0,100}}\b{_KIND}\b[^\n.:]{{0,200}}"
    r"(?:[:.]|\n)[\s*_#-]*"
    r"|\W{0,4}(?:sure|certainly|of\s+course|absolutely)!\s*"
    rf"|\W{{0,6}}{_HEADING}(?:\s+(?:on|of|description)\b[^\n:]{{0,60}})?[*_]{{0,3}}\s*(?::|\n)[\s*_#-]*"
    rf"|\W{{0,4}}다음은[^\n.:：]{{0,80}}{_KOREAN_KIND}[^\n.:：]{{0,30}}[.:：\n]\s*"
    rf"|\W{{0,4}}(?:好的[，,。！]?\s*)?(?:以下|下面|这)是[^\n。:：]{{0,60}}{_CHINESE_KIND}[^\n。:：]{{0,30}}[。:：\n]\s*"
    rf"|\W{{0,4}}(?:以下|次)(?:は|が)[^\n。:：]{{0,60}}{_JAPANESE_KIND}[^\n。:：]{{0,30}}[。:：\n]\s*",
    re.IGNORECASE,
)


def _look(facts: Facts) -> Iterator[Hit]:
    match = _PREAMBLE.match(facts.thought)
    if match:
        yield Hit(f"The thought opens with words about itself: {match.group().strip()[:80]!r}.", match.span())


def _strip(row: LintRow) -> LintRow:
    match = _PREAMBLE.match(row.thought or "")
    rest = (row.thought or "")[match.end() :] if match else ""
    return replace(row, thought=rest) if rest.strip() else row


RULE = Rule(
    code="thought-preamble",
    meaning='The thought opens with words about itself, such as "Here is the self-reflection description:".',
    severity="error",
    field="thought",
    look=_look,
    bad=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='Here is the self-reflection description of the process:\n\nI start with 떠났다. "He left."',
    ),
    good=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='Here is a sentence of two words. I start with 떠났다. "He left."',
    ),
    fix=_strip,
)
