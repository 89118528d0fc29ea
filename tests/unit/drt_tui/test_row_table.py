"""Cells of the table are as wide as their column, whatever stands in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from drt_tui.widgets.row_table import fitted


@given(st.text(), st.integers(0, 30))
def test_a_cell_is_as_wide_as_its_column(text: str, width: int) -> None:
    assert cell_len(fitted(text, width)) == width


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("feet", 6, "feet  "),
        ("feet", 4, "feet"),
        ("wide feet", 6, "wide …"),
        ("발이 넓다", 6, "발이 …"),
        ("발이 넓다", 5, "발이…"),
        ("발이", 2, " …"),
        ("feet", 0, ""),
    ],
)
def test_what_does_not_fit_is_cut_with_a_mark(text: str, width: int, shown: str) -> None:
    assert fitted(text, width) == shown
