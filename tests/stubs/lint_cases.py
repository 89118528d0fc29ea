"""The hand-labelled rows on which the linter is measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from data.lint import LintRow
from data.records import Draft

CASES = Path(__file__).parents[1] / "unit" / "data" / "lint" / "cases"


@dataclass(frozen=True, slots=True)
class Case:
    """A row and the codes of all that is to be found in it."""

    row: LintRow
    labels: frozenset[str]


def cases(name: str) -> Iterator[Case]:
    """Yield the rows of `good.jsonl` or `planted.jsonl`."""
    for line in (CASES / f"{name}.jsonl").read_bytes().splitlines():
        case = orjson.loads(line)
        yield Case(_row(case["row"]), frozenset(case["labels"]))


def _row(fields: dict[str, Any]) -> LintRow:
    source, target = fields.pop("languages")
    drafts = tuple(Draft(**draft) for draft in fields.pop("drafts", ()))
    references = tuple(fields.pop("references", ()))
    return LintRow(languages=(source, target), drafts=drafts, references=references, **fields)
