"""Folding: the journal's changes become part of `dataset.json`, and an empty journal takes over.

Steps, each of which leaves a readable project if the next never happens: the journal is renamed to
`dataset.journal.N`; journal N + 1 is begun; a new `dataset.json` that says `folded = N` is written
beside the old one; it takes the old one's name; journal N, which nobody needs now, goes to the backups.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from data.store import disk
from data.store.backups import keep_journal, keep_today
from data.store.contents import Contents
from data.store.folder import ProjectFolder
from data.store.journal import begin_journal, lines, read_header
from data.store.layout import TABLES, Writer, is_ours
from data.store.locks import FileLock

WORTHWHILE = 1 << 20
"""Bytes of changes from which writing `dataset.json` anew may pay for itself."""
_SHARE = 4


def is_worthwhile(folder: ProjectFolder) -> bool:
    """Whether the journal holds so much, also beside `dataset.json`, that a fold is worth its writing."""
    changes = _size(folder.journal)
    return changes >= WORTHWHILE and changes * _SHARE >= _size(folder.dataset)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def fold(folder: ProjectFolder) -> bool:
    """Fold all that is in the journal; False where there is nothing, or another process is at it.

    Raises:
        NotSaved: the disk refused; all is as it was, and the next fold goes on.
    """
    if not folder.root.is_dir():
        return False
    with disk.saving(folder.root):
        disk.make_folder(folder.leases)
        lock = FileLock(folder.leases / "fold.lock")
        if not lock.try_acquire():
            lock.close()
            return False
        try:
            _freeze(folder)
            return _take_in(folder)
        finally:
            lock.remove()


def _freeze(folder: ProjectFolder) -> None:
    """Rename the journal, if it holds any change, and begin the next one."""
    lock = FileLock(folder.lock)
    try:
        with lock.held():
            number = _number_if_filled(folder)
            if number is None:
                return
            disk.move(folder.journal, folder.frozen_journal(number))
            begin_journal(folder.journal, number + 1)
    finally:
        lock.close()


def _number_if_filled(folder: ProjectFolder) -> int | None:
    fd = disk.open_existing(folder.journal)
    if fd is None:
        return None
    try:
        found = lines(fd, 0)
        header = read_header(next(found, (0, b""))[1])
        return header.number if header and next(found, None) else None
    finally:
        os.close(fd)


def _take_in(folder: ProjectFolder) -> bool:
    """Write `dataset.json` anew with all frozen journals, and put those away."""
    if not folder.frozen_journals() and is_ours(folder.dataset):
        return False
    contents = Contents.load(folder, to_fold=True)
    if contents.number > contents.folded or contents.is_converted:
        write_dataset(folder, contents)
    done = [number for number in folder.frozen_journals() if number <= contents.number]
    for number in done:
        keep_journal(folder, number)
    return bool(done) or contents.is_converted


def write_dataset(folder: ProjectFolder, contents: Contents) -> None:
    """Replace `dataset.json` by what `contents` holds, in one step, and keep the old one as a backup.

    What a full disk took of the new file is given back: the next decision needs the space.
    """
    beside = folder.dataset.with_name("dataset.json.new")
    try:
        _write_whole(beside, contents)
        keep_today(folder)
        disk.move(beside, folder.dataset)
    except BaseException:
        with suppress(OSError):
            disk.remove(beside)
        raise
    disk.sync_folder(folder.root)


def _write_whole(path: Path, contents: Contents) -> None:
    fd = disk.open_new(path)
    try:
        _write_contents(fd, contents)
        disk.sync(fd)
    finally:
        os.close(fd)


def _write_contents(fd: int, contents: Contents) -> None:
    """Write all rows as a `dataset.json`, unchanged lines as bytes."""
    writer = Writer(fd)
    for table in dict.fromkeys((*TABLES, *contents.tables)):
        writer.start_table(table)
        for run in contents.table(table).runs():
            writer.add_run(table, run.first, run.last, contents.files.fd(run.file), run.start, run.end)
    writer.finish(contents.number)
