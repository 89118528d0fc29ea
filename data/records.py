"""The records of a project: what is stored, imported and exported.

Every record is frozen, holds NFC text, and keeps fields that this version does not know (`extra`),
so that a file written by somebody else, or by a later version, survives import and export.
Scores are whole numbers from 0 to 100; times are seconds; money is US dollars, and `None` where the
price is unknown (never a made-up number).
"""

from __future__ import annotations

from enum import StrEnum
from hashlib import blake2b
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from data.text import nfc

Text = Annotated[str, AfterValidator(nfc)]
"""A string that is NFC once validated."""

Score = Annotated[int, Field(ge=0, le=100)]
"""An evaluator's judgement of a draft, 0 (useless) to 100 (could not be better)."""


class Status(StrEnum):
    """The one status a sentence has."""

    NEW = "new"
    GENERATED = "generated"
    """It has a candidate that nobody has judged."""
    ACCEPTED = "accepted"
    EDITED = "edited"
    """Accepted with changes."""
    AUTO = "auto"
    """Accepted in bulk, unread."""
    REJECTED = "rejected"
    SKIPPED = "skipped"
    PARKED = "parked"
    """Not translatable as it stands (broken, mislabelled, needs context)."""
    FAILED = "failed"
    """A stage gave nothing usable after all retries and fallbacks."""


PENDING = frozenset({Status.NEW, Status.GENERATED})
HELD_OUT = frozenset({"valid", "test"})
"""Splits that training, generation, hints and prompts never touch."""
CURATED = frozenset({Status.ACCEPTED, Status.EDITED})


class Stage(StrEnum):
    """A step of the loop; also the value of the `X-DRT-Stage` header of its requests."""

    KEYWORDS = "keywords"
    LITERAL = "literal"
    EVALUATE = "evaluate"
    ADVISE = "advise"
    REFINE = "refine"
    REFORMULATE = "reformulate"
    OPEN = "open"
    """`economy` workflow: translations of the tokenizer's keywords and the literal draft in one call."""
    CRITIQUE = "critique"
    """`economy` workflow: evaluation and advice in one call."""
    SINGLE = "single"
    """`single` workflow: thought and output in one call."""
    MINE = "mine"
    """Beside the loop: which sentences of a text are worth translating."""
    TRANSLATE = "translate"
    """Beside the loop: a contender's translation."""
    JUDGE = "judge"
    """Beside the loop: how good a contender's translation is."""

    @property
    def is_of_the_loop(self) -> bool:
        """Whether a candidate may depend on it."""
        return self not in {Stage.MINE, Stage.TRANSLATE, Stage.JUDGE}


def sentence_id(source: str) -> str:
    """Return the id of a sentence: 80 bits of BLAKE2b over its NFC text, in hexadecimal.

    The same text has the same id in every project, so projects can be merged.
    """
    return blake2b(nfc(source).strip().encode(), digest_size=10).hexdigest()


class Record(BaseModel):
    """Base of all records: immutable, and keeps fields it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="allow", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )


class Reference(Record):
    """An independent translation of a sentence; never shown to a model."""

    text: Text
    origin: Literal["imported", "written", "post-edited", "pipeline"] = "imported"
    good: bool = True
    """False once a person marked it as not fit to be compared with."""


class Span(Record):
    """A stretch of a sentence, in code points: `source[start:end]`."""

    start: int
    end: int
    kind: str = "idiom"


class Origin(Record):
    """Where a sentence came from: a file and its row, counted from 1 as a spreadsheet shows it."""

    file: str
    row: int


class Mined(Record):
    """What a model answered when a sentence was found in a running text."""

    figurative: bool
    """It holds a metaphor, a simile or an idiom."""
    spoiled: bool
    """A literal translation would spoil it."""
    reason: Text
    kinds: tuple[str, ...] = ()
    """Of `metaphor`, `simile`, `idiom`."""
    words: tuple[Text, ...] = ()
    """Exact words of the sentence that are figurative."""

    @property
    def is_worth_translating(self) -> bool:
        """Whether the sentence is kept: both answers are yes."""
        return self.figurative and self.spoiled


class Sentence(Record):
    """One source text to translate. `id` is `sentence_id(source)`."""

    id: str
    source: Text
    references: tuple[Reference, ...] = ()
    group: Text | None = None
    """The idiom (or other key) that ties sentences together; a split never parts a group."""
    document: Text | None = None
    position: int | None = None
    """Place in its document or file, from 1; the sentences before it can be given as context."""
    before: tuple[Text, ...] | None = None
    """The sentences before it in a running text, oldest first; they need be no sentences of the dataset.
    `None`: it comes from no running text."""
    register_: Text | None = Field(default=None, alias="register")
    phenomena: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    licence: Text | None = None
    split: Literal["train", "valid", "test"] | None = None
    origin: Origin | None = None
    imported: Text | None = None
    """The source as it was imported, where a person mended it; `id` is still that of this text."""
    mined: Mined | None = None
    """Why it was chosen from a running text."""


class Finding(Record):
    """What the linter, or the check of a thought against its trace, objects to."""

    code: str
    message: str
    severity: Literal["error", "warning", "info"] = "warning"
    field: Literal["source", "thought", "output", "trace"] = "output"
    span: Span | None = None


class Usage(Record):
    """Tokens, money and time of one call or of many; adds up with `+`."""

    calls: int = 0
    prompt_tokens: int = 0
    """All tokens sent, the cached ones included."""
    cached_tokens: int = 0
    completion_tokens: int = 0
    """All tokens received, the reasoning ones included."""
    reasoning_tokens: int = 0
    cost_usd: float | None = 0.0
    """`None` as soon as one call's price is unknown."""
    seconds: float = 0.0

    def __add__(self, other: Usage) -> Usage:
        costs = (self.cost_usd, other.cost_usd)
        return Usage(
            calls=self.calls + other.calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            reasoning_tokens=self.reasoning_tokens + other.reasoning_tokens,
            cost_usd=None if None in costs else sum(c for c in costs if c is not None),
            seconds=self.seconds + other.seconds,
        )


