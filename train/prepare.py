"""Everything that can be shown before a run starts: rows as they will be trained, checks, memory, steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from data.format import Format
from train import rows
from train.backbones.backbone import Backbone, find_backbone
from train.chat import ChatTokenizer
from train.doctor import before, method, resources
from train.doctor.before import Limits
from train.doctor.check import Check, failed
from train.errors import BadRows
from train.machine import PACKAGES, Machine, disk_free, installed, this_machine
from train.memory import Estimate, estimate
from train.plan import Plan, choose_engine, plan
from train.rows import Refused, Row
from train.run.pace import expected_seconds
from train.selection import Selection, balance
from train.settings import TrainSettings

_SHOWN = 3
_SAMPLE = 200
_EXTRA_PACKAGES = ("bitsandbytes",)


class Lengths(BaseModel):
    """Tokens of the rows that will be trained."""

    model_config = ConfigDict(frozen=True)

    median: int = 0
    p95: int = 0
    p99: int = 0
    longest: int = 0
    longest_prompt: int = 0
    longest_answer: int = 0

    @classmethod
    def of(cls, found: Sequence[Row]) -> Lengths:
        """Measure rows, of which there is at least one."""
        sizes = sorted(len(row.ids) for row in found)
        return cls(
            median=sizes[len(sizes) // 2],
            p95=sizes[int(len(sizes) * 0.95)],
            p99=sizes[int(len(sizes) * 0.99)],
            longest=sizes[-1],
            longest_prompt=max(row.prompt for row in found),
            longest_answer=max(row.trained for row in found),
        )


class Preview(BaseModel):
    """One row as it will be trained: `prompt` has no loss, `answer` has."""

    model_config = ConfigDict(frozen=True)

    id: str
    prompt: str
    answer: str


class Preflight(BaseModel):
    """The report that a person reads before starting a run."""

    model_config = ConfigDict(frozen=True)

    backbone: str
    plan: Plan
    rows: int
    valid_rows: int
    refused: tuple[Refused, ...]
    suggested_length: int | None
    """A `max_length` at which no row is too long; `None` where none is."""
    lengths: Lengths
    trained_share: float
    """Share of the tokens that have loss."""
    idioms: dict[str, int]
    """Rows of each idiom in training, the most frequent first."""
    limits: Limits
    memory: Estimate | None
    checks: tuple[Check, ...]
    previews: tuple[Preview, ...]
    format: str
    """Fingerprint of the format."""
    dataset: str
    """Fingerprint of the training rows in their order."""
    template: str
    """Hash of the backbone's chat template."""
    seconds: float
    expected_seconds: float | None = None
    """How long the steps will take, going by an earlier run alike; `None` where there was none."""

    @property
    def ok(self) -> bool:
        """Nothing stands in the way of a start."""
        return not failed(self.checks)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A preflight's report and what a run is started with."""

    report: Preflight
    format: Format
    """As trained: without thoughts for `outputs_only`."""
    backbone: Backbone
    chat: ChatTokenizer
    train: tuple[Row, ...]
    valid: tuple[Row, ...]


