"""Thought and output in one text file, for an editor of the person's own choice."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from data.text import nfc
from drt_tui.drafts import Edit

FIELDS = ("output", "thought")
_MARKER = re.compile(r"^=+ (\w+) =+[ \t]*$", re.MULTILINE)
_HEAD = """\
Change what stands under the markers; leave the markers as they are. What stands above the first is
not read. Save and leave the editor to see your version on screen; a accepts it there.

{source}
"""


class BrokenFileError(ValueError):
    """The file's markers are not as they were; the message says how."""


def written(edit: Edit, source: str) -> str:
    """Return the text to be edited."""
    fields = "\n".join(f"===== {name} =====\n{getattr(edit, name)}\n" for name in FIELDS)
    return f"{_HEAD.format(source=source)}\n{fields}"


def read(text: str, start: Edit) -> Edit:
    """Return the edit that a file holds.

    Raises:
        BrokenFileError: a marker is missing, or there twice, or a field is empty.
    """
    _, *parts = _MARKER.split(nfc(text.replace("\r\n", "\n")))
    names, bodies = parts[::2], [body.strip() for body in parts[1::2]]
    if sorted(names) != sorted(FIELDS):
        raise BrokenFileError(
            "the file must have one line “===== output =====” and one “===== thought =====”"
        )
    fields = dict(zip(names, bodies, strict=True))
    for name in FIELDS:
        if not fields[name]:
            raise BrokenFileError(f"nothing stands under “{name}”")
    return Edit(start.candidate, fields["output"], fields["thought"], start.reference)


def edit_outside(text: str) -> str:
    """Let the person edit a text in `$VISUAL` or `$EDITOR` and return what was saved.

    Raises:
        OSError: the editor cannot be started.
        subprocess.CalledProcessError: it ended with an error; what it saved is not read.
    """
    with tempfile.TemporaryDirectory(prefix="drt-tui-") as folder:
        path = Path(folder) / "row.txt"
        path.write_text(text, encoding="utf-8")
        subprocess.run([*_command(), str(path)], check=True)
        return path.read_text(encoding="utf-8")


def _command() -> list[str]:
    return shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
