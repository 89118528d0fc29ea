from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.store import Dataset
from tests.stubs.session import fill, project


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    """Five sentences, the first two of them with a candidate."""
    with project(tmp_path / "project") as opened:
        fill(opened)
        yield opened
