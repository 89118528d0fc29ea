from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drt_tui.errors import UsageProblem
from drt_tui.project.token_counting import token_counter
from train.errors import NotInstalled


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder with a tokenizer for which every byte is a token."""
    tokenizers = pytest.importorskip("tokenizers")
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    made = tokenizers.Tokenizer(tokenizers.models.BPE({token: n for n, token in enumerate(alphabet)}, []))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.save(str(tmp_path / "tokenizer.json"))
    return tmp_path


@pytest.mark.parametrize("inside", [".", "tokenizer.json"])
def test_tokens_are_counted_by_a_folders_tokenizer_or_its_file(folder: Path, inside: str) -> None:
    count = token_counter(str(folder / inside))
    assert count("") == 0
    assert count("발이 넓다") == len("발이 넓다".encode())


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    pytest.importorskip("tokenizers")
    with pytest.raises(UsageProblem, match=r"has no tokenizer\.json"):
        token_counter(str(tmp_path))
    broken = tmp_path / "tokenizer.json"
    broken.write_text("{}")
    for name in (broken, tmp_path, tmp_path / "missing.json"):
        with pytest.raises(UsageProblem, match="cannot be read"):
            token_counter(str(name))


def test_without_the_library_it_is_said_what_to_install(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(NotInstalled) as error:
        token_counter(str(folder))
    assert error.value.hint == "pip install tokenizers"
