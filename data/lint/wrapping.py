"""What chat models wrap a translation in: a label, a preamble, a note; in the languages they speak."""

from __future__ import annotations

import re

from data.lint.marks import without_marks
from data.lint.phrases import any_of

_TONGUE = any_of(
    "english, korean, chinese, japanese, german, french, spanish, italian, portuguese, russian, vietnamese,"
    "target language, target-language"
)
_WHICH = any_of(
    "revised, revision, final, finali[sz]ed, improved, refined, polished, updated, better, best, literal,"
    "initial, first, second, third, fourth, last, latest, alternative, corrected, adjusted, modified,"
    "optimi[sz]ed, enhanced, suggested, proposed, preliminary, idiomatic, natural, faithful, possible,"
    "recommended, chosen, new, my, the, your, full, complete, reworked, rewritten"
)
_EDITED = any_of(
    "revised, refined, improved, polished, updated, final, finali[sz]ed, corrected, reworked, enhanced"
)
_REVISED = any_of("revised, refined, improved, polished, updated, corrected, reworked, enhanced")
_ENGLISH = (
    rf"(?:(?:{_WHICH}|{_TONGUE})[ -]+)*(?:translations?|rendition|rendering)(?:\s+(?:in|into)\s+{_TONGUE})?"
    r"|translated\s+(?:sentence|text|version|output)"
)
_ENGLISH_VERSION = (
    rf"(?:the\s+|my\s+)?{_EDITED}[ -]+(?:{_TONGUE}[ -]+)?(?:version|output|draft)"
    rf"|(?:the\s+|my\s+)?{_REVISED}[ -]+(?:{_TONGUE}[ -]+)?(?:sentence|text|attempt)"
    rf"|{_TONGUE}[ -]+(?:version|output|draft|sentence|text)|(?:draft|attempt|version)\s+\d"
)
_KOREAN_WHICH = any_of(
    "최종, 수정, 수정된, 수정본, 개선, 개선된, 다듬은, 새로운, 새, 영어, 영문, 한국어, 한글, 중국어, 일본어, 직역,"
    "의역, 초벌, 자연스러운, 더 나은, 제안, 첫, 두, 세, 번째, 나의"
)
_KOREAN = rf"(?:{_KOREAN_WHICH}\s*){{0,4}}번역(?:문|본|안)?(?:\s*(?:결과|문장|초안|수정))?"
_CHINESE_WHICH = any_of(
    "最终, 最終, 修改, 修订, 修正, 改进, 优化, 優化, 润色, 完善, 调整, 更新, 中文, 英文, 韩文, 韩语, 英语, 汉语,"
    "直译, 意译, 初步, 初始, 初, 第[一二三四五], 参考, 新, 后, 後, 版, 的, 我的"
)
_CHINESE = rf"(?:{_CHINESE_WHICH}\s*){{0,5}}(?:翻译|翻譯|译文|譯文|译本|译法|英译|中译|汉译|译)(?:结果|版本|如下|稿)?(?:[为成]?(?:中文|英文|韩文|日文))?"
_JAPANESE_WHICH = any_of(
    "最終, 最終的な, 修正, 修正後, 修正版, 修正した, 改訂, 改訂版, 改善, 改善した, 改良, 日本語, 英語, 韓国語,"
    "中国語, 直訳, 意訳, 自然な, 新しい, の"
)
_JAPANESE = rf"(?:{_JAPANESE_WHICH}\s*){{0,4}}(?:翻訳|訳文|和訳|英訳|改訳|訳)(?:文|結果|案|版)?"
_OTHERS = any_of(
    "übersetzung, endgültige übersetzung, überarbeitete übersetzung, deutsche übersetzung,"
    "traduction, traduction finale, traduction révisée, traduction française, traducción, traducción final,"
    "traducción revisada, traduzione, traduzione finale, traduzione rivista, tradução, tradução final,"
    "tradução revisada, перевод, окончательный перевод, исправленный перевод, bản dịch, bản dịch cuối cùng"
)
_NAME = rf"(?:{_ENGLISH}|{_KOREAN}|{_CHINESE}|{_JAPANESE}|{_OTHERS})"
_DOUBTFUL_NAME = (
    any_of(
        "revised, refined, final, improved, output, answer, response, english, korean, chinese, japanese, 영어, 한국어, 중국어, 일본어,"
        "英文, 中文, 英語, 日本語, 최종, 최종안, 최종본, 수정, 수정[본안], 개선[본안], 영역, 终稿, 定稿, 优化后, 优化版, 修改后,"
        "修改版, 润色后, 修正版, 改善版"
    )
    + rf"|{_ENGLISH_VERSION}"
)
_OPEN, _CLOSE = r"[\s*_#>{`\"'“‘\[【(（<《「『-]{0,8}", r"[\s*_\"'”’\])）】>》」』]{0,6}"
_COUNT = r"(?:\s*(?:#?\d{1,2}|[(（][^)）\n]{1,30}[)）]))?"

LABEL = re.compile(
    rf"^{_OPEN}{_NAME}{_COUNT}{_CLOSE}(?:[:：]|\s[–—-]\s){_CLOSE}"
    rf"|(?<=[.!?。”\"'])\s+(?:revised|final|improved|refined)\s+(?:{_TONGUE}\s+)?translation{_CLOSE}[:：]{_CLOSE}",
    re.IGNORECASE | re.MULTILINE,
)
"""A label with its colon, at the start of a line or, where it is unmistakable, after a sentence."""

