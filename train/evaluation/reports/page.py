"""The report as one page that opens without a network: no script, nothing loaded from anywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from data.text import show_controls
from train.evaluation.reports import plots
from train.evaluation.reports.sections import Table, headline, tables
from train.evaluation.results import Evaluation, Example

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --soft: #d9dee5; --mark: #2b62a8; --red: #a32020; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e6e6; --paper: #16181c; --soft: #3a4048; --mark: #7fb0ee; --red: #ff8a80; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 72rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; } h1, h2, p, li { overflow-wrap: anywhere; }
.warning { color: var(--red); border-left: 4px solid var(--red); padding-left: .8rem; font-weight: 600; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .6rem 0; }
th, td { padding: .15rem .9rem .15rem 0; text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tbody th { font-weight: 400; } th:first-child, td:first-child, .word { text-align: left; }
td.word, thead th { white-space: normal; max-width: 14rem; overflow-wrap: break-word; }
td.word:last-child { min-width: 10rem; max-width: none; }
.wide th:first-child, .wide td:first-child { position: sticky; left: 0; background: var(--paper); }
thead :is(th, td) { border-bottom: 1px solid var(--soft); }
article { border-top: 1px solid var(--soft); padding: .6rem 0; } .source { font-weight: 600; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(15rem, 100%), 1fr)); gap: .8rem; }
.sides h4 { font-size: .9rem; margin: 0; overflow-wrap: anywhere; }
.sides p, details { margin: .2rem 0; overflow-wrap: anywhere; }
.thought { white-space: pre-wrap; } .quiet { opacity: .75; }
article h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; } summary { cursor: pointer; }
@media (max-width: 36rem) { .wide tbody th, thead th { white-space: normal; } }
@media print { details { display: none; } article { break-inside: avoid; } }
"""
_FIGURE = re.compile(r"[-+$]*[\d–]")
"""How figures begin; they stand to the right, words to the left."""


def html_report(evaluation: Evaluation, *, made_at: str = "") -> str:
    """Return the page; `made_at` is a date in words, left out where it is empty."""
    title = headline(evaluation)
    warnings = "".join(f'<p class="warning">{_text(each)}</p>' for each in evaluation.warnings)
    made = f'<p class="quiet">{_text(made_at)}</p>' if made_at else ""
    first, *rest = tables(evaluation) or (Table("Figures", (), ()),)
    drawn = plots.plots(evaluation.whole)
    section = f"<section><h2>Figures with their intervals</h2>{drawn}</section>" if drawn else ""
    body = [_table(first), section, *(_table(table) for table in rest)]
    listed = "".join(f"<li>{_text(note)}</li>" for note in evaluation.notes)
    notes = f"<ul>{listed}</ul>" if listed else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_text(title)}</title><style>{_STYLE}{plots.STYLE}</style></head><body><main>"
        f"{warnings}<h1>{_text(title)}</h1>{made}{notes}{''.join(body)}"
        f"{_reading('Worst', evaluation, evaluation.worst)}{_reading('Best', evaluation, evaluation.best)}"
        "</main></body></html>\n"
    )


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    note = f"<p>{_text(table.note)}</p>" if table.note else ""
    columns = list(zip(*table.rows, strict=True))
    kinds = ["" if all(map(_FIGURE.match, cells)) else ' class="word"' for cells in columns]
    head = "".join(
        f'<th scope="col"{kind}>{_text(cell)}</th>' if cell else "<td></td>"
        for cell, kind in zip(table.head, kinds, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>'
        + "".join(f"<td{kind}>{_text(cell)}</td>" for cell, kind in zip(row[1:], kinds[1:], strict=True))
        + "</tr>"
        for row in table.rows
    )
    title = _text(table.title)
    return (
        f'<section><h2>{title}</h2>{note}<div class="wide" role="region" aria-label="{title}" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _reading(title: str, evaluation: Evaluation, lists: Mapping[str, Sequence[str]]) -> str:
    parts = []
    for contender, ids in lists.items():
        examples = [evaluation.examples[item] for item in ids if item in evaluation.examples]
        if examples:
            shown_items = "".join(_example(example, evaluation.languages) for example in examples)
            parts.append(
                f"<section><h2>{title} of {_text(contender)}, by {_text(evaluation.ranked_by)}</h2>"
                f"{shown_items}</section>"
            )
    return "".join(parts)


def _example(example: Example, languages: tuple[str, str]) -> str:
    source, target = (f'lang="{escape(language)}" dir="auto"' for language in languages)
    reference = (
        f'<p class="quiet">reference: <span {target}>{_text(example.reference)}</span></p>'
        if example.reference
        else ""
    )
    sides = "".join(_side(*each, language=target) for each in _sides(example))
    slices = f'<p class="quiet">{_text(", ".join(example.slices))}</p>' if example.slices else ""
    return (
        f'<article><h3 class="source" {source}>{_text(example.source)}</h3>{reference}{slices}'
        f'<div class="sides">{sides}</div></article>'
    )


def _sides(example: Example) -> Sequence[tuple[str, str, str]]:
    return [
        (
            each.contender + (f" · {each.score:.0f}" if each.score is not None else ""),
            each.output or each.failed or "–",
            each.thought,
        )
        for each in example.translations
    ]


def _side(name: str, output: str, thought: str, *, language: str) -> str:
    folded = (
        f'<details><summary>thought</summary><p class="thought" dir="auto">{_text(thought)}</p></details>'
        if thought
        else ""
    )
    return f"<div><h4>{_text(name)}</h4><p {language}>{_text(output)}</p>{folded}</div>"


def _text(text: str) -> str:
    return escape(show_controls(text))
