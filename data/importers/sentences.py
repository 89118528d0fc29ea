"""A row of a file as a sentence: our own fields taken over, everything unknown kept."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import ValidationError

from data.importers.binding import Binding
from data.importers.columns import Role
from data.importers.rows import Cells, Fields
from data.records import Example, Origin, Reference, Sentence, sentence_id
from data.text import nfc

MOST_CHARACTERS = 100_000
"""A longer text is no sentence but a file whose line ends were lost."""

_LINE_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_RESERVED = frozenset({"id", "source", "register_"})
_OURS = frozenset({"register", *Sentence.model_fields}) - _RESERVED
_OF_EXAMPLES = (
    (frozenset(Example.model_fields) | {"output_terms"})
    - frozenset(Sentence.model_fields)
    - {"reference", "sentence"}
)


def from_cells(row: Cells, binding: Binding, origin: Origin) -> Sentence | str:
    """Return the sentence of a table's row, or why it holds none.

    Cells lose the space around them, and line breaks within them become newlines.
    """
    cells = [_cell(cell) for cell in row.cells]
    if any("\0" in cell for cell in cells):
        return "holds a NUL character: the row is damaged"
    roles: dict[Role, str] = {
        role: cells[place] for role, place in binding.places.items() if place < len(cells) and cells[place]
    }
    taken = set(binding.places.values())
    extra: dict[str, object] = {
        name: cell
        for place, (name, cell) in enumerate(zip(binding.names, cells, strict=False))
        if place not in taken
    }
    return sentence_of(roles, {name: value for name, value in extra.items() if value}, origin)


def from_fields(row: Fields, names: Mapping[Role, str], origin: Origin) -> Sentence | str:
    """Return the sentence of a JSON object, or why it holds none. Texts are taken to the letter.

    In a row of our own `jsonl` export the nested `sentence` is what the row's sentence was; what
    belongs to its candidate is left to `data.importers.proposals`.
    """
    rest = normal_fields(row.fields)
    nested = rest.pop("sentence") if isinstance(rest.get("sentence"), dict) else None
    if "thought" in rest:
        asked = frozenset(names.values())
        rest = {name: value for name, value in rest.items() if name in asked or name not in _OF_EXAMPLES}
    if isinstance(nested, dict):
        rest = {**nested, **rest}
    if names["source"] not in rest:
        return f"has no {names['source']!r}; its keys are: {', '.join(rest) or 'none'}"
    roles: dict[Role, object] = {role: rest.pop(name) for role, name in names.items() if name in rest}
    return sentence_of(roles, rest, origin)


def sentence_of(roles: Mapping[Role, object], rest: Mapping[str, object], origin: Origin) -> Sentence | str:
    """Return the sentence that a row's columns make, or why they make none.

    Of `rest`, fields that are ours in name and shape are taken over; a field that only has one of our
    names is kept as `imported_NAME`, and every other one under its own.
    """
    source = roles.get("source")
    if source is None:
        return "the source is empty"
    if not isinstance(source, str):
        return "the source is not text"
    if not source.strip():
        return "the source is empty"
    if len(source) > MOST_CHARACTERS:
        return f"the source has {len(source):,} characters; no sentence has more than {MOST_CHARACTERS:,}"
    own = {name: value for name, value in rest.items() if name in _OURS and value is not None}
    own |= {role: str(roles[role]) for role in ("group", "document") if roles.get(role) not in (None, "")}
    own["references"] = _references(rest.get("references")) or _references(roles.get("reference"))
    foreign = {name: value for name, value in rest.items() if name not in _OURS}
    if foreign.get("id") == sentence_id(source):
        del foreign["id"]
    named = {f"imported_{name}" if name in _RESERVED else name: value for name, value in foreign.items()}
    fixed = {"id": sentence_id(source), "source": source}
    return _validated({**named, **own}, fixed, origin)


def _validated(fields: Mapping[str, object], fixed: Mapping[str, object], origin: Origin) -> Sentence | str:
    try:
        return Sentence.model_validate({"origin": origin, **fields, **fixed})
    except ValidationError as problem:
        misfits = {str(error["loc"][0]) for error in problem.errors()}
    renamed = {f"imported_{name}" if name in misfits else name: value for name, value in fields.items()}
    try:
        return Sentence.model_validate({"origin": origin, **renamed, **fixed})
    except ValidationError as problem:
        return f"does not make a sentence: {problem.errors()[0]['msg']}"


def _references(value: object) -> list[object]:
    """Return references in our shape: of a text, of several, or of records as they are."""
    values = value if isinstance(value, list | tuple) else [value]
    return [
        Reference(text=item).model_dump() if isinstance(item, str) else item
        for item in values
        if item is not None and item != ""
    ]


def _cell(text: str) -> str:
    return nfc(_LINE_BREAK.sub("\n", text)).strip().strip("\ufeff")


def normal_fields(value: Mapping[str, object]) -> dict[str, object]:
    """Return a JSON object with all its texts and keys in NFC."""
    return {nfc(name): _normal_value(item) for name, item in value.items()}


def _normal_value(value: object) -> object:
    if isinstance(value, str):
        return nfc(value)
    if isinstance(value, dict):
        return normal_fields(value)
    return [_normal_value(item) for item in value] if isinstance(value, list) else value
