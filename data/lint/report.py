"""What was found in a set."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from data.records import Finding


@dataclass(frozen=True, slots=True)
class RowFindings:
    """A row, from 1, with its errors and warnings."""

    row: int
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the findings, each once."""
        return list(dict.fromkeys(finding.code for finding in self.findings))


@dataclass(frozen=True, slots=True)
class LintReport:
    """The findings of a set. Rows are counted once for each code."""

    rows: int
    """All rows, the broken ones included."""
    by_row: tuple[RowFindings, ...]
    """Rows with errors or warnings, in order."""
    info: Counter[str]
    """Rows by code of what is only worth knowing."""
    set_findings: dict[str, dict[str, Any]]
    """Figures of what is said of the whole set, by code."""
    languages: tuple[str, ...]
    """Codes of source and target language; empty where they are not known."""

    @property
    def findings(self) -> Counter[str]:
        """Rows by code of errors and warnings."""
        return Counter(code for row in self.by_row for code in row.codes)

    def to_json(self) -> dict[str, Any]:
        """Return the report as `lint --json` prints it."""
        return {
            "rows": self.rows,
            "rows_with_findings": len(self.by_row),
            "findings": dict(self.findings.most_common()),
            "by_row": [{"row": row.row, "codes": row.codes} for row in self.by_row],
            "info": dict(self.info.most_common()),
            "set_findings": self.set_findings,
            "languages": list(self.languages),
        }
