from __future__ import annotations

from pathlib import Path

import pytest

from data.store import ProjectFolder


@pytest.fixture
def folder(tmp_path: Path) -> ProjectFolder:
    return ProjectFolder(tmp_path / "project")
