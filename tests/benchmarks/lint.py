"""How often the linter is right, and how fast it is.

    python tests/benchmarks/lint.py

The first table is over the hand-labelled rows in `tests/unit/data/lint/cases/`; its figures are written to
`data/lint/measured.json`, from which `lint --explain` quotes them. A rule that is right in less than 95 of
100 findings has to be information.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.lint import LintRow, LintSettings, lint_row, lint_set
from data.lint.rules import ROW_RULES
from data.records import Draft
from tests.stubs.lint_cases import Case, cases

MEASURED = Path(__file__).parents[2] / "data" / "lint" / "measured.json"
NEEDED = 0.95
ROWS, WORDS = 22_000, 250
_NOT_FILLER = ('"', "“", "feedback", "student", "teacher", "translator")
"""What marks a sentence that would be objected to in another row's thought."""


def precision() -> None:
    """Print hits and false alarms by rule, and store them."""
    labelled = [*cases("good"), *cases("planted")]
    fired: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wanted: Counter[str] = Counter()
    for case in labelled:
        found = {finding.code for finding in lint_row(case.row)}
        fired.update(found)
        right.update(found & case.labels)
        wanted.update(case.labels)
    print(f"{len(labelled)} hand-labelled rows\n")
    print(f"{'rule':24}{'severity':10}{'faults':>7}{'fired':>7}{'right':>7}{'precision':>11}{'recall':>8}")
    for rule in ROW_RULES:
        code, share = rule.code, right[rule.code] / fired[rule.code] if fired[rule.code] else None
        print(
            f"{code:24}{rule.severity:10}{wanted[code]:7}{fired[code]:7}{right[code]:7}"
            f"{'-' if share is None else format(share, '.2f'):>11}"
            f"{'-' if not wanted[code] else format(right[code] / wanted[code], '.2f'):>8}"
            f"{'   must be info' if share is not None and share < NEEDED and rule.severity != 'info' else ''}"
        )
    figures = {
        rule.code: {
            "fired": fired[rule.code],
            "right": right[rule.code],
            "without_fault": len(labelled) - wanted[rule.code],
        }
        for rule in ROW_RULES
    }
    stored = {"rows": len(labelled), "rules": figures}
    MEASURED.write_bytes(orjson.dumps(stored, option=orjson.OPT_INDENT_2) + b"\n")
    good = [case for case in cases("good") if _is_objected_to(case)]
    print(f"\ngood rows with an error or a warning: {len(good)} of {sum(1 for _ in cases('good'))}")


def _is_objected_to(case: Case) -> bool:
    return any(finding.severity != "info" for finding in lint_row(case.row))


def speed() -> None:
    """Print rows a second over rows with long thoughts, with and without the search for duplicates."""
    rows = _long_rows()
    words = sum(len(row.thought.split()) for row in rows if row.thought) / len(rows)
    print(f"\n{len(rows):,} rows, thoughts of {words:.0f} words")
    alone = LintSettings(off=("near-duplicates",))
    for name, measured, settings in (
        ("without duplicates", rows, alone),
        ("the same, with drafts", [replace(row, drafts=_drafts(row)) for row in rows], alone),
        ("all", rows, LintSettings()),
    ):
        started, busy = time.perf_counter(), time.process_time()
        lint_set(measured, settings)
        seconds, cpu = time.perf_counter() - started, time.process_time() - busy
        print(
            f"{name:22}{seconds:6.1f} s  {len(rows) / seconds:8,.0f} rows/s  ({len(rows) / cpu:,.0f} a CPU second)"
        )
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _drafts(row: LintRow) -> tuple[Draft, ...]:
    """Return two drafts, of which the second is the output: with them, a thought is checked against its trace."""
    return (Draft(text=f"At first {row.output}", score=60), Draft(text=row.output, score=90))


def _long_rows() -> list[LintRow]:
    """Return rows as long as published ones: a good row's thought between sentences of other thoughts."""
    drawn = random.Random(7)
    good = [case.row for case in cases("good") if case.row.thought and case.row.languages == ("ko", "en")]
    sentences = [
        sentence.strip() + "."
        for row in good
        for sentence in (row.thought or "").replace("\n", " ").split(".")
        if sentence.strip() and not any(mark in sentence for mark in _NOT_FILLER)
    ]
    rows = []
    for number in range(ROWS):
        row = drawn.choice(good)
        lead = drawn.sample(sentences, len(sentences))
        thought = row.thought or ""
        while lead and len(thought.split()) < WORDS:
            thought = f"{lead.pop()} {thought}"
        source = "".join(drawn.sample(row.source, len(row.source)))
        rows.append(replace(row, source=source, thought=thought, number=number + 1))
    return rows


if __name__ == "__main__":
    precision()
    speed()
