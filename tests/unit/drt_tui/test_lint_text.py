"""A lint report as a person reads it."""

from __future__ import annotations

from collections import Counter

from data.lint.report import LintReport, RowFindings
from data.records import Finding
from drt_tui.project.linting import report_text


def test_a_row_is_told_with_its_codes_and_the_set_without_brackets():
    finding = Finding(code="empty-output", message="The output is empty.", severity="error", field="output")
    figures = {
        "lengths": {"output_to_source": {"p1": 0.5, "p50": 1.0}},
        "near-duplicates": {"clusters": 1, "largest": [[3, 4]]},
        "openings": {
            "share": 0.42,
            "opening": "i start by\x1b[31m",
            "commonest": [{"opening": "so", "rows": 9}],
        },
    }
    report = LintReport(9, (RowFindings(3, (finding,)),), Counter(), figures, ("ko", "en"))
    text = report_text(report)
    assert "row 3: empty-output: The output is empty." in text
    assert "  output to source: p1 0.5, p50 1" in text
    assert "of the set: near-duplicates clusters 1\n  largest: 3, 4" in text
    assert not set("{}[]'\x1b") & set(text.replace("[31m", ""))
