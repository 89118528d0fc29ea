"""Unfinished edits and lines, written down with every key so that nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from data.errors import NotSaved

_EDIT, _TEXT, _LINES = _SUFFIXES = (".json", ".txt", ".lines.json")


@dataclass(frozen=True, slots=True)
class Edit:
    """A person's version of a row."""

    candidate: str
    """Id of the candidate that was changed."""
    output: str
    thought: str
    reference: str = ""
    source: str = ""
    """The source as the person would have it; empty: as it is."""


class Drafts:
    """One file a sentence and person in a folder of the project; the system keeps it if we are killed."""

    def __init__(self, folder: Path, annotator: str) -> None:
        self._folder = folder
        self._annotator = annotator

    def save(self, sentence: str, edit: Edit) -> None:
        """Keep what is typed so far.

        Raises:
            NotSaved: the disk refused.
        """
        self._write(self._path(sentence), asdict(edit))

    def load(self, sentence: str) -> Edit | None:
        """Return what was kept; `None` where there is nothing, or nothing that can be read."""
        try:
            return Edit(**orjson.loads(self._path(sentence).read_bytes()))
        except (OSError, orjson.JSONDecodeError, TypeError):
            return None

    def begun(self) -> list[str]:
        """Return the sentences of which something half-typed is kept, the last one first."""
        kept = [path for suffix in _SUFFIXES for path in self._folder.glob(f"*{self._ending(suffix)}")]
        kept.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return list(dict.fromkeys(path.name.partition(".")[0] for path in kept))

    def keep_text(self, sentence: str, text: str) -> None:
        """Keep a text from an editor that could not be read, to be offered again.

        Raises:
            NotSaved: the disk refused.
        """
        with _saving():
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path(sentence, _TEXT).write_text(text, encoding="utf-8")

    def kept_text(self, sentence: str) -> str | None:
        """Return such a text; `None`: there is none."""
        try:
            return self._path(sentence, _TEXT).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def drop_text(self, sentence: str) -> None:
        """Forget such a text: it was mended."""
        self._path(sentence, _TEXT).unlink(missing_ok=True)

    def keep_line(self, sentence: str, name: str, text: str) -> None:
        """Keep a line that is being typed, or a note that waits for its decision; an empty one is forgotten.

        Raises:
            NotSaved: the disk refused.
        """
        lines = {**self._lines(sentence), name: text}
        lines = {name: text for name, text in lines.items() if text}
        path = self._path(sentence, _LINES)
        if lines:
            self._write(path, lines)
        else:
            path.unlink(missing_ok=True)

    def line(self, sentence: str, name: str) -> str:
        """Return such a line; empty: there is none."""
        return self._lines(sentence).get(name, "")

    def drop_lines(self, sentence: str) -> None:
        """Forget all such lines: the sentence is decided."""
        self._path(sentence, _LINES).unlink(missing_ok=True)

    def drop(self, sentence: str) -> None:
        """Forget the draft: it was saved as a decision, or given up."""
        self._path(sentence).unlink(missing_ok=True)
        self.drop_text(sentence)

    def _lines(self, sentence: str) -> dict[str, str]:
        try:
            lines = orjson.loads(self._path(sentence, _LINES).read_bytes())
        except (OSError, orjson.JSONDecodeError):
            return {}
        return lines if isinstance(lines, dict) else {}

    def _write(self, path: Path, document: Mapping[str, str]) -> None:
        with _saving():
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".tmp")
            fresh.write_bytes(orjson.dumps(document))
            fresh.replace(path)

    def _path(self, sentence: str, suffix: str = _EDIT) -> Path:
        return self._folder / f"{sentence}{self._ending(suffix)}"

    def _ending(self, suffix: str) -> str:
        who = "".join(character for character in self._annotator if character.isalnum()) or "somebody"
        return f".{who}{suffix}"


@contextmanager
def _saving() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotSaved(
            f"The unfinished edit cannot be kept: {error.strerror}.", hint="Free some space."
        ) from error
