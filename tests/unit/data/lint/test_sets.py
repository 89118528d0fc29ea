"""What is said of a whole set."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from data.lint import BrokenRow, LintRow, LintSettings, lint_set

FEET = '"발이 넓다" is no matter of feet. "{}" is what I write.'


def row(number: int, source: str, output: str, thought: str | None = None, **known: object) -> LintRow:
    return LintRow(source=source, output=output, thought=thought, number=number, **known)  # type: ignore[arg-type]


def rows_with_openings(openings: list[str]) -> Iterator[LintRow]:
    nouns = ["달", "강", "문", "길", "별", "숲", "섬", "돌", "집", "꽃"]
    for number, opening in enumerate(openings, 1):
        output = f"He was asked {number} times over the course of that long winter."
        source = f"그해 긴 겨울 동안 그는 {nouns[number % 10]} 앞에서 {number}번이나 질문을 받았다."
        yield row(number, source, output, f"{opening} and go on to the rest. “{output}”")


def test_the_share_of_the_commonest_opening_is_told():
    openings = ["I start by selecting the words"] * 12 + [f"Word {n} of mine is hard" for n in range(18)]
    finding = lint_set(rows_with_openings(openings)).set_findings["openings"]
    assert finding["share"] == 0.4
    assert finding["opening"] == "i start by selecting"


def test_openings_that_differ_are_no_finding():
    assert (
        "openings"
        not in lint_set(rows_with_openings([f"Word {n} of mine is" for n in range(40)])).set_findings
    )


def test_thoughts_of_one_pattern_compress_better_than_their_sources():
    finding = lint_set(
        rows_with_openings(["I start by selecting the words of the sentence"] * 60)
    ).set_findings
    assert finding["compression"]["thoughts"] > finding["compression"]["sources"]


def test_lengths_are_told_in_percentiles():
    finding = lint_set(rows_with_openings(["I begin with the words"] * 30)).set_findings["lengths"]
    assert finding["thought"]["p5"] <= finding["thought"]["p50"] <= finding["thought"]["p95"]


def test_near_duplicates_are_named_by_row():
    rows = [
        row(
            1,
            "비가 오는 날이면 할머니는 늘 부침개를 부쳐 주셨다.",
            "On rainy days Grandmother always made us pancakes.",
        ),
        row(2, "그는 아무 말 없이 문을 닫고 나가 버렸다.", "He closed the door without a word and was gone."),
        row(
            3,
            "비가 오는 날이면 할머니는 늘 부침개를 부쳐 주었다.",
            "When it rained Grandmother would always fry pancakes.",
        ),
    ]
    assert lint_set(rows).set_findings["near-duplicates"] == {"clusters": 1, "rows": 2, "largest": [[1, 3]]}


def test_idioms_of_one_end_of_the_alphabet_are_skewed():
    idioms = [f"{head}{tail} 놓다" for head in "가나다" for tail in "라마바사아자차"]
    rows = [
        row(n, f"{idiom[:2]}을 놓았다 {n}번.", f"He let go {n} times.", group=idiom)
        for n, idiom in enumerate(idioms, 1)
    ]
    finding = lint_set(rows).set_findings["skew"]
    assert finding["initials"] == {"ㄱ": 7, "ㄴ": 7, "ㄷ": 7}
    assert "ㅎ" in finding["missing"]


def test_an_output_of_another_row_is_a_finding_of_the_row_that_did_not_reason_it():
    said, other = "He knows people everywhere he goes.", "She closed the window and said nothing."
    rows = [
        row(1, "그녀는 창문을 닫고 아무 말도 하지 않았다.", said, FEET.format(other)),
        row(2, "그는 발이 넓어 어디를 가나 아는 사람이 있다.", said, FEET.format(said)),
    ]
    report = lint_set(rows)
    assert [(found.row, found.codes) for found in report.by_row] == [
        (1, ["output-missing", "equals-other-output"])
    ]


def test_short_outputs_and_twice_the_same_source_may_have_one_output():
    rows = [
        row(1, "그래.", "All right."),
        row(2, "좋아.", "All right."),
        row(3, "그는 발이 넓어 어디를 가나 아는 사람이 있다.", "He knows people everywhere he goes."),
        row(4, "그는 발이 넓어 어디를 가나 아는 사람이 있다.", "He knows people everywhere he goes."),
    ]
    assert not lint_set(rows).by_row


def test_groups_that_are_labels_are_not_taken_for_idioms():
    sources = ["비가 그쳤다.", "눈이 쌓였다.", "바람이 분다."]
    labels = [row(n, source, "It is so.", group="날씨 이야기") for n, source in enumerate(sources, 1)]
    assert not lint_set(labels).by_row


def test_an_idiom_in_one_row_of_three_that_is_not_there_is_found():
    rows = [
        row(1, "그는 발이 넓다.", "He is well connected.", group="발이 넓다"),
        row(2, "형은 발이 참 넓다.", "My brother knows everyone.", group="발이 넓다"),
        row(3, "누나는 아는 사람이 많다.", "My sister knows many people.", group="발이 넓다"),
    ]
    assert [(found.row, found.codes) for found in lint_set(rows).by_row] == [(3, ["idiom-not-in-source"])]


@pytest.mark.parametrize(
    ("pairs", "languages"),
    [
        (
            [("그는 떠났다.", "He left the house."), ("비가 온다.", "It is raining in the yard.")],
            ("ko", "en"),
        ),
        ([("The rain is over.", "雨停了。"), ("He is at the door.", "他在门口。")], ("en", "zh")),
        ([("他在门口。", "彼は戸口にいる。"), ("雨停了。", "雨がやんだ。")], ("zh", "ja")),
        ([("The rain is over and he is here.", "Der Regen ist vorbei und er ist da.")], ("en", "de")),
        ([("Она ушла.", "She left the house and the garden.")], ("ru", "en")),
    ],
)
def test_the_languages_of_a_set_are_told_by_their_script(
    pairs: list[tuple[str, str]], languages: tuple[str, str]
):
    report = lint_set(row(n, source, output) for n, (source, output) in enumerate(pairs, 1))
    assert report.languages == languages
    assert not report.by_row


def test_a_row_in_the_wrong_language_does_not_change_those_of_its_set():
    rows = [row(n, f"그는 {n}번 떠났다.", f"He left the house {n} times.") for n in range(2, 8)]
    rows.append(row(8, "그는 여덟 번 떠났다.", "彼は八回も家を出て行った。"))
    report = lint_set(rows)
    assert report.languages == ("ko", "en")
    assert [found.codes for found in report.by_row] == [["wrong-language"]]


def test_the_report_has_the_shape_that_scripts_read():
    good = list(rows_with_openings(["I think of the words"] * 25))
    report = lint_set(
        [*good, BrokenRow(26, "is no JSON"), row(27, "그는 떠났다.", "Final translation: He left.")]
    )
    told = report.to_json()
    assert list(told) == [
        "rows",
        "rows_with_findings",
        "findings",
        "by_row",
        "info",
        "set_findings",
        "languages",
    ]
    assert told["rows"] == 27
    assert told["rows_with_findings"] == 2
    assert told["findings"] == {"broken-line": 1, "label-in-output": 1}
    assert told["by_row"] == [
        {"row": 26, "codes": ["broken-line"]},
        {"row": 27, "codes": ["label-in-output"]},
    ]
    assert set(told["info"]) <= {"one-attempt", "unrefined"}
    assert told["languages"] == ["ko", "en"]


def test_information_is_neither_counted_nor_listed_as_a_finding():
    report = lint_set([row(1, "그는 떠났다.", "He left")])
    assert report.to_json()["by_row"] == []
    assert report.info == {"no-final-punctuation": 1}


def test_what_is_switched_off_is_not_looked_for():
    rows = list(rows_with_openings(["I start by selecting the words"] * 30))
    rows.append(row(31, "그는 떠났다.", "Final translation: He left."))
    settings = LintSettings(off=("label-in-output", "openings", "near-duplicates", "equals-other-output"))
    report = lint_set(rows, settings)
    assert not report.by_row
    assert not {"openings", "near-duplicates"} & report.set_findings.keys()


def test_an_empty_set_has_an_empty_report():
    assert lint_set([]).to_json() == {
        "rows": 0, "rows_with_findings": 0, "findings": {}, "by_row": [], "info": {}, "set_findings": {}, "languages": [],
    }  # fmt: skip


def test_rows_come_in_their_order_whatever_the_finding():
    drawn = random.Random(3)
    said = "He knows people everywhere he goes."
    sources = [f"{''.join(drawn.sample('그는발이넓어어디를가나아는사람이있다', 12))}." for _ in range(20)]
    report = lint_set(row(n, source, said) for n, source in enumerate(sources, 1))
    assert [found.row for found in report.by_row] == sorted(found.row for found in report.by_row)
