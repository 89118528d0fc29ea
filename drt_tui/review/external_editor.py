"""Thought and output in one text file, for an editor of the person's own choice."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from data.text import nfc
from drt_tui.review.drafts import Edit

FIELDS = ("output", "thought")
_MARKER = re.compile(rf"^=+ ({'|'.join(FIELDS)}) =+[ \t]*$", re.MULTILINE)
_HEAD = """\
Change what stands under the markers; leave the markers as they are. What stands above the first is
not read. Save and leave the editor to see your version on screen; it is accepted there.

{source}
"""


@dataclass(frozen=True, slots=True)
class Returned:
    """What an editor left behind."""

    text: str
    failure: str = ""
    """Why the text is not to be taken as it is, e.g. the editor ended with an error; else empty."""


class BrokenFileError(ValueError):
    """The file's markers are not as they were; the message says how."""


def written(edit: Edit, source: str) -> str:
    """Return the text to be edited."""
    fields = "\n".join(f"===== {name} =====\n{getattr(edit, name)}\n" for name in FIELDS)
    return f"{_HEAD.format(source=source)}\n{fields}"


def read(returned: Returned, start: Edit) -> Edit:
    """Return the edit that a file holds.

    Raises:
        BrokenFileError: the editor failed, a marker is missing or there twice, or a field is empty.
    """
    if returned.failure:
        raise BrokenFileError(returned.failure)
    _, *parts = _MARKER.split(nfc(returned.text.replace("\r\n", "\n")))
    names, bodies = parts[::2], [body.strip() for body in parts[1::2]]
    for name in FIELDS:
        if names.count(name) != 1:
            raise BrokenFileError(f"one line must be “===== {name} =====”")
    fields = dict(zip(names, bodies, strict=True))
    for name in FIELDS:
        if not fields[name]:
            raise BrokenFileError(f"nothing stands under “{name}”")
    return replace(start, output=fields["output"], thought=fields["thought"])


def edit_outside(text: str) -> Returned:
    """Let the person edit a text in `$VISUAL` or `$EDITOR` and return what was saved, in any event.

    Raises:
        OSError: the editor cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="drt-tui-") as folder:
        path = Path(folder) / "row.txt"
        path.write_text(text, encoding="utf-8")
        command = _command()
        code = subprocess.run([*command, str(path)], check=False).returncode
        try:
            saved = path.read_bytes()
        except FileNotFoundError:
            return Returned(text, "the editor removed the file")
    try:
        told = saved.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Returned(saved.decode("utf-8", "backslashreplace"), "it was not saved as UTF-8")
    return Returned(told, f"{command[0]} ended with error {code}" if code else "")


def _command() -> list[str]:
    command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    return command or ["vi"]
