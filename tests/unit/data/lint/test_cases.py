"""The linter on the hand-labelled rows: silent on good ones, awake on faulty ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from data.lint import explain, fix, lint_row, lint_set
from data.lint.explanations import measured
from data.lint.rules import ROW_RULES
from tests.stubs.lint_cases import Case, cases

GOOD, PLANTED = list(cases("good")), list(cases("planted"))
TRUSTED = 0.95
UNSEEN = 2
"""Faults that no rule is expected to see: a score of a game, a decade in words."""


def objections(case: Case) -> set[str]:
    return {finding.code for finding in lint_row(case.row) if finding.severity != "info"}


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.row.output[:30])
def test_a_good_row_has_neither_error_nor_warning(case: Case):
    assert not objections(case)


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.row.output[:30])
def test_a_good_row_has_none_either_where_its_languages_are_not_known(case: Case):
    assert not objections(replace_row(case, languages=None))


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: f"{min(case.labels)}-{case.row.output[:20]}")
def test_a_faulty_row_has_no_finding_beside_its_faults(case: Case):
    assert objections(case) <= case.labels


def test_planted_faults_are_found():
    missed = [
        (code, case.row.source)
        for case in PLANTED
        for code in case.labels - {finding.code for finding in lint_row(case.row)}
    ]
    assert len(missed) <= UNSEEN, missed


def test_every_row_rule_is_tried_on_a_labelled_row():
    tried = {code for case in PLANTED for code in case.labels}
    assert {rule.code for rule in ROW_RULES} - tried == {"broken-tags"}


def test_stored_figures_are_those_of_the_labelled_rows():
    fired: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for case in (*GOOD, *PLANTED):
        found = {finding.code for finding in lint_row(case.row)}
        fired.update(found)
        right.update(found & case.labels)
    figures = measured()
    assert {code: (figures[code].fired, figures[code].right) for code in figures} == {
        rule.code: (fired[rule.code], right[rule.code]) for rule in ROW_RULES
    }, "run tests/benchmarks/lint.py"


def test_a_rule_that_is_often_wrong_is_information():
    for rule in ROW_RULES:
        precision = measured()[rule.code].precision
        if precision is not None and precision < TRUSTED:
            assert rule.severity == "info", rule.code


def test_an_explanation_quotes_the_measured_rate():
    assert explain("output-missing").false_alarm_rate == 0.0
    rate = explain("one-attempt").false_alarm_rate
    assert rate is not None
    assert 0 < rate < 0.05


def test_a_set_reports_as_many_rows_as_have_objections():
    rows = [
        replace(case.row, number=0, languages=None) for case in GOOD if case.row.languages == ("ko", "en")
    ]
    report = lint_set(rows)
    assert report.languages == ("ko", "en")
    assert report.rows == len(rows)
    assert not report.by_row


def test_fixing_a_row_again_and_again_ends():
    for case in PLANTED:
        row = case.row
        for _ in range(4):
            for finding in lint_row(row):
                row = fix(row, finding)
        assert all(fix(row, finding) == row for finding in lint_row(row)), row


def replace_row(case: Case, **changes: object) -> Case:
    return Case(replace(case.row, **changes), case.labels)  # type: ignore[arg-type]
