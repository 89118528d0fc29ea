"""What the start of the program loads, and what it sets before Textual is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "textual", "openai", "pydantic", "pydantic_settings", "genai_prices", "tinydb", "torch", "transformers", "trl",
    "unsloth", "kiwipiepy", "jieba", "xllamacpp", "python_calamine", "sacrebleu", "charset_normalizer", "rich",
}  # fmt: skip
TRAINING = {"torch", "transformers", "trl", "peft", "unsloth", "datasets", "accelerate"}


def run_python(code: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_the_help_page_loads_nothing_heavy() -> None:
    code = "import sys, drt_tui.cli\ndrt_tui.cli.run(['--help'])\nprint('LOADED', *sys.modules)"

    loaded = run_python(code).split("LOADED", 1)[1].split()

    assert HEAVY.isdisjoint(name.partition(".")[0] for name in loaded)


@pytest.mark.parametrize("command", [["train", "--list"], ["stats"], ["doctor", "--offline"]])
def test_installed_training_libraries_slow_no_command_down(tmp_path: Path, command: list[str]) -> None:
    asked = [*command, "--project", str(tmp_path)]
    code = f"import sys, drt_tui.cli\ndrt_tui.cli.run({asked!r})\nprint('LOADED', *sys.modules)"

    loaded = run_python(code).split("LOADED", 1)[1].split()

    assert TRAINING.isdisjoint(name.partition(".")[0] for name in loaded)


@pytest.mark.skipif(sys.platform == "win32", reason="native Windows keeps the protocol")
def test_the_kitty_protocol_is_off_before_textual_is_imported() -> None:
    code = "import drt_tui, textual.constants as c; print(c.DISABLE_KITTY_KEY)"

    assert run_python(code).strip() == "True"


@pytest.mark.parametrize(
    "room", ["data.store", "data.lint", "data.importers", "pipeline.llm", "pipeline.engine"]
)
def test_the_engine_knows_no_terminal(room: str) -> None:
    loaded = run_python(f"import sys, {room}\nprint(*sys.modules)").split()

    assert {"textual", "typer", "openai", "torch"}.isdisjoint(loaded)
