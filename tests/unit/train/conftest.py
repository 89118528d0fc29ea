from __future__ import annotations

from pathlib import Path

import pytest

from tests.stubs.tiny_backbone import write_tiny_backbone
from train.chat import ChatTokenizer

pytest.importorskip("tokenizers")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_backbone(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="session")
def chat(tiny: Path) -> ChatTokenizer:
    return ChatTokenizer.load(tiny)
