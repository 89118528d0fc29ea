"""Names that differ between source and output, where both are written in one script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_TITLE = (
    r"(?:Mr|Mrs|Ms|Dr|Prof|Miss|Sir|Lady|Lord|Captain|Colonel|Herr|Frau|Monsieur|Madame|Mademoiselle|M|Mme|Mlle|"
    r"Señora?|Don|Doña|Signora?|Senhora?)\.?"
)
_NAME = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:[-'’][A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+)?"
_FULL_NAME = re.compile(rf"(?<![\w.])({_NAME}) ({_NAME})(?!\w)")
_TITLED = re.compile(rf"(?<!\w){_TITLE} ({_NAME})(?!\w)")
_ANY = re.compile(rf"(?<!\w){_NAME}(?!\w)")
_ALIKE = 60
"""From this likeness in percent two spellings may be one name in two languages: Londres, London."""


def _look(facts: Facts) -> Iterator[Hit]:
    if facts.source_script != "latin" or facts.target_script != "latin":
        return
    source, output = facts.row.source, facts.row.output
    in_output, in_source = set(_ANY.findall(output)), set(_ANY.findall(source))
    for pattern in (_FULL_NAME, _TITLED):
        expected = list(pattern.finditer(source))
        for match in pattern.finditer(output) if expected else ():
            wrong = [name for name in match.groups() if name not in in_source]
            if len(wrong) != 1:
                continue
            for other in expected:
                lost = [name for name in other.groups() if name not in in_output]
                kept = set(match.groups()) & set(other.groups())
                if len(lost) == 1 and (kept or pattern is _TITLED) and fuzz.ratio(lost[0], wrong[0]) < _ALIKE:
                    yield Hit(f"The source names {other.group()}, the output {match.group()}.", match.span())
                    return


RULE = Rule(
    code="name-changed",
    meaning=(
        "A person named in full or by a title in the source has another name in the output. Only judged where "
        "both languages are written in Latin letters; spellings that are much alike are let pass."
    ),
    severity="warning",
    field="output",
    look=_look,
    bad=LintRow(
        source="That night Anna Kowalski left the house.",
        output="In dieser Nacht verließ Anna Schmidt das Haus.",
        languages=("en", "de"),
    ),
    good=LintRow(
        source="That night Anna Kowalski left London.",
        output="In dieser Nacht verließ Anna Kowalski London.",
        languages=("en", "de"),
    ),
)
