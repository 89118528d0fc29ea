"""Numbers with their units, in the languages that count in thousands and in myriads."""

from __future__ import annotations

import pytest

from data.lint.numbers import mismatches, quantities


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("1조 2천억 원", "ko", 1_200_000_000_000),
        ("3억5000만", "ko", 350_000_000),
        ("2천500명", "ko", 2_500),
        ("8000여만 원", "ko", 80_000_000),
        ("천만 관객", "ko", 10_000_000),
        ("삼백오십만 명", "ko", 3_500_000),
        ("三百五十万人", "zh", 3_500_000),
        ("3.6亿元", "zh", 360_000_000),
        ("二十五岁", "zh", 25),
        ("三億円", "ja", 300_000_000),
        ("$2.5 million", "en", 2_500_000),
        ("three hundred and fifty million", "en", 350_000_000),
        ("half a million", "en", 500_000),
        ("twenty-two", "en", 22),
        ("nineteen forty-eight", "en", 1948),
        ("a dozen", "en", 12),
        ("the eighties", "en", 80),
        ("90.000", "de", 90_000),
        ("2,5 Millionen", "de", 2_500_000),
    ],
)
def test_a_number_has_its_value(text: str, language: str, value: float):
    assert value in [pytest.approx(quantity.value) for quantity in quantities(text, language)]


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("3억 5천만 원", "350 million won"),
        ("2조 원이 넘는 빚", "debts of over two trillion won"),
        ("약 147억 달러", "some $14.7 billion"),
        ("5월 18일 오후 3시", "at 15:00 on May 18"),
        ("3분의 1", "a third"),
        ("1988년 서울", "Seoul in '88"),
        ("4할 8푼 6리를 쳤다", "batted .486"),
        ("형법 250조", "Article 250 of the Criminal Act"),
        ("100년 만에", "for the first time in a century"),
        ("3만 원인데 2만 5천 원에", "thirty thousand, but twenty-five for you"),
        ("5G 시대의 A380", "an A380 in the age of 5G"),
        ("아침 여덟 시 59분", "at 8:59 in the morning"),
        ("30대 여성", "a woman in her thirties"),
        ("두 배", "twice"),
    ],
)
def test_what_is_said_in_other_words_is_no_mismatch(source: str, output: str):
    assert not list(mismatches(quantities(source, "ko"), quantities(output, "en")))


@pytest.mark.parametrize(
    ("source", "output", "kind"),
    [
        ("450억 원", "450 million won", "scale"),
        ("1만 2천 명", "120,000 people", "scale"),
        ("2조 원", "2 billion won", "scale"),
        ("163만 도민", "163 million residents", "scale"),
        ("1949년에", "in 1947", "value"),
        ("68명", "86 people", "value"),
        ("3월에", "in May", "month"),
        ("10.9% 올랐다", "rose by 10.2 %", "value"),
    ],
)
def test_a_slip_is_a_mismatch(source: str, output: str, kind: str):
    found = [mismatch.kind for mismatch in mismatches(quantities(source, "ko"), quantities(output, "en"))]
    assert found == [kind]


@pytest.mark.parametrize(
    ("source", "output", "kind"),
    [
        ("4,7 Milliarden Euro", "4.7 million euros", "scale"),
        ("1.250.000 Einwohner", "1.25 million inhabitants", None),
        ("12.500 Dollar", "125,000 dollars", "value"),
        ("12.500 Dollar", "12,500 dollars", None),
        ("27,125 Liter", "27.125 litres", None),
    ],
)
def test_german_marks_are_read(source: str, output: str, kind: str | None):
    found = [mismatch.kind for mismatch in mismatches(quantities(source, "de"), quantities(output, "en"))]
    assert found == ([kind] if kind else [])


def test_digits_without_end_do_not_take_forever():
    assert quantities("1" * 5_000, "ko")
    assert quantities("1,234," * 2_000, "ko")
    assert quantities("2천" * 2_000, "ko")
