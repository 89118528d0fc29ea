"""The report as Markdown."""

from __future__ import annotations

import re

from data.text import show_controls
from train.evaluation.reports.sections import Table, headline, tables
from train.evaluation.results import Evaluation, Example

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LIST_MARK = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s|$)")


def markdown_report(evaluation: Evaluation) -> str:
    """Return the report; text that models or files wrote shows as it is, whatever it spells."""
    parts = [f"# {escaped(headline(evaluation))}"]
    if evaluation.warnings:
        parts.insert(0, "\n\n".join(f"**{escaped(warning)}**" for warning in evaluation.warnings))
    shown = tables(evaluation)
    parts += [_table(table) for table in shown]
    parts += [f"- {escaped(note)}" for note in evaluation.notes]
    for title, lists in (("Worst", evaluation.worst), ("Best", evaluation.best)):
        for contender, ids in lists.items():
            examples = [evaluation.examples[item] for item in ids if item in evaluation.examples]
            if examples:
                parts.append(f"## {title} of {escaped(contender)}")
                parts += [_example(example) for example in examples]
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Return text on one line that no reader of Markdown takes for markup."""
    line = " ".join(show_controls(text).split())
    return _LIST_MARK.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", line))


def _table(table: Table) -> str:
    lines = [f"## {escaped(table.title)}", ""]
    if table.note:
        lines += [escaped(table.note), ""]
    lines.append(f"| {' | '.join(escaped(cell) or ' ' for cell in table.head)} |")
    lines.append("|" + "---|" * len(table.head))
    lines += [f"| {' | '.join(escaped(cell) or ' ' for cell in row)} |" for row in table.rows]
    return "\n".join(lines)


def _example(example: Example) -> str:
    lines = [f"- {escaped(example.source)}"]
    if example.reference:
        lines.append(f"  - reference: {escaped(example.reference)}")
    for each in example.translations:
        score = f" ({each.score:.0f})" if each.score is not None else ""
        lines.append(f"  - {escaped(each.contender)}{score}: {escaped(each.output or each.failed or '–')}")
    return "\n".join(lines)
