from __future__ import annotations

from pathlib import Path

import pytest

from data.store import ProjectFolder


@pytest.fixture(autouse=True)
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the disk: what `fsync` adds shows only when the power fails, which no test here does."""
    monkeypatch.setattr("os.fsync", lambda fd: None)


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path / "project")
