"""The card of an exported dataset: what is in it, who made it, under which rights."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from data.exporters.rows import Shape
from data.exporters.selection import BUILT_IN, annotator_of, licence_of, split_of
from data.format import language_name
from data.records import Example, Usage

_LICENCE_NAME = re.compile(r"[a-z0-9][a-z0-9.+-]*")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))


@dataclass(slots=True)
class CardFacts:
    """What the card tells, gathered row by row while an export runs."""

    rows: int = 0
    splits: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    groups: set[str] = field(default_factory=set)
    models: dict[str, Counter[str]] = field(default_factory=dict)
    prompts: dict[str, Counter[str]] = field(default_factory=dict)
    licences: Counter[str] = field(default_factory=Counter)
    terms: Counter[str] = field(default_factory=Counter)
    annotators: set[str] = field(default_factory=set)
    usage: Usage = field(default_factory=Usage)
    built_in: int = 0
    judged_itself: int = 0

    def add(self, example: Example, shape: Shape) -> None:
        """Count one row."""
        self.rows += 1
        self.splits[split_of(example)] += 1
        self.statuses[example.status.value] += 1
        self.groups.update([example.group] if example.group else ())
        for stage, names in example.models.items():
            self.models.setdefault(stage, Counter()).update(set(names))
        self.licences[licence_of(example) or "unknown"] += 1
        self.terms.update(shape.terms(example))
        self.annotators.update(filter(None, [annotator_of(example)]))
        self.usage += example.usage
        self.built_in += example.made_by == BUILT_IN
        self.judged_itself += _judged_itself(example)

    def add_prompts(self, versions: Mapping[str, str]) -> None:
        """Count the prompt versions, by stage, that one row was made with."""
        for stage, version in versions.items():
            self.prompts.setdefault(stage, Counter())[version] += 1


def card(
    facts: CardFacts,
    shape: Shape,
    *,
    title: str,
    findings: Mapping[str, int] | None = None,
) -> str:
    """Return `README.md` of a dataset folder: front matter that the Hub reads, then the facts.

    `findings` are counts by code; they are left out where not given.
    """
    parts = [
        _front_matter(facts, shape),
        f"# {_plain(title)}",
        _introduction(facts, shape),
        _table("Rows", "split", facts.splits),
        _table("Decisions", "status", facts.statuses),
        _table("Licences of the sources", "licence", facts.licences),
        _table("Terms of the models' outputs", "terms", facts.terms),
        _by_stage("Models", "model", facts.models),
        _by_stage("Prompts", "version", facts.prompts),
        _table("Findings", "code", findings or {}),
        f"## System prompt\n\n    {shape.prompts.system}\n\nFormat `{shape.written.fingerprint}`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _front_matter(facts: CardFacts, shape: Shape) -> str:
    languages = dict.fromkeys((shape.prompts.source_language, shape.prompts.target_language))
    size = next((name for most, name in _SIZES if facts.rows < most), "100K<n<1M")
    known = [licence for licence in facts.licences if licence != "unknown"]
    files = [
        name
        for split, name in (("train", "train"), ("valid", "validation"), ("test", "test"))
        if split in facts.splits
    ]
    lines = ["---", "language:", *(f"- {language}" for language in languages)]
    lines += _licence_lines(known[0] if len(known) == len(facts.licences) == 1 else None)
    lines += [
        "task_categories:",
        "- translation",
        "tags:",
        "- deep-reasoning-translation",
        "size_categories:",
        f"- {size}",
    ]
    lines += ["configs:", "- config_name: default", "  data_files:" + ("" if files else " []")]
    for name in files:
        lines += [f"  - split: {name}", f"    path: data/{name}.parquet"]
    return "\n".join([*lines, "---"])


def _licence_lines(licence: str | None) -> list[str]:
    """Return what the Hub is told: the name of a licence, or `other` and the words that are no name."""
    if licence is None or _LICENCE_NAME.fullmatch(licence.lower()):
        return [f"license: {'other' if licence is None else _yaml(licence.lower())}"]
    return ["license: other", f"license_name: {_yaml(licence)}"]


def _introduction(facts: CardFacts, shape: Shape) -> str:
    source, target = (
        language_name(shape.prompts.source_language),
        language_name(shape.prompts.target_language),
    )
    cost = "of unknown cost" if facts.usage.cost_usd is None else f"for ${facts.usage.cost_usd:.2f}"
    lines = [
        f"{facts.rows:,} translations from {source} to {target}"
        + (", without the thoughts." if shape.outputs_only else ", each with the thought that leads to it."),
        f"{len(facts.groups):,} groups (idioms); {len(facts.annotators):,} annotators; "
        f"{facts.usage.calls:,} calls to models, "
        f"{facts.usage.prompt_tokens + facts.usage.completion_tokens:,} tokens, {cost}.",
    ]
    if facts.judged_itself:
        lines.append(f"In {facts.judged_itself:,} rows a model judged its own translations.")
    if facts.built_in:
        lines.append(
            f"{facts.built_in:,} rows were made by the built-in model, which is for trying the tool only."
        )
    return "\n\n".join(lines)


def _by_stage(title: str, kind: str, counts: Mapping[str, Counter[str]]) -> str:
    rows = [
        f"| {_plain(stage)} | {_plain(name)} | {count:,} |"
        for stage, names in sorted(counts.items())
        for name, count in names.most_common()
    ]
    head = [f"## {title}", "", f"| stage | {kind} | rows |", "|---|---|---|"]
    return "\n".join([*head, *rows]) if rows else ""


def _table(title: str, name: str, counts: Mapping[str, int | str]) -> str:
    if not counts:
        return ""
    rows = [
        f"| {_plain(key)} | {value:,} |" if isinstance(value, int) else f"| {_plain(key)} | {value} |"
        for key, value in counts.items()
    ]
    return "\n".join([f"## {title}", "", f"| {name} | |", "|---|---|", *rows])


def _judged_itself(example: Example) -> bool:
    judges = {*example.models.get("evaluate", ()), *example.models.get("critique", ())}
    translators = {name for stage in ("literal", "refine", "open") for name in example.models.get(stage, ())}
    return bool(judges & translators)


def _plain(text: str) -> str:
    """Return text that neither breaks a table nor is markup."""
    return " ".join(text.replace("|", "\\|").replace("<", "&lt;").split())


def _yaml(text: str) -> str:
    return '"' + " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"') + '"'
