"""From a dataset and an order to a file: which rows there are to choose from, and in which shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from data.records import CURATED, Candidate, Example, Stage, Status
from drt_tui.errors import UsageProblem

if TYPE_CHECKING:
    from data.exporters import Exported, ExportFormat
    from data.exporters.selection import Split
    from data.format import Format
    from data.store import Dataset
    from drt_tui.project.settings import Settings

_IN_EXAMPLES = CURATED | {Status.AUTO}


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What `drt-tui export` was asked for."""

    path: Path
    format: ExportFormat
    statuses: tuple[str, ...] = ()
    splits: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    annotators: tuple[str, ...] = ()
    only_models: tuple[str, ...] = ()
    min_score: int | None = None
    without_findings: bool = False
    tags: Literal["thought/output", "think"] = "thought/output"
    outputs_only: bool = False
    provenance: bool = True
    preferred_by: Literal["person", "evaluator"] = "person"
    include_built_in: bool = False
    require_licence: bool = False
    without_codes: tuple[str, ...] = ()
    """Codes of findings that a row must not have."""
    only_primary_model: bool = False


def export_rows(dataset: Dataset, order: ExportOrder) -> Exported:
    """Write the rows that are asked for.

    Raises:
        UsageProblem: a status that does not exist.
        FileProblem: the file cannot be written.
    """
    from data.exporters import Selection, Shape, export
    from data.lint import lint_row, row_of_example
    from drt_tui.project.settings import load_settings

    settings = load_settings(dataset.folder.settings)
    statuses = statuses_named(order.statuses)
    selection = Selection(
        statuses=statuses,
        splits=_splits(order.splits),
        groups=frozenset(order.groups) or None,
        annotators=frozenset(order.annotators) or None,
        min_score=order.min_score,
        models=frozenset(order.only_models) or None,
        first_choices=_first_choices(settings) if order.only_primary_model else None,
        without_findings=_unwanted(order),
        include_built_in=order.include_built_in,
        require_licence=order.require_licence,
    )
    shape = Shape(
        prompts=_format(settings, order.tags),
        provenance=order.provenance,
        outputs_only=order.outputs_only,
        output_terms={name: model.output_terms or "" for name, model in settings.models.items()},
        before=lambda example: _before(dataset, example, settings.loop.context),
        rejected=lambda example: _rejected(dataset, example),
        preferred_by="evaluator" if order.preferred_by == "evaluator" else "people",
    )
    languages = (settings.project.source or "ko", settings.project.target or "en")

    def findings_of(example: Example) -> set[str]:
        """Return what counts against a row; information does so only where its code is asked for."""
        findings = lint_row(row_of_example(example, languages=languages), settings.lint)
        return {f.code for f in findings if f.severity != "info" or f.code in order.without_codes}

    return export(
        _with_splits(dataset, examples_of(dataset, statuses)),
        order.path,
        format=order.format,
        shape=shape,
        selection=selection,
        findings_of=findings_of,
        title=dataset.folder.root.name,
        prompts_of=lambda example: dataset.candidate(example.candidate).prompts if example.candidate else {},
    )


def examples_of(dataset: Dataset, statuses: frozenset[Status]) -> Iterator[Example]:
    """Yield the curated rows of these statuses, then rows made of candidates that nobody took."""
    if statuses & _IN_EXAMPLES:
        yield from dataset.examples()
    for row in dataset.rows(statuses - _IN_EXAMPLES):
        candidates = dataset.candidates_of(row.id)
        if candidates:
            yield _uncurated(dataset, row.id, row.status, dataset.candidate(candidates[-1]))


def _with_splits(dataset: Dataset, examples: Iterator[Example]) -> Iterator[Example]:
    """Yield the rows with the splits that they will have once near-duplicates are on one side."""
    from drt_tui.project.holding_out import moving, telling

    moved = {sentence.id: sentence for sentence in moving(dataset, telling())}
    for example in examples:
        sentence = moved.get(example.id)
        yield example if sentence is None else example.model_copy(update={"sentence": sentence})


def _uncurated(dataset: Dataset, sentence_id: str, status: Status, candidate: Candidate) -> Example:
    sentence = dataset.sentence(sentence_id)
    reference = next((reference.text for reference in sentence.references if reference.good), None)
    return Example(
        id=sentence.id,
        source=sentence.source,
        reference=reference,
        group=sentence.group,
        status=status,
        thought=candidate.thought,
        output=candidate.output,
        keywords=candidate.keywords,
        drafts=candidate.drafts,
        models=candidate.models,
        usage=candidate.usage,
        decision=dataset.ruling(sentence_id),
        sentence=sentence,
        candidate=candidate.id,
        made_by=candidate.made_by,
    )


def statuses_named(names: Sequence[str]) -> frozenset[Status]:
    """Return the statuses that `--status` names; `accepted`, the default, holds the edited ones.

    Raises:
        UsageProblem: a status that does not exist.
    """
    chosen: set[Status] = set()
    for name in names or ("accepted",):
        if name not in set(Status):
            raise UsageProblem(f"There is no status {name!r}.", hint=f"There are: {', '.join(Status)}.")
        chosen |= CURATED if name == Status.ACCEPTED else {Status(name)}
    return frozenset(chosen)


def _first_choices(settings: Settings) -> dict[str, str]:
    """Return the model that each stage asks first, by stage.

    Raises:
        UsageProblem: the settings name none.
    """
    asked = {stage.value: settings.roles.of(stage.value) for stage in Stage}
    first = {stage: names[0] for stage, names in asked.items() if names}
    if not first:
        hint = "Name them under [roles] in drt.toml, or name the model: --only-model NAME."
        raise UsageProblem("No role says which model is asked first.", hint=hint)
    return first


def _unwanted(order: ExportOrder) -> frozenset[str] | None:
    """Return the codes that no row may have: none is every code, `None` asks nothing.

    Raises:
        UsageProblem: a code that no rule has.
    """
    from data.lint import codes

    for code in order.without_codes:
        if code not in codes():
            raise UsageProblem(f"There is no finding {code!r}.", hint=f"There are: {', '.join(codes())}.")
    if order.without_findings:
        return frozenset()
    return frozenset(order.without_codes) or None


def _splits(names: Sequence[str]) -> frozenset[Split] | None:
    known: dict[str, Split] = {"train": "train", "valid": "valid", "test": "test"}
    for name in names:
        if name not in known:
            raise UsageProblem(f"There is no split {name!r}.", hint=f"There are: {', '.join(known)}.")
    return frozenset(known[name] for name in names) or None


def _format(settings: Settings, tags: Literal["thought/output", "think"]) -> Format:
    from data.format import Format

    written = Format(
        settings.project.source or "ko", settings.project.target or "en", context=settings.loop.context
    )
    return written if tags == "thought/output" else replace(written, thought_tag="think", output_tag="")


def _before(dataset: Dataset, example: Example, count: int) -> tuple[str, ...]:
    from pipeline.context import Preceding

    return Preceding(dataset).of(dataset.sentence(example.id), count) if count else ()


def _rejected(dataset: Dataset, example: Example) -> tuple[Candidate, ...]:
    rejected = {
        decision.candidate
        for decision in dataset.decisions_of(example.id)
        if decision.kind == "reject" and decision.candidate not in (None, example.candidate)
    }
    return tuple(dataset.candidate(candidate) for candidate in rejected if candidate)
