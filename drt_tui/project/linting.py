"""Linting for the command line: a file of anybody's, or rows of the project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from data.text import show_controls
from drt_tui.narration import now_and_then, told

if TYPE_CHECKING:
    from data.lint.explanations import Explanation
    from data.lint.report import LintReport
    from data.lint.row import LintRow
    from data.store import Dataset, ProjectFolder
    from drt_tui.project.settings import Settings

Row = TypeVar("Row")

_ROWS_SHOWN = 20


def lint_file(folder: ProjectFolder, file: Path) -> LintReport:
    """Lint anybody's set with the thresholds of the project around the current directory, if any.

    Raises:
        FileProblem: no set of sources, thoughts and outputs can be read out of the file.
    """
    from data.lint import lint_set, read_rows
    from drt_tui.project.settings import load_settings

    return lint_set(_told(read_rows(file)), load_settings(folder.settings).lint)


def lint_project(folder: ProjectFolder, statuses: tuple[str, ...]) -> LintReport:
    """Lint the project's rows of these statuses; by default the curated ones."""
    from data.lint import lint_set
    from drt_tui.project.opening import reading
    from drt_tui.project.settings import load_settings

    settings = load_settings(folder.settings)
    with reading(folder) as dataset:
        return lint_set(_told(_rows(dataset, settings, statuses)), settings.lint)


def _told(rows: Iterator[Row]) -> Iterator[Row]:
    """Yield the rows, and tell how far the work is; what is said of the whole set comes last."""
    tell = now_and_then(lambda done, of: "looking at the whole set")
    yield from told("rows linted", rows)
    tell(0, 0)


def _rows(dataset: Dataset, settings: Settings, statuses: tuple[str, ...]) -> Iterator[LintRow]:
    from data.lint import row_of_example
    from drt_tui.project.exporting import examples_of, statuses_named

    languages = (settings.project.source or "ko", settings.project.target or "en")
    chosen = statuses_named(statuses)
    for example in examples_of(dataset, chosen):
        if example.status in chosen:
            yield row_of_example(example, languages=languages)


def explanation_text(explanation: Explanation) -> str:
    """Return an explanation for a person."""
    lines = [f"{explanation.code} ({explanation.severity}, {explanation.scope})", explanation.meaning]
    for name, row in (("with it", explanation.example), ("without it", explanation.counterexample)):
        if row is not None:
            lines += [f"{name}:", f"  source: {row.source}", f"  output: {row.output}"]
            lines += [f"  thought: {row.thought}"] if row.thought else []
    if explanation.false_alarm_rate is not None:
        lines.append(f"false alarms on our labelled rows: {explanation.false_alarm_rate:.1%}")
    return "\n".join(lines)


def report_text(report: LintReport) -> str:
    """Return a report for a person: counts by code, then the first rows."""
    lines = [f"{report.rows:,} rows, {len(report.by_row):,} with findings"]
    lines += [f"  {count:>7,}  {code}" for code, count in report.findings.most_common()]
    for row in report.by_row[:_ROWS_SHOWN]:
        told = "; ".join(f"{finding.code}: {finding.message}" for finding in row.findings)
        lines.append(f"row {row.row}: {show_controls(told)}")
    if len(report.by_row) > _ROWS_SHOWN:
        lines.append(f"… and {len(report.by_row) - _ROWS_SHOWN:,} more rows; --json lists them all")
    if report.info:
        lines.append("worth knowing: " + ", ".join(f"{code} {n:,}" for code, n in report.info.most_common()))
    for code, figures in report.set_findings.items():
        lines += _set_lines(code, figures)
    return "\n".join(lines)


def _set_lines(code: str, figures: Mapping[str, object]) -> Iterator[str]:
    """Yield a set's figures: single ones beside the code, those of several values on lines of their own."""
    single = {name: value for name, value in figures.items() if not isinstance(value, dict | list)}
    yield f"of the set: {code} {_in_words(single)}".rstrip()
    for name, value in figures.items():
        if name not in single:
            yield f"  {name.replace('_', ' ')}: {_in_words(value)}"


def _in_words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_in_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        is_flat = not any(isinstance(each, dict | list) for each in value)
        return (", " if is_flat else "; ").join(map(_in_words, value))
    return f"{value:g}" if isinstance(value, float) else show_controls(str(value))
