"""Looking a project over, and putting it right. Nothing is deleted: what is replaced goes aside."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import orjson

from data.errors import NewerSchema, StoreError
from data.records import Stage
from data.store import disk
from data.store.backups import keep_copy, keep_journal
from data.store.contents import Contents
from data.store.fold import write_dataset
from data.store.folder import ProjectFolder
from data.store.journal import begin_journal, lines
from data.store.layout import TABLES, read_head
from data.store.locks import FileLock
from data.store.rows import Place
from data.store.salvage import Salvage
from data.store.settling import Mended, unsettled

_BESIDE_THE_LOOP = frozenset(stage for stage in Stage if not stage.is_of_the_loop)
_REPAIR = "Run drt-tui doctor --repair."


@dataclass(frozen=True, slots=True)
class StoreFinding:
    """Something about a project's files, and what to do about it."""

    id: str
    level: Literal["error", "warning", "info"]
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a repair did."""

    rows: dict[str, int]
    """How many rows each table has now."""
    mended: tuple[str, ...]
    """What was put right, in words."""
    lost: tuple[str, ...]
    """What could not be read, in words; it is still in the files that went aside."""
    aside: Path
    """Where the files are that were replaced."""


def check(folder: ProjectFolder) -> tuple[StoreFinding, ...]:
    """Look a project over; nothing is changed."""
    try:
        with disk.reading(folder.root):
            salvage = Salvage(folder)
    except NewerSchema as error:
        return (StoreFinding("store-newer", "error", error.message, error.hint),)
    except StoreError as error:
        return (StoreFinding("store-unreadable", "error", error.message, error.hint),)
    return (
        *_unopenable(folder),
        *_unreadable(folder, salvage),
        *_contradictions(salvage.contents),
        *_left_over(folder),
        *_trace_findings(folder, salvage.contents),
    )


def repair(folder: ProjectFolder) -> Repaired:
    """Rebuild `dataset.json` from all that can be read of it, its backups and its journals.

    Raises:
        NotSaved: the disk refused; the project is as readable as before.
        NewerSchema: a newer version of this program wrote it.
    """
    with disk.saving(folder.root):
        disk.make_folder(folder.leases)
        with FileLock(folder.leases / "fold.lock").held(), FileLock(folder.lock).held():
            return _repair(folder)


def _repair(folder: ProjectFolder) -> Repaired:
    salvage = Salvage(folder)
    contents = salvage.contents
    mended = [f"{one}: found in two rows" for one in salvage.twice]
    for change in list(unsettled(contents)):
        _apply(contents, change)
        mended.append(change.what)
    aside = _put_copies_aside(folder)
    if folder.journal.exists():
        disk.move(folder.journal, folder.frozen_journal(salvage.number))
    contents.number = salvage.number + 1  # a gap, so that whoever has the project open reads it anew
    write_dataset(folder, contents)
    begin_journal(folder.journal, contents.number + 1)
    for number in folder.frozen_journals():
        keep_journal(folder, number)
    lost = [f"{line.path.name}: {line.length} bytes at {line.offset}" for line in salvage.lost]
    lost += [f"journal {number} is missing" for number in salvage.missing]
    rows = {table: len(contents.table(table)) for table in TABLES}
    return Repaired(rows, tuple(mended), tuple(lost), aside)


def _apply(contents: Contents, change: Mended) -> None:
    place = Place(0, 0, 0) if change.document is None else contents.files.spill(change.document)
    contents.table(change.table).put(change.row, place, change.document)


def _put_copies_aside(folder: ProjectFolder) -> Path:
    disk.make_folder(folder.backups)
    stamp = f"{datetime.now(UTC):%Y-%m-%dT%H%M%S}"
    names = (f"repair-{stamp}{f'-{again}' if again else ''}" for again in range(1000))
    aside = next(folder.backups / name for name in names if not (folder.backups / name).exists())
    disk.make_folder(aside)
    for path in (folder.dataset, folder.journal, *folder.frozen_journals().values()):
        if path.exists():
            keep_copy(path, aside / path.name)
    return aside


def _unopenable(folder: ProjectFolder) -> Iterator[StoreFinding]:
    try:
        Contents.load(folder)
    except StoreError as error:
        yield StoreFinding("store-damaged", "error", error.message, error.hint)


def _unreadable(folder: ProjectFolder, salvage: Salvage) -> Iterator[StoreFinding]:
    for line in salvage.lost:
        where = f"{line.path.name}, {line.length} bytes at {line.offset}"
        if line.is_last and line.path != folder.dataset:
            yield StoreFinding(
                "journal-torn",
                "warning",
                f"The journal ends with a torn line ({where}): a change that was never acknowledged.",
                "Nothing: the next change cuts it off.",
            )
        else:
            yield StoreFinding("rows-damaged", "error", f"A line cannot be read ({where}).", _REPAIR)
    for number in salvage.missing:
        yield StoreFinding("journal-missing", "error", f"Journal {number} is missing.", _REPAIR)
    for record in salvage.twice:
        yield StoreFinding("id-twice", "error", f"Two rows hold {record}.", _REPAIR)
    yield from _layout(folder)


def _layout(folder: ProjectFolder) -> Iterator[StoreFinding]:
    fd = disk.open_existing(folder.dataset)
    if fd is None:
        return
    try:
        if os.fstat(fd).st_size and read_head(fd) is None:
            yield StoreFinding(
                "dataset-foreign",
                "warning",
                "dataset.json was written by another program, or is damaged.",
                f"If the project opens, the next change mends it; else: {_REPAIR}",
            )
    finally:
        os.close(fd)


def _contradictions(contents: Contents) -> Iterator[StoreFinding]:
    changes = [change.what for change in unsettled(contents)]
    if changes:
        some = "; ".join(changes[:3])
        yield StoreFinding(
            "status-differs",
            "error",
            f"{len(changes)} rows contradict the decisions and candidates ({some}).",
            _REPAIR,
        )
    known = contents.sentences
    orphans = [head.id for head in contents.candidate_heads() if known.number(head.sentence) is None]
    orphans += [head.id for head in contents.decisions.heads() if known.number(head.sentence) is None]
    if orphans:
        yield StoreFinding(
            "rows-orphaned",
            "warning",
            f"{len(orphans)} candidates or decisions belong to sentences that are not there.",
            "Import the sentences again: they find each other by the text.",
        )


def _left_over(folder: ProjectFolder) -> Iterator[StoreFinding]:
    if folder.frozen_journals():
        yield StoreFinding(
            "fold-interrupted",
            "info",
            "Folding the journal was interrupted, or is under way.",
            "Nothing: the next command that changes something ends it.",
        )
    if folder.root.is_dir() and not os.access(folder.root, os.W_OK):
        yield StoreFinding(
            "folder-read-only",
            "warning",
            "The project folder cannot be written to.",
            "Check its permissions.",
        )
    free = shutil.disk_usage(folder.root).free if folder.root.is_dir() else 0
    size = folder.dataset.stat().st_size if folder.dataset.exists() else 0
    if size and free < 2 * size:
        yield StoreFinding(
            "disk-nearly-full",
            "warning",
            f"Only {free >> 20} MiB are free; folding the journal needs {2 * size >> 20} MiB.",
            "Free some space.",
        )


def _trace_findings(folder: ProjectFolder, contents: Contents) -> Iterator[StoreFinding]:
    found: Counter[str] = Counter()
    for path in sorted(folder.traces.glob("*.jsonl")):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            for _, line in lines(fd, 0):
                found[_kind(line, contents)] += 1
        finally:
            os.close(fd)
    if found["torn"]:
        yield StoreFinding(
            "trace-torn",
            "warning",
            f"{found['torn']} lines in traces/ cannot be read.",
            "Nothing: they are skipped.",
        )
    if found["orphan"]:
        yield StoreFinding(
            "trace-orphan",
            "info",
            f"{found['orphan']} calls in traces/ are about sentences that are not in the project.",
            "Nothing: they cost only space.",
        )


def _kind(line: bytes, contents: Contents) -> str:
    if not line.strip():
        return "blank"
    try:
        call = orjson.loads(line)
        sentence, stage = call["sentence"], call["stage"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return "torn"
    if stage in _BESIDE_THE_LOOP:  # about a text or a test set, whose sentences need not be in the project
        return "known"
    return "known" if contents.sentences.number(sentence) is not None else "orphan"
