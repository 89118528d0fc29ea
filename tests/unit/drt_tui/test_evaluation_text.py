"""The report at a terminal."""

from __future__ import annotations

from rich.cells import cell_len

from drt_tui.comparing.evaluation_text import evaluation_text, tables_text
from tests.stubs.contenders import RuleContender, answered, items, sentences
from train.evaluation.assembling import Material, assemble
from train.evaluation.reports.sections import Table
from train.evaluation.results import Evaluation

NAMES = ("backbone", "backbone+drt", "drt", "loop")


async def report(*names: str, **more: object) -> Evaluation:
    of = items(sentences(20))
    contenders = [RuleContender(name, lambda source: f"He knows {len(source)}.") for name in names]
    asked = await answered(contenders, of)
    return assemble(Material("p", "test", ("ko", "en"), contenders, of, asked, **more))  # type: ignore[arg-type]


async def test_in_a_narrow_terminal_contenders_stand_below_each_other() -> None:
    lines = evaluation_text(await report(*NAMES), 80).splitlines()
    start = lines.index("Figures")
    figures = lines[start : lines.index("", start)]
    assert all(cell_len(line) <= 80 for line in figures)
    assert sum("chrF" in line for line in figures) > 1
    assert all(any(name in line for line in figures) for name in NAMES)


async def test_what_makes_it_unfair_is_the_first_line_and_what_it_could_show_comes_before_figures() -> None:
    text = evaluation_text(await report("a", "b", warnings=("not fair",)))
    assert text.splitlines()[0] == "not fair"
    assert text.index("The smallest difference") < text.index("Figures")


def test_columns_are_as_wide_as_they_look() -> None:
    table = Table("표", ("", "값"), (("발이 넓다", "1"), ("idiom", "2")))
    first, second = tables_text([table]).splitlines()[-2:]
    assert cell_len(first[: first.index("1")]) == cell_len(second[: second.index("2")])


def test_text_of_others_cannot_write_on_the_terminal() -> None:
    table = Table("x", ("", "y"), (("\x1b[31mred\nline", "\u202ey"),))
    text = tables_text([table])
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text.splitlines()) == 3


async def test_in_a_narrow_terminal_no_pair_runs_over_the_edge() -> None:
    lines = evaluation_text(await report(*NAMES), 80).splitlines()
    start = lines.index("Pairs")
    pairs = lines[start : lines.index("", start)]
    assert all(cell_len(line) <= 80 for line in pairs)
    [first, second] = [number for number, line in enumerate(pairs) if "chrF" in line][:2]
    assert second - first == 2, "a pair stands on two lines"
    assert "cannot tell" in pairs[first + 1]


def test_why_there_is_no_answer_can_be_read() -> None:
    why = "plain: main is down: main (http://127.0.0.1:8786/v1): connection lost, and then some more of it"
    table = Table("Failures", ("", "items", "what"), (("plain", "11", why),))
    assert why in tables_text([table])
    assert why in tables_text([table], 160)
    assert all(cell_len(line) <= 80 for line in tables_text([table], 80).splitlines())
