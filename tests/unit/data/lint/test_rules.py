"""Every rule objects to its bad example and lets its good one pass."""

from __future__ import annotations

import pytest

from data.lint import lint_row
from data.lint.rule import Rule
from data.lint.rules import ROW_RULES


@pytest.mark.parametrize("rule", ROW_RULES, ids=lambda rule: rule.code)
def test_a_rule_finds_its_fault(rule: Rule):
    assert rule.code in {finding.code for finding in lint_row(rule.bad)}


@pytest.mark.parametrize("rule", ROW_RULES, ids=lambda rule: rule.code)
def test_a_rule_lets_the_like_row_pass(rule: Rule):
    assert rule.code not in {finding.code for finding in lint_row(rule.good)}


@pytest.mark.parametrize("rule", [rule for rule in ROW_RULES if rule.fix], ids=lambda rule: rule.code)
def test_a_fix_removes_its_fault(rule: Rule):
    assert rule.fix
    fixed = rule.fix(rule.bad)
    assert fixed != rule.bad
    assert rule.code not in {finding.code for finding in lint_row(fixed)}


def test_codes_are_unique():
    codes = [rule.code for rule in ROW_RULES]
    assert len(codes) == len(set(codes))
