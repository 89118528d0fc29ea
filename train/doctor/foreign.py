"""Looking at an adapter folder from anywhere: its files here, its effect in a process that loads torch."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from data.format import Format
from data.samples import worked_examples
from train.backbones import builtin
from train.backbones.backbone import Backbone, find_backbone
from train.chat import ChatTokenizer
from train.doctor import adapter, before
from train.doctor.check import Check
from train.errors import StepFailed, UnknownBackbone
from train.manifest import Manifest, read_manifest
from train.rows import Item, encode
from train.run.step import Tell, run_step

_ASKED = 4
_LONGEST = 4096
_MOST_TOKENS = 1024
"""An answer that is longer than this does not end at all."""


class AdapterQuestion(BaseModel):
    """What the process with torch is to find out: the effect of this adapter on these rows."""

    model_config = ConfigDict(frozen=True)

    adapter: str
    backbone: str
    source: str
    named: str | None = None
    """The backbone that the adapter names, where it is another one than this."""
    format: Format
    max_new_tokens: int
    items: tuple[Item, ...]


class AdapterVerdict(BaseModel):
    """A2-A4."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[Check, ...]


def doctor_adapter(
    folder: Path,
    format: Format,
    *,
    backbone: str | None = None,
    on_progress: Tell = lambda line: None,
) -> tuple[Check, ...]:
    """Examine somebody's adapter: A1 and A6 from its files, A2-A4 by loading it over its backbone.

    `format` is what it is asked in where it has no `drt.json` of its own; `backbone` replaces the one
    that it names. What cannot be examined here is a check that says so.
    """
    if not adapter.is_whole(folder):
        broken = adapter.weights(folder)
        return (
            broken,
            Check("A2", "warn", "Not loaded: its files are not whole.", "Mend what A1 names first."),
        )
    manifest = read_manifest(folder)
    named = backbone or (manifest.backbone if manifest is not None else _named_backbone(folder))
    try:
        found = find_backbone(named) if named else None
        chat = ChatTokenizer.load(found.folder) if found is not None else None
    except UnknownBackbone as error:
        static = adapter.weights(folder)
        return (static, Check("A2", "warn", f"Not loaded: {error.message}", error.hint or "Give --backbone."))
    static = adapter.weights(folder, found.shape if found is not None else None)
    if found is None or chat is None:
        return (static, Check("A2", "warn", "Not loaded: it names no backbone.", "Give --backbone."))
    told = manifest.backbone if manifest is not None else _named_backbone(folder)
    return (
        static,
        *_loaded(folder, found, told, chat, manifest, format, on_progress),
        _tokenizer(folder, chat),
    )


def _loaded(
    folder: Path,
    backbone: Backbone,
    told: str | None,
    chat: ChatTokenizer,
    manifest: Manifest | None,
    format: Format,
    on_progress: Tell,
) -> tuple[Check, ...]:
    asked = manifest.format if manifest is not None else format
    items = tuple(
        Item(each.sentence.id, each.sentence.source, each.candidate.thought, each.candidate.output)
        for each in worked_examples()
        if each.good
    )[:_ASKED]
    rows, _ = encode(items, asked, chat, _LONGEST)
    needed = manifest.max_new_tokens if manifest is not None else before.limits(rows, None)[1].max_new_tokens
    question = AdapterQuestion(
        adapter=str(folder.resolve()),
        backbone=str(backbone.folder),
        source=backbone.source,
        named=told if told is not None and not _is_called(backbone, told) else None,
        format=asked,
        max_new_tokens=min(needed, _MOST_TOKENS),
        items=items,
    )
    with tempfile.NamedTemporaryFile(prefix="drt-doctor-", suffix=".log", delete=False) as file:
        log = Path(file.name)
    try:
        checks = run_step("train.doctor", question, AdapterVerdict, log, on_progress).checks
    except StepFailed as error:  # the log stays, since the hint may name it
        why = error.message.rstrip().rpartition("\n")[2]  # the last line of a traceback
        return (Check("A2", "fail", f"It cannot be loaded: {why}", error.hint),)
    log.unlink()
    return checks


def _tokenizer(folder: Path, chat: ChatTokenizer) -> Check:
    return adapter.tokenizer(
        folder, chat.template_hash, chat.token_id("eos_token"), chat.token_id("pad_token")
    )


def _is_called(backbone: Backbone, name: str) -> bool:
    return name == backbone.name or Path(name).expanduser().resolve() == backbone.folder


def _named_backbone(folder: Path) -> str | None:
    try:
        config: Any = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    named = config.get("base_model_name_or_path") if isinstance(config, dict) else None
    return builtin.NAME if named == builtin.MODEL else named
