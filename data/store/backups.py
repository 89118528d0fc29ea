"""Older states of the dataset: one a day, the newest ten, and what is needed to come from the newest to now.

A fold puts its journal here, so a lost or damaged `dataset.json` is rebuilt without losing a row.
"""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from data.store import disk
from data.store.folder import ProjectFolder, numbered_journals
from data.store.layout import read_head

KEPT = 10


def keep_today(folder: ProjectFolder) -> None:
    """Keep `dataset.json` as it is now, unless one of this day is kept; drop what is no longer needed."""
    disk.make_folder(folder.backups)
    backup = folder.backups / f"dataset-{today()}.json"
    if backup.exists() or not folder.dataset.exists():
        return
    keep_copy(folder.dataset, backup)
    backups = states(folder)
    for _, path in backups[:-KEPT]:
        disk.remove(path)
    for number, path in numbered_journals(folder.backups).items():
        if backups and number <= backups[-1][0]:
            disk.remove(path)


def keep_copy(path: Path, copy: Path) -> None:
    """Keep a file that is about to be replaced, never written into, under a second name."""
    try:
        disk.link(path, copy)
    except OSError:  # a file system without second names
        shutil.copyfile(path, copy)


def keep_journal(folder: ProjectFolder, number: int) -> None:
    """Put a folded journal beside the backups."""
    disk.make_folder(folder.backups)
    disk.move(folder.frozen_journal(number), folder.backups / f"dataset.journal.{number}")


def states(folder: ProjectFolder) -> list[tuple[int, Path]]:
    """Return the readable backups with the number of the last journal each holds, oldest first."""
    found = []
    for path in folder.backups.glob("dataset-*.json"):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            head = read_head(fd)
        finally:
            os.close(fd)
        if head is not None:
            found.append((head.folded, path))
    return sorted(found)


def today() -> str:
    """Return the day that names a backup; which one is newest is told by what it holds."""
    return f"{datetime.now(UTC):%Y-%m-%d}"
