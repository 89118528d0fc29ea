"""Linting one row, and a whole set in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, islice

from data.lint.facts import Facts, FindIdiom
from data.lint.languages import commonest_language, may_be_in
from data.lint.reading import BrokenRow
from data.lint.report import LintReport, RowFindings
from data.lint.row import LintRow
from data.lint.rules import ROW_RULES, idiom
from data.lint.sets import SET_RULES, SetRule
from data.lint.settings import LintSettings
from data.lint.twins import CODE as EQUALS_OTHER
from data.lint.twins import Twins
from data.records import Finding
from data.scripts import letters_by_script

DEFAULTS = LintSettings()
BROKEN = "broken-line"
LINE_MEANING = (
    "A line or an object of the file from which no row can be read: broken JSON, or without the fields."
)
_LOOKED_AT = 200
"""Rows from which languages are guessed, and whether groups are idioms."""
_MIXED = 0.2
"""Share of outputs in another script than the commonest from which a set has more than one target."""
_MOST_HITS = 5
"""Findings of one rule in one row; more say nothing new."""
_BY_CODE = {rule.code: rule for rule in ROW_RULES}


def lint_row(
    row: LintRow, settings: LintSettings = DEFAULTS, *, find_idiom: FindIdiom | None = None
) -> tuple[Finding, ...]:
    """Return what the rules object to in one row, in the order of the rules.

    `find_idiom(source, idiom)` is a tokenizer's search by lemmas, where one is at hand; without it a
    plain rule looks for the idiom's head word.
    """
    return _judge(Facts(row, settings, find_idiom))


def _judge(facts: Facts) -> tuple[Finding, ...]:
    off = facts.settings.off
    return tuple(
        rule.finding(hit)
        for rule in ROW_RULES
        if rule.code not in off
        for hit in islice(rule.look(facts), _MOST_HITS)
    )


def fix(row: LintRow, finding: Finding) -> LintRow:
    """Return `row` without the fault, or `row` itself where no fix of it is safe."""
    rule = _BY_CODE.get(finding.code)
    return row if rule is None or rule.fix is None else rule.fix(row)


def lint_set(
    rows: Iterable[LintRow | BrokenRow],
    settings: LintSettings = DEFAULTS,
    *,
    languages: tuple[str, str] | None = None,
    find_idiom: FindIdiom | None = None,
) -> LintReport:
    """Return what the rules object to in a set, which is read once.

    `languages` are those of the project; without them they are guessed by script from the first rows.
    Rows that name their own languages keep them.
    """
    stream = iter(rows)
    first = list(islice(stream, _LOOKED_AT))
    sound = [row for row in first if isinstance(row, LintRow)]
    guessed = languages or _languages(sound)
    if languages is None and guessed and not _is_mixed(sound, guessed[1]):
        languages = guessed
    if _groups_are_labels(sound):
        settings = settings.model_copy(
            update={"off": (*settings.off, idiom.NOT_IN_SOURCE.code, idiom.NOT_IN_THOUGHT.code)}
        )
    tally = _Tally(settings)
    for number, row in enumerate(chain(first, stream), 1):
        if isinstance(row, BrokenRow):
            tally.note_broken(row)
        else:
            tally.note(row.number or number, Facts(row, settings, find_idiom, languages))
    return tally.report(guessed)


def _languages(rows: list[LintRow]) -> tuple[str, str] | None:
    """Guess both languages of a set, those that its rows name first."""
    named = Counter(row.languages for row in rows if row.languages)
    if named:
        return named.most_common(1)[0][0]
    source = commonest_language(row.source for row in rows)
    target = commonest_language(row.output for row in rows)
    return (source, target) if source and target else None


def _is_mixed(rows: list[LintRow], target: str) -> bool:
    """Tell whether so many outputs are in another language that the set has several targets."""
    outputs = [letters_by_script(row.output) for row in rows if row.languages is None]
    return sum(not may_be_in(letters, target) for letters in outputs) > _MIXED * len(outputs)


def _groups_are_labels(rows: list[LintRow]) -> bool:
    """Tell whether the groups of a set are topics or the like: most are not in their sources."""
    asked = [row for row in rows if row.group]
    return sum(any(idiom.NOT_IN_SOURCE.look(Facts(row, DEFAULTS))) for row in asked) > len(asked) / 2


@dataclass(slots=True)
class _Tally:
    """What was found so far."""

    settings: LintSettings
    rows: int = 0
    by_row: dict[int, list[Finding]] = field(default_factory=dict)
    info: Counter[str] = field(default_factory=Counter)
    twins: Twins = field(default_factory=Twins)
    set_rules: list[SetRule] = field(init=False)

    def __post_init__(self) -> None:
        made = (rule(self.settings) for rule in SET_RULES)
        self.set_rules = [rule for rule in made if rule.code not in self.settings.off]

    def note_broken(self, row: BrokenRow) -> None:
        """Take note of a row that could not be read."""
        self.rows += 1
        self.by_row[row.number] = [
            Finding(code=BROKEN, message=f"The row {row.reason}.", severity="error", field="source")
        ]

    def note(self, number: int, facts: Facts) -> None:
        """Lint a row, and show it to the rules over the set."""
        self.rows += 1
        found = _judge(facts)
        told = [finding for finding in found if finding.severity != "info"]
        if told:
            self.by_row[number] = told
        self.info.update({finding.code for finding in found if finding.severity == "info"})
        self.twins.see(number, facts)
        for rule in self.set_rules:
            rule.see(number, facts)

    def report(self, languages: tuple[str, str] | None) -> LintReport:
        """Return the report over all rows that were noted."""
        if EQUALS_OTHER not in self.settings.off:
            for row, finding in self.twins.findings().items():
                self.by_row.setdefault(row, []).append(finding)
        return LintReport(
            rows=self.rows,
            by_row=tuple(RowFindings(row, tuple(found)) for row, found in sorted(self.by_row.items())),
            info=self.info,
            set_findings=dict(self._of_set()),
            languages=languages or (),
        )

    def _of_set(self) -> Iterator[tuple[str, dict[str, object]]]:
        for rule in self.set_rules:
            finding = rule.finding()
            if finding is not None:
                yield rule.code, finding
