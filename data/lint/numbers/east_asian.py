"""Numbers in Korean, Chinese and Japanese: digits and numerals, in myriads."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.numbers.value import DIGITS, Quantity, is_in_a_name, value_of_digits

_KOREAN_NUMERALS = dict(zip("영일이삼사오육칠팔구", range(10), strict=True))
_HAN_NUMERALS = {**dict(zip("零一二三四五六七八九", range(10), strict=True)), "〇": 0, "两": 2, "兩": 2}
_NUMERALS = _KOREAN_NUMERALS | _HAN_NUMERALS
_TENS = {"십": 10, "백": 100, "천": 1000, "十": 10, "百": 100, "千": 1000}
_MYRIADS = {
    "만": 1e4, "억": 1e8, "조": 1e12, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "兆": 1e12,
}  # fmt: skip
_TEN, _BIG = "".join(_TENS), "".join(_MYRIADS)
_SOME, _ODD = r"(?P<vague>[수몇數数几幾]\s?)?", "[여余多]?"

_SMALL = rf"(?:{DIGITS}[{_TEN}]\s?)*(?:{DIGITS})?"
_IN_DIGITS = re.compile(
    rf"(?<![A-Za-z\d.,·:/-]){_SOME}(?=\d)(?>(?:{_SMALL}{_ODD}[{_BIG}]{_ODD}\s?)*{_SMALL})"
)
_KOREAN_WORDS = re.compile(
    rf"(?<![가-힣\d]){_SOME}(?:[{''.join(_KOREAN_NUMERALS)}십백천]{{1,6}}[만억]?){{1,3}}여?"
    r"(?=\s?[원달불대개부톤년평위엔유명배가인표장회건호마리권그번분시관%퍼])"
)
"""Numerals count only before something that is counted, for most of them are syllables of other words."""
_HAN_WORDS = re.compile(
    rf"{_SOME}(?:[{''.join(_HAN_NUMERALS)}十百千]+[万萬亿億]?)+[余多]?|[数數几幾][十百千万萬亿億]+"
)
_CLEAR_HAN = re.compile(r"[一二两兩三四五六七八九].*[万萬亿億]")
_MONTH = re.compile(r"(?<![\d.])(1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])\s?[월月](?![급세간요光亮球色])")
_NATIVE_TENS = dict(
    zip(
        ["열", "스물", "스무", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"],
        (10, 20, *range(20, 100, 10)),
        strict=True,
    )
)
_NATIVE_UNITS = {
    "하나": 1, "한": 1, "둘": 2, "두": 2, "셋": 3, "세": 3, "서": 3, "석": 3, "넷": 4, "네": 4, "너": 4, "넉": 4, "다섯": 5, "여섯": 6,
    "일곱": 7, "여덟": 8, "아홉": 9, "하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7, "열흘": 10, "보름": 15,
}  # fmt: skip
_NATIVE = re.compile(
    rf"({'|'.join(_NATIVE_TENS)})({'|'.join(_NATIVE_UNITS)})?|(?<![가-힣])({'|'.join(_NATIVE_UNITS)})(?=\s|[명개살번배])"
)
_PART = re.compile(
    rf"(?P<digits>{DIGITS})|(?P<numeral>[{''.join(_NUMERALS)}])|(?P<ten>[{_TEN}])|(?P<big>[{_BIG}])"
)

_NO_QUANTITY_AFTER = re.compile(r"\s?(?:조(?!\s?[원달위엔유파])|할|푼|리(?!터))")
"""An article of law (111조), and parts in a batting average (4할 8푼 6리)."""
_CONVERTED = re.compile(
    r"\s?(?:평|리(?![그터])|자(?![리녀])|척|근|마일|피트|인치|야드|파운드|에이커|갤런|尺|里|斤|丈|寸|亩|石|坪|畳|貫|英里|英尺|英寸|磅|码)"
)
"""Measures that a translation may convert."""
_ERA = re.compile(r"(?:昭和|平成|令和|明治|大正|民国|단기|단기 )$")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"1?\d\.[1-3]?\d")
"""Korea names events by month and day: 3.19."""


def korean(text: str) -> Iterator[Quantity]:
    """Yield the numbers of a Korean text."""
    if _DIGIT.search(text):
        yield from _months(text)
        yield from _in_digits(text)
        yield from _in_native_words(text)
    for match in _KOREAN_WORDS.finditer(text):
        is_clear = len(match.group()) > 1 and match["vague"] is None and match.group()[-1] in _BIG
        yield _quantity(match, sure=is_clear and match.group() != "억만")


def _in_native_words(text: str) -> Iterator[Quantity]:
    for match in _NATIVE.finditer(text):
        value = _NATIVE_TENS.get(match[1] or "", 0) + _NATIVE_UNITS.get(match[2] or match[3] or "", 0)
        yield Quantity(value, match.group(), match.span())


def han(text: str) -> Iterator[Quantity]:
    """Yield the numbers of a Chinese or Japanese text."""
    yield from _months(text)
    yield from _in_digits(text)
    for match in _HAN_WORDS.finditer(text):
        yield _quantity(match, sure=_CLEAR_HAN.match(match.group()) is not None)


def value_of(text: str) -> float:
    """Return the value of a number in digits or numerals, e.g. `1조 2천억` or `三百五十万`."""
    total = section = 0.0
    pending: float | None = None
    for part in _PART.finditer(text):
        if part["digits"] is not None:
            pending = value_of_digits(part["digits"])
        elif part["numeral"] is not None:
            pending = (pending or 0) * 10 + _NUMERALS[part["numeral"]]
        elif part["ten"] is not None:
            section += (1 if pending is None else pending) * _TENS[part["ten"]]
            pending = None
        else:
            total += (section + (pending or 0) or 1) * _MYRIADS[part["big"]]
            section, pending = 0.0, None
    return total + section + (pending or 0)


def _months(text: str) -> Iterator[Quantity]:
    for match in _MONTH.finditer(text):
        yield Quantity(value_of(match[1]), match.group(), match.span(), kind="month", sure=True)


def _in_digits(text: str) -> Iterator[Quantity]:
    for match in _IN_DIGITS.finditer(text):
        number = match.group().rstrip()
        end = match.start() + len(number)
        if number.endswith("조"):
            number, end = number[:-1], end - 1
        is_doubtful = (
            match["vague"] is not None
            or "가" <= text[match.start() - 1 : match.start()] <= "힣"
            or _NO_QUANTITY_AFTER.match(text, end)
            or (_DATE.fullmatch(number) and text[end : end + 1].isspace())
            or is_in_a_name(text, end)
            or _CONVERTED.match(text, end)
            or _ERA.search(text, 0, match.start())
        )
        yield _quantity(match, sure=not is_doubtful)


def _quantity(match: re.Match[str], *, sure: bool) -> Quantity:
    wording = match.group().strip()
    scaled = any(letter in wording for letter in _BIG)
    return Quantity(value_of(wording), wording, match.span(), sure=sure, scaled=scaled)
