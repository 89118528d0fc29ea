"""Names that differ between source and output, where both are written in one script."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rapidfuzz import fuzz

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_TITLE = r"(?:Mr|Mrs|Ms|Dr|Prof|Miss|Sir|Herrn?|Frau|Monsieur|Madame|Mademoiselle|M|Mme|Mlle|Señora?|Signora?|Senhora?)\.?"
_NAME = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+(?:[-'’][A-ZÀ-ÖØ-Þ]?[a-zß-öø-ÿ]+)?"
_FULL_NAME = re.compile(rf"(?<![\w.])({_NAME}) ({_NAME})(?!\w)")
_TITLED = re.compile(rf"(?<!\w){_TITLE} ({_NAME})(?!\w)")
_ANY = re.compile(rf"(?<!\w){_NAME}(?!\w)")
_OFFICES = frozenset({
    "President", "Speaker", "Chairman", "Minister", "Secretary", "Ambassador", "Mayor", "Judge", "Justice", "Professor",
    "Doctor", "Director",
})  # fmt: skip
"""What is said after "Mr" and translated."""
_ALIKE = 60
"""From this likeness in percent two spellings may be one name in two languages: Londres, London."""


def _look(facts: Facts) -> Iterator[Hit]:
    if facts.source_script != "latin" or facts.target_script != "latin":
        return
    source, output = facts.row.source, facts.row.output
    for pattern in (_TITLED, _FULL_NAME):
        named = [match.groups() for match in pattern.finditer(source)]
        for match in pattern.finditer(output) if named else ():
            lost = _replaced(named, match.groups(), source, output)
            if lost:
                yield Hit(f"The source names {lost}, the output {match.group()}.", match.span())
                return


def _replaced(named: list[tuple[str, ...]], found: tuple[str, ...], source: str, output: str) -> str | None:
    """Return the name of the source in whose place `found` stands: same first name, or both with a title."""
    if found[-1] in _ANY.findall(source):
        return None
    in_output = _ANY.findall(output)
    for names in named:
        lost = names[-1]
        if names[:-1] != found[:-1] or lost in in_output or lost in _OFFICES:
            continue
        if fuzz.ratio(lost, found[-1]) < _ALIKE:
            return " ".join(names)
    return None


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
