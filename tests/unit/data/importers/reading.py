"""What the importer tests share: write bytes, read them back, look at what came of each row."""

from __future__ import annotations

from pathlib import Path

from data.importers import BadRow, ColumnMap, read_file
from data.records import Sentence

GOOD = (
    "발이 넓다,그는 발이 넓어서 아는 사람이 많다.,He knows everyone.\n"
    '손이 크다,어머니는 손이 크시다.,"Mother, as ever, is generous."\n'
    '입이 무겁다,"그녀는, 입이 무겁다.",She keeps secrets.\n'
    "귀가 얇다,동생은 귀가 얇다.,He is gullible.\n"
)
HEADED = "group,source,reference\n" + GOOD


def read(
    folder: Path, name: str, content: str | bytes, mapping: str | None = None, *, header: bool | None = None
) -> tuple[list[Sentence], list[BadRow]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = list(read_file(path, ColumnMap.parse(mapping, header) if mapping else None))
    return [row for row in rows if isinstance(row, Sentence)], [
        row for row in rows if isinstance(row, BadRow)
    ]


def cells(sentence: Sentence) -> tuple[str | None, str, str | None]:
    reference = sentence.references[0].text if sentence.references else None
    return sentence.group, sentence.source, reference
