"""Sets of others, made by whatever tool: sentences with a thought and an output to review.

A row is a flat object of source, thought and output, a chat with tags, an Alpaca or ShareGPT row, a
prompt with its completion, or a row of our own `jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.errors import FileProblem
from data.format import Format, parse_any
from data.ids import stable_id
from data.importers.columns import THOUGHTS, ColumnMap, Role, match_names, named, output_name
from data.importers.objects import OBJECTS, read_objects
from data.importers.prompts import source_of
from data.importers.reader import check_readable, read_file
from data.importers.rows import BadRow, Cells, Fields, Unreadable
from data.importers.sentences import from_fields, normal_fields
from data.records import Candidate, Decision, Example, Origin, Sentence
from data.text import nfc

IMPORTED = "imported"
"""`made_by` of a candidate whose maker its row does not name."""

_CHATS = ("messages", "conversations", "conversation", "dialogue")
_SPEAKERS = {"human": "user", "gpt": "assistant", "model": "assistant", "bot": "assistant"}
_DEFAULT = Format("", "")
_PEEKED = 20
_ACCEPTING = frozenset({"accept", "edit", "auto"})
_RULING = _ACCEPTING | {"reject", "skip", "park"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """A sentence with the candidate that somebody else's set holds for it."""

    sentence: Sentence
    candidate: Candidate
    """What is proposed; of our own rows the texts as a person left them."""
    example: Example | None = None
    """The row as it was, where it is one of our own."""

    @property
    def decision(self) -> Decision | None:
        """What was decided of it, where the row is our own and its decision can be taken over."""
        example = self.example
        decision = example.decision if example else None
        if example is None or decision is None or decision.sentence != self.sentence.id:
            return None
        if decision.kind not in _RULING or (
            decision.kind in _ACCEPTING and decision.candidate != example.candidate
        ):
            return None
        is_whole = None not in (decision.thought, decision.output)
        return decision if example.candidate is not None or is_whole else None

    @property
    def own_candidate(self) -> Candidate | None:
        """The candidate as it was made, which a decision may have changed; `None`: a person wrote it all."""
        example, decision = self.example, self.decision
        if example is None or (decision is None and example.candidate is None):
            return self.candidate
        if example.candidate is None:
            return None
        made = (example.generated or example) if decision is not None else example
        texts = [draft.text for draft in example.drafts]
        best = texts.index(made.output) if made.output in texts else 0
        return self.candidate.model_copy(
            update={
                "id": example.candidate,
                "thought": made.thought,
                "output": made.output,
                "best": best,
                "made_by": example.made_by,
            }
        )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a row of any shape says."""

    fields: dict[str, object]
    """The row as a flat object: the source under `names[source]`, and all that belongs to the sentence."""
    names: Mapping[Role, str]
    thought: str
    output: str
    made: dict[str, object] = field(default_factory=dict)
    """Fields of a candidate that the row knows: drafts, keywords, models …"""
    example: Example | None = None


def holds_proposals(path: Path) -> bool:
    """Whether the first rows of a file of objects hold thoughts or answers beside their sources.

    Raises:
        FileProblem: the file cannot be read.
    """
    path = Path(path)
    check_readable(path)
    if path.suffix.lower() not in OBJECTS:
        return False
    peeked = [row for row in islice(read_objects(path), _PEEKED) if isinstance(row, Fields)]
    return any(not isinstance(_parts(normal_fields(row.fields), (_DEFAULT,)), str) for row in peeked)


def read_proposals(
    path: Path, *, formats: Sequence[Format] = (), licence: str | None = None
) -> Iterator[Proposal | BadRow]:
    """Return the sentences with candidates of a JSON, JSON Lines or Parquet file, and a bad row for every other.

    `formats` are training formats whose prompts the rows may be written in, beside our usual one.

    Raises:
        FileProblem: at the call, if the file is none or cannot be read; while reading, if a JSON
            document turns out broken.
    """
    path = Path(path)
    check_readable(path)
    if path.suffix.lower() not in OBJECTS:
        hint = "Candidates are read from .jsonl, .json and .parquet."
        raise FileProblem(f"{path} holds no objects.", hint=hint)
    return _proposals(path, (*formats, _DEFAULT), licence)


def read_sources(path: Path, mapping: ColumnMap | None = None) -> Iterator[Sentence | BadRow]:
    """Return the sentences of any file that holds some: source files, sets of others, exports.

    Raises:
        FileProblem: as `read_file`.
    """
    if mapping is not None or not holds_proposals(path):
        return read_file(path, mapping)
    return (row.sentence if isinstance(row, Proposal) else row for row in read_proposals(path))


def _proposals(path: Path, formats: tuple[Format, ...], licence: str | None) -> Iterator[Proposal | BadRow]:
    for row in read_objects(path):
        made: Proposal | str
        if isinstance(row, Unreadable):
            made = row.reason
        elif isinstance(row, Cells):
            made = "is a list, where an object was expected"
        else:
            made = _proposal(row, formats, Origin(file=path.name, row=row.row), licence)
        yield BadRow(str(path), row.row, made) if isinstance(made, str) else made


def _proposal(
    row: Fields, formats: tuple[Format, ...], origin: Origin, licence: str | None
) -> Proposal | str:
    parts = _parts(normal_fields(row.fields), formats)
    if isinstance(parts, str):
        return parts
    if not parts.output.strip():
        return "the output is empty"
    sentence = from_fields(Fields(row.row, parts.fields), parts.names, origin)
    if isinstance(sentence, str):
        return sentence
    if parts.example is not None and parts.example.sentence is not None:
        sentence = sentence.model_copy(update={"origin": parts.example.sentence.origin})
    if licence is not None and sentence.licence is None:
        sentence = sentence.model_copy(update={"licence": nfc(licence)})
    basis = {
        "id": stable_id(sentence.id, parts.thought, parts.output),
        "made_by": IMPORTED,
        "workflow": "",
    }
    fixed = {"sentence": sentence.id, "thought": parts.thought, "output": parts.output}
    try:
        return Proposal(sentence, Candidate.model_validate(basis | parts.made | fixed), parts.example)
    except ValidationError as problem:
        first = problem.errors()[0]
        return f"does not make a candidate: {first['loc'][0]}: {first['msg']}"


def _parts(fields: dict[str, Any], formats: tuple[Format, ...]) -> _Parts | str:
    """Recognise the shape of a row, or say what was found and what was expected."""
    if own := _own(fields):
        return own
    chat = next((fields[name] for name in _CHATS if isinstance(fields.get(name), list)), None)
    if chat is not None:
        rest = {name: value for name, value in fields.items() if name not in _CHATS}
        return _from_turns(_turns(chat), rest, formats)
    if "prompt" in fields and "completion" in fields:
        rest = {name: value for name, value in fields.items() if name not in ("prompt", "completion")}
        return _from_turns(
            [*_turns(fields["prompt"]), *_turns(fields["completion"], "assistant")], rest, formats
        )
    if isinstance(fields.get("instruction"), str) and isinstance(fields.get("output"), str):
        rest = {
            name: value
            for name, value in fields.items()
            if name not in ("instruction", "input", "output", "system")
        }
        question = fields.get("input") or source_of(fields["instruction"], formats)
        return _tagged(str(question), fields["output"], rest)
    return _flat(fields)


def _own(fields: dict[str, Any]) -> _Parts | None:
    """Read a row of our own `jsonl`; what a person wrote is what is proposed."""
    if not {"id", "source", "status", "thought", "output"} <= fields.keys():
        return None
    try:
        example = Example.model_validate(fields)
    except ValidationError:
        return None
    made: dict[str, object] = {
        name: getattr(example, name) for name in ("keywords", "drafts", "models", "usage")
    }
    texts = [draft.text for draft in example.drafts]
    made["best"] = texts.index(example.output) if example.output in texts else 0
    made["made_by"] = example.made_by or ("" if example.models else IMPORTED)
    names: dict[Role, str] = {"source": "source", "reference": "reference", "group": "group"}
    return _Parts(fields, names, example.thought, example.output, made, example)


def _flat(fields: dict[str, Any]) -> _Parts | str:
    keys = list(fields)
    thought_name, target_name = named(keys, THOUGHTS), output_name(keys)
    found = f"its keys are: {', '.join(keys) or 'none'}"
    if thought_name is None or target_name is None:
        return f"holds no thought with its output; {found}; expected were text, trans, thought or a chat"
    mapping = match_names(keys)
    if mapping is None:
        return f"no key says which is the source; {found}"
    names = {role: str(column) for role, column in mapping.columns().items()}
    thought, output = fields[thought_name], fields[target_name]
    if not isinstance(thought, str) or not isinstance(output, str):
        return "thought or output is not text"
    rest = {name: value for name, value in fields.items() if name not in (thought_name, target_name)}
    return _Parts(rest, names, thought, output)


def _from_turns(
    turns: list[tuple[str, str]], rest: dict[str, object], formats: tuple[Format, ...]
) -> _Parts | str:
    questions = [text for speaker, text in turns if speaker == "user"]
    answers = [text for speaker, text in turns if speaker == "assistant"]
    if not questions or not answers:
        return "its chat has no question with an answer"
    if len(answers) > 1:
        return "its chat has several answers, so there is no telling which is the translation"
    return _tagged(source_of(questions[0], formats), answers[0], rest)


def _tagged(source: str, answer: str, rest: dict[str, object]) -> _Parts:
    reply = parse_any(answer)
    fields = {name: value for name, value in rest.items() if name not in ("id", "source")} | {
        "source": source
    }
    names: dict[Role, str] = {"source": "source", "reference": "reference", "group": "group"}
    return _Parts(fields, names, reply.thought, reply.output)


def _turns(chat: object, speaker: str = "user") -> list[tuple[str, str]]:
    """Return who says what; a plain text is said by `speaker`."""
    if isinstance(chat, str):
        return [(speaker, chat)]
    turns = []
    for turn in chat if isinstance(chat, list) else ():
        if isinstance(turn, dict):
            role = turn.get("role", turn.get("from"))
            text = turn.get("content", turn.get("value"))
            if isinstance(text, str):
                turns.append((_SPEAKERS.get(str(role), str(role)), text))
    return turns


def read_examples(path: Path) -> Iterator[Example | BadRow]:
    """Return the rows of one of our own `jsonl` exports as they were.

    Raises:
        FileProblem: as `read_proposals`.
    """
    path = Path(path)
    check_readable(path)
    return _examples(path)


def _examples(path: Path) -> Iterator[Example | BadRow]:
    for row in read_objects(path):
        if not isinstance(row, Fields):
            yield BadRow(str(path), row.row, row.reason if isinstance(row, Unreadable) else "is a list")
            continue
        try:
            yield Example.model_validate(row.fields)
        except ValidationError as problem:
            first = problem.errors()[0]
            place = ".".join(map(str, first["loc"]))
            yield BadRow(str(path), row.row, f"is no row of a dataset: {place}: {first['msg']}")
