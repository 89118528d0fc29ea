"""A project's glossary: which term of the source is to become which term of the target."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from data.records import Finding
from data.text import nfc
from drt_tui.errors import SettingsProblem


@dataclass(frozen=True, slots=True)
class Term:
    """A term and its translations, any of which will do."""

    source: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms in the order of their file."""

    terms: tuple[Term, ...] = ()

    @classmethod
    def read(cls, path: Path) -> Glossary:
        """Read a file of lines `source term, tab, target term; other target term`.

        Raises:
            SettingsProblem: it cannot be read, or a line has no tab.
        """
        try:
            text = nfc(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError) as error:
            is_missing = isinstance(error, FileNotFoundError)
            hint = "There is no such file." if is_missing else "Save it as UTF-8 text."
            raise SettingsProblem(f"The glossary {path} cannot be read.", hint=hint) from error
        return cls(tuple(_terms(path, text)))

    def used_in(self, source: str) -> tuple[Term, ...]:
        """Return the terms that a source text holds."""
        return tuple(term for term in self.terms if term.source in source)

    def misses(self, source: str, output: str) -> tuple[Finding, ...]:
        """Return a finding for each term of the source whose translation the output lacks."""
        told = output.casefold()
        return tuple(
            Finding(
                code="glossary",
                message=f"{term.source} is “{' or '.join(term.targets)}” in the glossary.",
                field="output",
            )
            for term in self.used_in(source)
            if not any(target.casefold() in told for target in term.targets)
        )


def _terms(path: Path, text: str) -> Iterator[Term]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        source, tab, targets = line.partition("\t")
        told = tuple(target.strip() for target in targets.split(";") if target.strip())
        if not tab or not source.strip() or not told:
            raise SettingsProblem(
                f"{path}, line {number}: not a source term, a tab and a target term.", hint="Mend that line."
            )
        yield Term(source.strip(), told)