def preflight(
    selection: Selection,
    settings: TrainSettings,
    format: Format,
    folder: Path,
    *,
    machine: Machine | None = None,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> Prepared:
    """Render, tokenise, mask and check all rows; nothing is written, torch is not loaded.

    `folder` is where runs will lie; `on_progress` hears rows done and rows in all.

    Raises:
        BadRows: there is nothing to train.
        UnknownBackbone: the backbone cannot be found or trained.
        NotInstalled: the engine asked for is not there.
    """
    begun = time.perf_counter()
    if not selection.train:
        raise BadRows(
            "There is no row to train on.",
            hint="Accept some candidates first (drt-tui review), or choose other statuses.",
        )
    machine = machine or this_machine()
    versions = {name: installed(name) for name in (*PACKAGES, *_EXTRA_PACKAGES)}
    choose_engine(settings.engine, machine, versions)
    format = replace(format, with_thought=not settings.outputs_only)
    backbone = find_backbone(settings.backbone)
    chat = ChatTokenizer.load(backbone.folder)
    total = len(selection.train) + len(selection.valid)
    train, bad = rows.encode(
        selection.train, format, chat, settings.max_length, lambda done: on_progress(done, total)
    )
    valid, bad_valid = rows.encode(selection.valid, format, chat, settings.max_length)
    on_progress(total, total)
    decided = plan(settings, max(1, len(train)), machine, versions)
    seen = _Seen(selection, settings, format, chat, (*train, *valid), (*bad, *bad_valid))
    limits_check, limits = before.limits(seen.rows, backbone.shape)
    needed = _memory(backbone, settings, decided, seen.lengths.longest, machine, limits.context)
    report = Preflight(
        backbone=backbone.name,
        plan=decided,
        rows=len(train),
        valid_rows=len(valid),
        refused=seen.refused,
        suggested_length=seen.suggested_length,
        lengths=seen.lengths,
        trained_share=seen.trained_share,
        idioms=balance(selection.train),
        limits=limits,
        memory=needed,
        checks=(
            *seen.checks(),
            before.prompts(train, valid, format, chat),
            limits_check,
            resources.versions(decided.engine, versions),
            resources.gpus(settings, machine),
            resources.memory(needed, decided),
            resources.disk(folder, disk_free(folder), backbone.shape, decided, settings),
            method.rates(decided, settings),
        ),
        previews=tuple(_preview(row, chat) for row in seen.rows[:_SHOWN]),
        expected_seconds=expected_seconds(
            folder, backbone.lasting_name, decided, _tokens(train, settings, decided)
        ),
        format=format.fingerprint,
        dataset=rows.fingerprint(train),
        template=chat.template_hash,
        seconds=time.perf_counter() - begun,
    )
    return Prepared(report, format, backbone, chat, tuple(train), tuple(valid))


@dataclass(frozen=True, slots=True)
class _Seen:
    """All rows of a preflight, trained and held out, with what can be said of them together."""

    selection: Selection
    settings: TrainSettings
    format: Format
    chat: ChatTokenizer
    rows: tuple[Row, ...]
    refused: tuple[Refused, ...]

    @property
    def lengths(self) -> Lengths:
        return Lengths.of(self.rows) if self.rows else Lengths()

    @property
    def trained_share(self) -> float:
        return sum(row.trained for row in self.rows) / max(1, sum(len(row.ids) for row in self.rows))

    @property
    def suggested_length(self) -> int | None:
        longest = max((each.tokens for each in self.refused if each.tokens is not None), default=None)
        return None if longest is None else rows.suggested_length(longest)

    def checks(self) -> tuple[Check, ...]:
        items = (*self.selection.train, *self.selection.valid)
        drop = self.settings.unfit == "drop"
        return (
            before.fields(self.refused, items, drop=drop),
            before.round_trip(self.refused, self.rows, items[:_SAMPLE], self.format, self.chat),
            before.length(self.refused, self.rows, self.settings.max_length, drop=drop),
            before.mask(self.rows, self.format, self.chat),
            before.end(self.rows, self.chat),
        )


def _memory(
    backbone: Backbone, settings: TrainSettings, decided: Plan, longest: int, machine: Machine, context: int
) -> Estimate | None:
    shape = backbone.shape
    return None if shape is None else estimate(shape, settings, decided, longest, machine, context=context)


def _tokens(train: Sequence[Row], settings: TrainSettings, decided: Plan) -> int:
    """Tokens of all rows that all steps will see."""
    mean = sum(len(row.ids) for row in train) / max(1, len(train))
    return round(mean * settings.rows_per_step * decided.steps)


def _preview(row: Row, chat: ChatTokenizer) -> Preview:
    prompt, answer = row.ids[: row.prompt], row.ids[row.prompt :]
    return Preview(id=row.id, prompt=chat.decode(prompt), answer=chat.decode(answer))
