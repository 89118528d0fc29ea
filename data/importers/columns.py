"""Which column of a source file is what: said by `--map`, or known by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rapidfuzz import process

from data.errors import FileProblem
from data.format import LANGUAGE_NAMES
from data.text import nfc

Role = Literal["source", "reference", "group", "document"]
Column = str | int
ROLES: tuple[Role, ...] = get_args(Role)

NAMES: dict[Role, tuple[str, ...]] = {
    "source": ("source", "src", "sourcetext", "원문", "출발어", "sentence", "문장", "text", "input"),
    "reference": (
        "reference", "references", "ref", "target", "tgt", "translation", "trans",
        "번역", "번역문", "도착어", "참조",
    ),
    "group": ("group", "idiom", "관용구", "관용어", "관용표현", "숙어", "속담", "표현"),
    "document": ("document", "doc", "문서"),
}  # fmt: skip
"""Names that a column goes by, the surest first; compared without case, spaces, `_` and `-`."""
THOUGHTS = (
    "thought",
    "thoughts",
    "thinking",
    "think",
    "reasoning",
    "reasoningcontent",
    "cot",
    "사고",
    "사고과정",
)
OUTPUTS = ("output", "trans", "translation", "target", "tgt", "mt", "hypothesis", "answer", "번역", "번역문")

_LANGUAGES = {
    **{code: code for code in LANGUAGE_NAMES if code != "id"},  # a column "id" is hardly Indonesian
    **{name.lower(): code for code, name in LANGUAGE_NAMES.items()},
    "kor": "ko", "eng": "en", "jpn": "ja", "chi": "zh", "zho": "zh", "cn": "zh", "jp": "ja", "kr": "ko",
    "한국어": "ko", "국문": "ko", "한글": "ko", "영어": "en", "영문": "en", "중국어": "zh", "중문": "zh",
    "일본어": "ja", "일문": "ja",
}  # fmt: skip
_MAP_PART = re.compile(rf"(?:^|,)\s*({'|'.join(ROLES)})\s*=")


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column holds what: a header's name, or a number from 1.

    `header` says whether the first row is a header; by default it is one exactly if a column is named.
    """

    source: Column
    reference: Column | None = None
    group: Column | None = None
    document: Column | None = None
    header: bool | None = None

    @classmethod
    def parse(cls, text: str, header: bool | None = None) -> ColumnMap:
        """Read `source=2,reference=3,group=1` or `source=ko,reference=en`.

        Raises:
            FileProblem: a part is no `ROLE=COLUMN`, stands twice, or `source` is missing.
        """
        text = nfc(text).strip()
        starts = list(_MAP_PART.finditer(text))
        hint = "Write it as source=COLUMN[,reference=COLUMN][,group=COLUMN][,document=COLUMN]."
        if not starts or starts[0].start() != 0:
            name, equals, _ = text.partition("=")
            nearest = _nearest(name.strip()) if equals else ""
            raise FileProblem(
                f"--map has a part that is not understood: {name.strip()!r}.{nearest}", hint=hint
            )
        columns: dict[str, Column] = {}
        for start, after in zip(starts, [*starts[1:], None], strict=True):
            role, value = start.group(1), text[start.end() : after.start() if after else None].strip()
            stray = re.search(r",\s*(\w+)\s*=", value)
            if stray:
                name = stray.group(1)
                raise FileProblem(
                    f"--map has a part that is not understood: {name!r}.{_nearest(name)}", hint=hint
                )
            if role in columns:
                raise FileProblem(f"--map names {role} twice.", hint=hint)
            columns[role] = _column(role, value, hint)
        if "source" not in columns:
            raise FileProblem("--map does not say which column is the source.", hint=hint)
        if columns["source"] == columns.get("reference"):
            raise FileProblem("--map names one column for both source and reference.", hint=hint)
        return cls(**columns, header=header)

    def columns(self) -> dict[Role, Column]:
        """Return the mapped roles with their columns."""
        chosen = {role: getattr(self, role) for role in ROLES}
        return {role: column for role, column in chosen.items() if column is not None}

    @property
    def expects_header(self) -> bool:
        """Whether the first row is a header and not a sentence."""
        if self.header is not None:
            return self.header
        return any(isinstance(column, str) for column in self.columns().values())


def match_names(names: Sequence[str]) -> ColumnMap | None:
    """Return the map that column names alone tell, `None` where no name says "source".

    Where two columns are only named by their languages, Korean is the source; of two others the
    first is. Beside a thought, only a column named "reference" is one: `trans` or `en` is then the
    output that came of the thought.
    """
    found: dict[str, Column] = {
        role: name for role, known in NAMES.items() if (name := named(names, known)) is not None
    }
    spoken = [name for name in names if key(name) in _LANGUAGES and name not in found.values()]
    spoken.sort(key=lambda name: _LANGUAGES[key(name)] != "ko")
    for role in ("source", "reference"):
        if role not in found and spoken:
            found[role] = spoken.pop(0)
    if named(names, THOUGHTS) and not key(str(found.get("reference", ""))).startswith("ref"):
        found.pop("reference", None)
    return ColumnMap(**found, header=True) if "source" in found else None


def output_name(names: Sequence[str]) -> str | None:
    """Return which column beside a thought holds the output that came of it."""
    mapping = match_names(names)
    source = mapping.source if mapping else None
    spoken = (name for name in names if key(name) in _LANGUAGES and name != source)
    return named(names, OUTPUTS) or next(spoken, None)


def named(names: Sequence[str], known: Sequence[str]) -> str | None:
    """Return the column that goes by the surest of the `known` names."""
    keys = {key(name): name for name in reversed(names)}
    return next((keys[name] for name in known if name in keys), None)


def _column(role: str, value: str, hint: str) -> Column:
    if not value:
        raise FileProblem(f"--map names no column for {role}.", hint=hint)
    if not value.isdecimal():
        return value
    if int(value) < 1:
        raise FileProblem(f"--map: {role}={value}, but columns count from 1.", hint=hint)
    return int(value)


def _nearest(name: str) -> str:
    match = process.extractOne(name, ROLES, score_cutoff=60)
    return f" Did you mean {match[0]!r}?" if match else ""


def key(name: str) -> str:
    """Return what is compared of a column's name."""
    return re.sub(r"[\s_\-]+", "", nfc(name)).casefold()