DOUBTFUL_LABEL = re.compile(
    rf"^{_OPEN}(?:{_DOUBTFUL_NAME}){_COUNT}{_CLOSE}[:：]{_CLOSE}"
    r"|(?:改进如下|优化如下|优化后|修改后|修改为|调整为|改为|改成|更正为|润色后|수정하면|바꾸면)[:：][)）]?\s*",
    re.IGNORECASE | re.MULTILINE,
)
"""What is a label only where the source has nothing like it."""

HEADING = re.compile(rf"^{_OPEN}(?:{_NAME}|{_DOUBTFUL_NAME}){_COUNT}{_CLOSE}\n+", re.IGNORECASE)
"""A label on a line of its own, above the text."""

_ABOUT = r"[^\n:：]{0,80}"
_OF_ITSELF = (
    rf"(?:translat\w+|rendering|rendition|{_REVISED}\s+(?:\w+\s+)?(?:version|sentence|text|output)|revision"
    r"|(?:more\s+)?(?:natural|literal|idiomatic|fluent|accurate|final)\s+version)"
)
_ENGLISH_PREAMBLE = (
    rf"(?:sure|certainly|of course|okay|alright|absolutely)\b{_ABOUT}\b{_OF_ITSELF}\b{_ABOUT}[:：]"
    rf"|here(?:['’]s| is| are)\b{_ABOUT}\b{_OF_ITSELF}\b{_ABOUT}[:：]"
    rf"|(?:the|my|an?)\s+(?:\w+\s+){{0,4}}translation\b{_ABOUT}\b(?:is|would be|could be|reads|follows)\b{_ABOUT}[:：]"
    rf"|(?:based on|considering|taking|incorporating|after)\b{_ABOUT}\b(?:feedback|suggestions?|advice|evaluation)\b"
    rf"{_ABOUT}\b{_OF_ITSELF}\b{_ABOUT}[:：]"
    r"|(?:the (?:sentence|phrase|text)|this|it)\s+(?:can be |could be |may be |is )?translate[sd]\s+(?:in)?to\b"
    rf"{_ABOUT}[:：]"
)
_KOREAN_FOLLOWS = r"(?:다음|아래)[과와] 같(?:습니다|다|아요)\s*[.:：]?"
_KOREAN_PREAMBLE = (
    rf"(?:다음|아래)[은는]{_ABOUT}번역{_ABOUT}(?:[:：]|입니다\.?)"
    rf"|{_ABOUT}(?:번역하면|옮기면){_ABOUT}(?:{_KOREAN_FOLLOWS}|[:：])"
    rf"|{_ABOUT}번역(?:문|본|안|결과)?[은이]?\s{_ABOUT}{_KOREAN_FOLLOWS}"
)
_CHINESE_PREAMBLE = r"(?:好的|当然)?[，,。！]?\s*(?:以下|下面|这|這)是[^\n:：。]{0,40}(?:翻译|翻譯|译文|譯文)[^\n:：。]{0,12}[:：。]"
_JAPANESE_PREAMBLE = r"(?:以下|次)(?:が|は)[^\n:：。]{0,40}(?:翻訳|訳文|訳)[^\n:：。]{0,12}[:：。]"

PREAMBLE = re.compile(
    rf"^\W{{0,4}}(?:{_ENGLISH_PREAMBLE}|{_KOREAN_PREAMBLE}|{_CHINESE_PREAMBLE}|{_JAPANESE_PREAMBLE}){_CLOSE}",
    re.IGNORECASE,
)
"""A sentence in which the output speaks of itself."""

_NOTE_NAME = any_of(
    "note, notes, translator['’]?s note, translator['’]?s notes, explanation, literally, lit\\., 역주, 역자 주, 주, 참고,"
    "注, 译注, 譯注, 译者注, 訳注, 説明"
)
_LINE_NAME = any_of(
    "note, notes, explanation, rationale, reason, reasoning, changes, changes made, key changes, commentary, 설명,"
    "참고, 수정 사항, 변경 사항, 이유, 说明, 解释, 解析, 注释, 注, 理由, 説明, 解説, 補足"
)
NOTE = re.compile(
    rf"\s*[*_]{{0,2}}[(（\[【]{{1,2}}[*_]{{0,2}}{_NOTE_NAME}[*_]{{0,2}}\s*[:：].*\Z"
    rf"|\n\s*[*_(（\[【-]{{0,4}}{_LINE_NAME}[*_\s]{{0,3}}[:：].*\Z"
    r"|\n\s*\(?(?:this|the) (?:revised |final |refined |new )?(?:translation|version|rendering)\s+"
    r"(?:conveys|captures|keeps|preserves|maintains|reflects|aims|ensures|uses|better|more|now|is)\b.*\Z",
    re.IGNORECASE | re.DOTALL,
)
"""A note on the translation behind it, to the end of the output."""

SPEAKS_OF_TRANSLATION = re.compile(
    r"번역|영역|translat|version|render|翻译|翻譯|译|譯|翻訳|訳|draft|output|übersetz|tradu|перевод",
    re.IGNORECASE,
)
"""A source that may rightly have a label in its translation."""

_MAY_BE_WRAPPED = re.compile(r"[:：\n(（\[【–—。]| - ")
"""Without one of these there is neither label nor note."""


def unwrapped(output: str) -> str:
    """Return `output` less marks, a label or preamble in front of it and a note behind it."""
    output = without_marks(output)
    if not _MAY_BE_WRAPPED.search(output):
        return output
    for pattern in (PREAMBLE, HEADING, LABEL, DOUBTFUL_LABEL):
        match = pattern.match(output)
        if match and output[match.end() :].strip():
            output = output[match.end() :].strip()
    note = NOTE.search(output)
    return output[: note.start()].strip() if note and note.start() else output
