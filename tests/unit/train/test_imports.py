"""Who may load torch: worker-side modules alone, and but one of them as soon as it is imported."""

from __future__ import annotations

import ast
from pathlib import Path

HEAVY = {"torch", "transformers", "trl", "peft", "datasets", "unsloth", "accelerate"}
WORKER_SIDE = {"worker", "engines", "export"}
WORKER_SIDE_FILES = {"doctor/loading.py", "serving/batch_model.py", "serving/batch_worker.py"}
AT_ONCE = {"worker/callback.py"}
"""A subclass of a library's class needs the library where it is defined."""
ROOM = Path(__file__).parents[3] / "train"


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_heavy_libraries_are_imported_at_the_moment_of_use_by_worker_side_modules_alone() -> None:
    at_once, outside = set(), set()
    for path in ROOM.rglob("*.py"):
        name = path.relative_to(ROOM).as_posix()
        tree = ast.parse(path.read_text(encoding="utf-8"))
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        if imports(ast.Module(top, [])) & HEAVY:
            at_once.add(name)
        if imports(tree) & HEAVY and name.split("/")[0] not in WORKER_SIDE:
            outside.add(name)
    assert at_once == AT_ONCE
    assert outside <= WORKER_SIDE_FILES