class Fallback(Record):
    """A model that was asked first and why its answer was not used."""

    model: str
    why: str


class Call(Record):
    """One answered request to a model: a line of the stage log in `traces/`."""

    trace: str
    """Id of the pass this call belongs to; the candidate that comes of it has the same id."""
    sentence: str
    stage: Stage
    number: int
    """Place of the call in its pass, from 0."""
    key: str
    """Cache key: prompt version, input, model list, parameters and sample number, hashed."""
    prompt: str
    """Version hash of the prompt that was sent."""
    model: str
    """Name of the model in the settings that really answered."""
    served_by: str = ""
    """What the endpoint called itself in its reply."""
    reply: Text
    """The reply as received, less the reasoning that was cut off it."""
    reasoning: Text = ""
    finish_reason: str = ""
    temperature: float | None = None
    """What was asked for; `notes` says where a provider refused it."""
    seed: int | None = None
    usage: Usage = Usage()
    fallbacks: tuple[Fallback, ...] = ()
    notes: tuple[str, ...] = ()
    """Plain words on what differed from the request, e.g. "temperature refused, provider's default"."""
    at: str = ""
    """UTC, ISO 8601. For people; order never depends on it."""
    cached: bool = False
    """A copy of an earlier pass's call, which was not asked again: no key, and a usage of nothing."""


class Draft(Record):
    """One attempt at the translation, what the evaluator said of it and what the advisor made of that."""

    text: Text
    score: Score | None = None
    reason: Text = ""
    quotes: tuple[Text, ...] = ()
    """Exact pieces of the draft that the evaluator objects to."""
    advice: Text = ""
    by: Literal["model", "person"] = "model"


class Candidate(Record):
    """A thought and an output proposed for a sentence, as made; later changes live in decisions."""

    id: str
    """A ULID, the id of its trace as well."""
    sentence: str
    thought: Text
    output: Text
    keywords: dict[Text, tuple[Text, ...]] = {}
    drafts: tuple[Draft, ...] = ()
    best: int = 0
    """Index in `drafts` of the draft that became the output."""
    findings: tuple[Finding, ...] = ()
    workflow: str = "evaluate-first"
    settings: str = ""
    """Fingerprint of all that shapes the text: a sentence is generated once per (sentence, settings)."""
    prompts: dict[str, str] = {}
    """Prompt version by stage."""
    models: dict[str, tuple[str, ...]] = {}
    """By stage, the names of the models in order of call."""
    usage: Usage = Usage()
    seed: int | None = None
    plan: str = ""
    """Name of the opening plan that the reformulator was given."""
    arm: str = ""
    """Name of the arm of an experiment that it belongs to."""
    judged_itself: bool = False
    """Evaluator and translator were the same model."""
    made_by: str = ""
    """`built-in`, `recorded, written by hand`, or empty for models of the settings."""
    at: str = ""


class Verdicts(Record):
    """What a person says of output and thought apart; `None` is "not judged"."""

    output: Literal["good", "bad"] | None = None
    thought: Literal["good", "bad"] | None = None


class Seen(Record):
    """What was on screen when a decision was made."""

    thought: Literal["folded", "whole", "hidden"] = "folded"
    seconds: float = 0.0
    """Active seconds in front of this candidate, idle time left out."""


class Generated(Record):
    """Thought and output as the loop made them, beside an edited example."""

    thought: Text
    output: Text


class Decision(Record):
    """What somebody decided of a candidate. Decisions are only ever added: an undo is one too."""

    id: str
    sentence: str
    candidate: str | None = None
    kind: Literal["accept", "edit", "reject", "skip", "park", "auto", "reopen", "undo", "redo"]
    by: str
    at: str = ""
    verdicts: Verdicts = Verdicts()
    reasons: tuple[str, ...] = ()
    """Codes of `data.reasons`, e.g. `meaning-wrong`."""
    note: Text = ""
    own_score: Score | None = None
    seen: Seen = Seen()
    blind: bool = False
    thought: Text | None = None
    """The person's thought, where it differs from the candidate's."""
    output: Text | None = None
    undoes: str | None = None
    """For `undo` the id of the decision taken back; for `redo` the id of the undo taken back."""
    batch: str | None = None
    """Decisions made together have the same one, and are taken back together."""


class Example(Record):
    """A row of the curated dataset, in the shape of a `jsonl` export row."""

    id: str
    """The sentence's id."""
    source: Text
    reference: Text | None = None
    group: Text | None = None
    status: Status
    thought: Text
    output: Text
    keywords: dict[Text, tuple[Text, ...]] = {}
    drafts: tuple[Draft, ...] = ()
    models: dict[str, tuple[str, ...]] = {}
    usage: Usage = Usage()
    decision: Decision | None = None
    generated: Generated | None = None
    sentence: Sentence | None = None
    """The whole sentence record, for what the columns above leave out (licence, spans, origin …)."""
    candidate: str | None = None
    made_by: str = ""
