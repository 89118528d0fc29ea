"""A disk that refuses, or a process that dies, at a chosen step."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import Any

import pytest

CHANGES = ("mkdir", "open", "write", "pwrite", "fsync", "ftruncate", "replace", "link", "unlink")
"""Calls of `os` by which `data.store.disk` changes anything."""


AtStep = Callable[[int, str, tuple[Any, ...]], None]


class CountingOs:
    """Stands in for the module `os`: calls `at_step` before the n-th changing call, n from 1.

    `at_step` is given n, the name of the call and its arguments.
    """

    def __init__(self, at_step: AtStep) -> None:
        self.steps = 0
        self._at_step = at_step

    def __getattr__(self, name: str) -> Any:
        found = getattr(os, name)
        if name not in CHANGES:
            return found

        def counted(*args: Any, **options: Any) -> Any:
            if name == "open" and not args[1] & os.O_CREAT:
                return found(*args, **options)
            self.steps += 1
            self._at_step(self.steps, name, args)
            return found(*args, **options)

        return counted


def watch_disk(monkeypatch: pytest.MonkeyPatch, at_step: AtStep) -> CountingOs:
    """Put a `CountingOs` in front of the store's disk."""
    counting = CountingOs(at_step)
    monkeypatch.setattr("data.store.disk.os", counting)
    return counting


def refuse(code: int = errno.ENOSPC) -> None:
    """Do as a full disk does."""
    raise OSError(code, os.strerror(code))
