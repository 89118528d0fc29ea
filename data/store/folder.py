"""Where the parts of a project lie."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProjectFolder:
    """One project directory. Paths are not looked at before they are asked about."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> ProjectFolder:
        """Return the nearest folder from `start` upwards that has a `drt.toml`, else `start`."""
        here = start.absolute()
        return next(
            (cls(folder) for folder in (here, *here.parents) if (folder / "drt.toml").is_file()), cls(here)
        )

    @property
    def settings(self) -> Path:
        """`drt.toml`."""
        return self.root / "drt.toml"

    @property
    def prompts(self) -> Path:
        """Prompts that replace the built-in ones, by file name."""
        return self.root / "prompts"

    @property
    def dataset(self) -> Path:
        """The TinyDB file."""
        return self.root / "dataset.json"

    @property
    def journal(self) -> Path:
        """Changes that `dataset.json` does not hold yet."""
        return self.root / "dataset.journal"

    @property
    def lock(self) -> Path:
        """Held while the journal is appended to."""
        return self.root / "dataset.lock"

    @property
    def traces(self) -> Path:
        """Every answered call, one file a day."""
        return self.root / "traces"

    @property
    def mined(self) -> Path:
        """What was answered of every sentence that was looked at in mining, kept or not."""
        return self.root / "mined.jsonl"

    @property
    def limits(self) -> Path:
        """What live processes share of the models: rate limits, and the money spent so far."""
        return self.root / "limits"

    @property
    def leases(self) -> Path:
        """Locks of sentences that somebody is working on."""
        return self.root / "leases"

    @property
    def runs(self) -> Path:
        """Trainings."""
        return self.root / "runs"

    @property
    def evaluations(self) -> Path:
        """Answers of contenders to held-out sentences, and what judges said of them."""
        return self.root / "evaluations"

    @property
    def votes(self) -> Path:
        """What people preferred, blind; only ever appended to."""
        return self.root / "votes.jsonl"

    @property
    def exports(self) -> Path:
        """Files made for others."""
        return self.root / "exports"

    @property
    def logs(self) -> Path:
        """Rotating logs; no prompts, no keys."""
        return self.root / "logs"

    @property
    def backups(self) -> Path:
        """Older states of `dataset.json`, and the journals folded since the newest of them."""
        return self.root / "backups"

    def holds_rows(self) -> bool:
        """Whether any file holds, or can give back, rows of a dataset."""
        return (
            self.dataset.exists()
            or self.journal.exists()
            or bool(self.frozen_journals())
            or bool(numbered_journals(self.backups))
        )

    def frozen_journal(self, number: int) -> Path:
        """Journal `number`, renamed because a fold is taking it in."""
        return self.root / f"dataset.journal.{number}"

    def frozen_journals(self) -> dict[int, Path]:
        """Return the frozen journals that are there, by number, in order."""
        return numbered_journals(self.root)


def numbered_journals(folder: Path) -> dict[int, Path]:
    """Return the files called `dataset.journal.N` in a folder, by number, in order."""
    found = {
        int(match[1]): path
        for path in folder.glob("dataset.journal.*")
        if (match := re.fullmatch(r"dataset\.journal\.(\d+)", path.name))
    }
    return dict(sorted(found.items()))
