from __future__ import annotations

import re
from html.parser import HTMLParser

from data.records import Decision, Status
from data.stats import Judged, StatRow, collect, html_report
from tests.unit.data.stats.test_collect import candidate, row, sentence

_VOID = {"meta", "line", "rect", "circle", "polyline", "br"}


class Outline(HTMLParser):
    """Collects tags and texts, and fails where tags do not close in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    return parser


def a_project() -> list[StatRow]:
    groups = [f"{syllable}마 {number}" for syllable in "가나다라마바사아자차카타파하" for number in range(30)]
    rows = [row(group, Status.NEW) for group in groups]
    rows += [row(group, Status.ACCEPTED, 1, kind="accept") for group in groups[:90]]
    rows += [row(group, Status.EDITED, 2, kind="edit", output="Other words.") for group in groups[:20]]
    rows += [
        row(group, Status.REJECTED, 3, kind="reject", reasons=("meaning-wrong",)) for group in groups[:20]
    ]
    return rows


def test_the_page_stands_alone() -> None:
    page = html_report(collect(a_project()), title="Idioms", made_at="22 November 2026")
    read = outline(page)
    assert read.tags.count("svg") >= 8
    assert not {"script", "link", "img", "iframe"} & set(read.tags)
    assert not re.search(r"(?:https?:)?//|url\(|@import", page)
    assert len(page.encode()) < 200_000


def test_skew_jumps_out() -> None:
    text = " ".join(outline(html_report(collect(a_project()))).text)
    assert "only ㄱ-ㄷ so far" in text
    assert "90 of 420 groups" in text
    assert "meaning wrong" in text


def test_what_others_wrote_is_text_and_nothing_else() -> None:
    of = sentence("<script>alert(1)</script>")
    made = candidate(of, models={"refine": ("<b>&\x1b[31m",)}, thought='"><img src=x> a b c')
    by = Decision(id="d", sentence=of.id, kind="accept", by="</table>\u202e")
    page = html_report(collect([StatRow(of, Status.ACCEPTED, Judged(made, by))] * 2), title="<i>")
    read = outline(page)
    assert not {"script", "img", "b", "i"} & set(read.tags)
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_an_empty_project_has_a_page_too() -> None:
    assert "0 sentences" in " ".join(outline(html_report(collect([]))).text)


def test_the_page_stays_small_however_much_there_is_to_name() -> None:
    rows = [
        row(f"{number}", Status.ACCEPTED, number, kind="accept", by=f"person {number}")
        for number in range(3000)
    ]
    assert len(html_report(collect(rows)).encode()) < 2_000_000
