"""A label, a preamble or a note that was left in the output.

The words are those with which chat models wrap a translation. Where the source itself speaks of a
translation, nothing is objected to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_TONGUE = r"(?:english|korean|chinese|japanese|german|french|spanish|italian|portuguese|russian|vietnamese|target[ -]language)"
_WHICH = (
    r"(?:revised|revision|final|finali[sz]ed|improved|refined|polished|updated|better|best|literal|initial|first|second|third|"
    r"fourth|last|latest|alternative|corrected|adjusted|modified|optimi[sz]ed|enhanced|suggested|proposed|preliminary|"
    r"idiomatic|natural|faithful|possible|recommended|chosen|new|my|the|your|full|complete)"
)
_ENGLISH = (
    rf"(?:(?:{_WHICH}|{_TONGUE})[ -]+)*(?:translations?|rendition|rendering)(?: +(?:in|into) +{_TONGUE})?"
    rf"|(?:{_WHICH}[ -]+)+(?:{_TONGUE}[ -]+)?(?:version|output|draft|attempt|sentence|text)"
    rf"|(?:{_TONGUE}[ -]+)(?:version|output|draft|sentence|text)"
    r"|translated (?:sentence|text|version|output)|output"
)
_KOREAN = (
    r"(?:(?:최종|수정|수정된|수정본|개선|개선된|다듬은|새로운|새|영어|영문|한국어|한글|중국어|일본어|직역|의역|초벌|자연스러운|더 나은|제안|첫|두|세|번째)\s*)*"
    r"(?:번역|번역문|번역본|번역안|영역|영역문|수정본|개선안|수정안)(?:\s*(?:결과|문장|초안|수정))?"
)
_CHINESE = (
    r"(?:(?:最终|最終|修改|修订|修正|改进|優化|优化|润色|完善|调整|更新|中文|英文|韩文|韩语|英语|汉语|直译|意译|初步|初始|初|第[一二三四五]|参考|新|后|後|版|的)\s*)*"
    r"(?:翻译|翻譯|译文|譯文|译本|译法|英译|中译|汉译)(?:结果|版本|如下|稿)?"
)
_JAPANESE = (
    r"(?:(?:最終|最終的な|修正|修正後|修正版|修正した|改訂|改訂版|改善|改善した|改良|日本語|英語|韓国語|中国語|直訳|意訳|自然な|新しい|の)\s*)*"
    r"(?:翻訳|訳文|和訳|英訳|日本語訳|英語訳|最終訳|改訳|訳)(?:文|結果|案|版)?"
)
_OTHERS = (
    r"(?:(?:endgültige|überarbeitete|finale|deutsche|englische)\s+)*übersetzung"
    r"|traduction(?:\s+(?:finale|révisée|améliorée|française|anglaise))*"
    r"|traducción(?:\s+(?:final|revisada|mejorada|al español|al inglés))*"
    r"|traduzione(?:\s+(?:finale|rivista|italiana))*|tradução(?:\s+(?:final|revisada))*"
    r"|(?:(?:окончательный|исправленный|итоговый)\s+)?перевод|bản dịch(?:\s+(?:cuối cùng|sửa đổi))*"
)
_NAME = rf"(?:{_ENGLISH}|{_KOREAN}|{_CHINESE}|{_JAPANESE}|{_OTHERS})"
_OPEN, _CLOSE = r"[\s*_#>`\"'“‘\[【(（<《「-]{0,8}", r"[\s*_\"'”’\])）】>》」]{0,6}"
_LABEL = re.compile(
    rf"^{_OPEN}{_NAME}(?:\s*(?:\d|#\d|[(（][^)）\n]{{1,30}}[)）]))?{_CLOSE}[:：]{_CLOSE}",
    re.IGNORECASE | re.MULTILINE,
)
_HEADING = re.compile(rf"^{_OPEN}{_NAME}{_CLOSE}\n+", re.IGNORECASE)

_PREAMBLE = re.compile(
    r"^\W{0,4}(?:"
    r"(?:sure|certainly|of course|okay|alright|absolutely)\b[^\n:：]{0,160}"
    r"\b(?:translat|render|version|revis)[^\n:：]{0,80}[:：]\s*"
    r"|here(?:['’]s| is| are)\b[^\n:：]{0,80}"
    r"\b(?:translat\w+|version|rendering|rendition|revision)\b[^\n:：]{0,80}[:：]\s*"
    r"|(?:the|my|an?)\s+(?:\w+\s+){0,4}translation\b[^\n:：]{0,80}\b(?:is|would be|could be|reads|follows)\b[^\n:：]{0,40}[:：]\s*"
    r"|(?:based on|considering|taking|incorporating|after)\b[^\n:：]{0,120}\b(?:feedback|suggestions?|advice|evaluation)\b"
    r"[^\n:：]{0,80}[:：]\s*"
    r"|(?:the (?:sentence|phrase|text)|this|it)\s+(?:can be |could be |may be |is )?translate[sd]\s+(?:in)?to\b[^\n:：]{0,40}[:：]\s*"
    r"|다음은[^\n:：]{0,60}(?:번역|수정)[^\n:：]{0,20}(?:[:：]|입니다\.?)\s*"
    r"|[^\n:：]{0,40}번역하면[^\n:：]{0,20}(?:다음과 같습니다\.?|[:：])\s*"
    r"|(?:好的|当然)?[，,。！]?\s*(?:以下|下面|这|這)是[^\n:：。]{0,40}(?:翻译|翻譯|译文|譯文|版本)[^\n:：。]{0,12}[:：。]\s*"
    r"|(?:以下|次)(?:が|は)[^\n:：。]{0,40}(?:翻訳|訳文|訳)[^\n:：。]{0,12}[:：。]\s*"
    r")",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:\n\s*|\s+)[*_(（\[【]{1,4}(?:(?:translator['’]?s\s+)?notes?|explanation|literally|lit\.|역주|역자 주|주|참고|注|译注|譯注|译者注|訳注|説明)"
    r"[*_]{0,2}\s*[:：].*\Z"
    r"|\n\s*[*_(（\[【-]{0,4}(?:(?:translator['’]?s\s+)?notes?|explanation|rationale|reason(?:ing)?|changes(?: made)?|commentary|"
    r"key changes|설명|참고|수정 사항|이유|변경 사항|说明|解释|解析|注释|注|理由|説明|解説|補足)[*_\s]{0,3}[:：].*\Z"
    r"|\n\s*\(?(?:this|the) (?:revised |final |refined |new )?(?:translation|version|rendering)\s+"
    r"(?:conveys|captures|keeps|preserves|maintains|reflects|aims|ensures|uses|better|more|now|is)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
_SPEAKS_OF_TRANSLATION = re.compile(
    r"번역|영역|translat|version|render|翻译|翻譯|译|譯|翻訳|訳|draft|output|übersetz|tradu", re.IGNORECASE
)


def _look_for_label(facts: Facts) -> Iterator[Hit]:
    if _SPEAKS_OF_TRANSLATION.search(facts.row.source):
        return
    output = facts.row.output
    match = _LABEL.search(output) or _HEADING.match(output)
    if match:
        yield Hit(f"A label was left in the output: {match.group().strip()!r}.", match.span())


def _look_for_preamble(facts: Facts) -> Iterator[Hit]:
    match = _PREAMBLE.match(facts.row.output)
    if match and not _SPEAKS_OF_TRANSLATION.search(facts.row.source):
        yield Hit(f"The output opens with words about itself: {match.group().strip()!r}.", match.span())


def _look_for_note(facts: Facts) -> Iterator[Hit]:
    match = _NOTE.search(facts.row.output)
    if match and match.start() and ":" not in facts.row.source and "：" not in facts.row.source:
        yield Hit("A note on the translation was left behind the output.", match.span())


def without_label(output: str) -> str:
    """Return `output` less a label or preamble in front of it and a note behind it."""
    for pattern in (_PREAMBLE, _HEADING, _LABEL):
        match = pattern.match(output)
        if match and output[match.end() :].strip():
            output = output[match.end() :].strip()
    note = _NOTE.search(output)
    return output[: note.start()].strip() if note and note.start() else output


def _strip(row: LintRow) -> LintRow:
    return replace(row, output=without_label(row.output))


LABEL = Rule(
    code="label-in-output",
    meaning=(
        'A line such as "Revised English Translation:" was left in the output (English, Korean, Chinese, '
        "Japanese and the larger European languages). Sources that speak of translations are let pass."
    ),
    severity="error",
    field="output",
    look=_look_for_label,
    bad=LintRow(source="그는 떠났다.", output="Revised English Translation:\nHe left."),
    good=LintRow(source="그의 결론: 떠나자.", output="His conclusion: let us leave."),
    fix=_strip,
)

PREAMBLE = Rule(
    code="preamble-in-output",
    meaning='The output opens with words about itself, such as "Here is the refined translation:".',
    severity="error",
    field="output",
    look=_look_for_preamble,
    bad=LintRow(source="그는 떠났다.", output="Here is the refined translation: He left."),
    good=LintRow(source="문제는 이렇다: 그가 떠났다.", output="Here is the problem: he left."),
    fix=_strip,
)

NOTE = Rule(
    code="note-in-output",
    meaning="A note or an explanation of the translation was left behind the output.",
    severity="error",
    field="output",
    look=_look_for_note,
    bad=LintRow(source="그는 떠났다.", output="He left.\n\nNote: the subject is made explicit."),
    good=LintRow(source="그는 (아무 말 없이) 떠났다.", output="He left (without a word)."),
    fix=_strip,
)
