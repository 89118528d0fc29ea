"""The commands, in the order of the help page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from drt_tui.cli.command import app

_MODULES = {
    "init": "init",
    "import": "import_files",
    "review": "review",
    "autogen": "autogen",
    "mine": "mine",
    "lint": "lint",
    "stats": "stats",
    "split": "split",
    "export": "export",
    "train": "train",
    "export-model": "export_model",
    "compare": "compare",
    "evaluate": "evaluate",
    "translate": "translate",
    "history": "history",
    "doctor": "doctor",
}
_ORDER = list(_MODULES)


def register(arguments: Sequence[str]) -> None:
    """Import the module of the command that `arguments` begin with, which registers it; else all modules.

    Each takes some milliseconds, and a person waits for them before the first screen.
    """
    named = arguments[0] if arguments else ""
    for module in [_MODULES[named]] if named in _MODULES else _MODULES.values():
        import_module(f"drt_tui.cli.{module}")
    app.registered_commands.sort(key=lambda each: _ORDER.index(each.name or ""))
