from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.agents.prompts import NAMES, Prompt, Prompts
from pipeline.errors import BadPrompt


def test_a_paragraph_without_its_value_is_left_out() -> None:
    prompt = Prompt.read("x", "For people.\n\n# user\nAlways.\n\nIf any: {{context}}\n\n{{source}}")
    assert prompt.fill("user", {"source": "S", "context": ""}) == "Always.\n\nS"
    assert prompt.fill("user", {"source": "S", "context": "C"}) == "Always.\n\nIf any: C\n\nS"


def test_values_are_filled_in_once() -> None:
    prompt = Prompt.read("x", "# user\n{{source}}")
    assert prompt.fill("user", {"source": "{{context}} \\1", "context": "no"}) == "{{context}} \\1"


def test_a_projects_prompt_replaces_ours_and_changes_its_version(tmp_path: Path) -> None:
    ours = Prompts.load()
    text = "# system\nTranslate.\n\n# user\n{{source}}"
    (tmp_path / "literal.md").write_text(text, encoding="utf-8")
    theirs = Prompts.load(tmp_path)
    assert theirs["literal"].fill("user", {"source": "S"}) == "S"
    assert theirs["literal"].version != ours["literal"].version
    assert {name: theirs[name] for name in NAMES if name != "literal"} == {
        name: ours[name] for name in NAMES if name != "literal"
    }


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("literel.md", "# user\nx", "literal.md"),
        ("literal.md", "# system\nx\n# user\n{{sorce}}", "{{source}}"),
        ("literal.md", "# user\nx", "Copy it"),
        ("literal.md", "no section", "# system"),
    ],
)
def test_a_prompt_that_cannot_be_used_says_why(tmp_path: Path, name: str, text: str, hint: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(BadPrompt) as error:
        Prompts.load(tmp_path)
    assert hint in error.value.hint


def test_a_prompt_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "literal.md").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadPrompt, match=r"literal\.md"):
        Prompts.load(tmp_path)
