"""The commands, in the order of the help page."""

from __future__ import annotations

from importlib import import_module

_MODULES = (
    "init",
    "import_files",
    "review",
    "autogen",
    "mine",
    "lint",
    "stats",
    "split",
    "export",
    "train",
    "export_model",
    "compare",
    "evaluate",
    "translate",
    "history",
    "doctor",
)


def register_all() -> None:
    """Import every command's module, which registers it."""
    for module in _MODULES:
        import_module(f"drt_tui.cli.{module}")
