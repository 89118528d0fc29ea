"""From files to a dataset: what is read, what of it is held out, and what became of every row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from drt_tui.narration import told
from drt_tui.project.holding_out import frozen, keep_share, note_kept, share_of

if TYPE_CHECKING:
    from data.importers import BadRow, ColumnMap, Proposal
    from data.records import Sentence
    from data.running_text import Lengths
    from data.store import Dataset, ProjectFolder

_BAD_ROWS_SHOWN = 10


@dataclass(slots=True)
class ImportReport:
    """What became of the rows that were read: `read == added + duplicates + len(bad)`."""

    added: int = 0
    duplicates: int = 0
    """Rows whose sentence was there already, in the project or further up; a candidate may be new."""
    bad: list[BadRow] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    """Headings of running texts and sentences of another length than asked for, by reason; no rows."""
    candidates: int = 0
    """Candidates that came in with the rows."""
    held_out: int = 0
    """Of `added`, those kept for validation and test."""
    ids: list[str] = field(default_factory=list)
    """Sentences of the files in their order, those that were there before included."""

    @property
    def read(self) -> int:
        """Rows read."""
        return self.added + self.duplicates + len(self.bad)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `import --json` prints."""
        bad = [{"file": row.file, "row": row.row, "reason": row.reason} for row in self.bad]
        return {
            "read": self.read, "added": self.added, "duplicates": self.duplicates,
            "candidates": self.candidates, "held_out": self.held_out, "left_out": dict(self.left_out), "bad": bad,
        }  # fmt: skip

    def as_text(self) -> str:
        """Return the same for a person, the first bad rows named."""
        lines = [
            f"read {self.read:,} · added {self.added:,} · duplicates {self.duplicates:,} · bad {len(self.bad):,}"
        ]
        if self.left_out:
            lines.append(f"passed over: {told_counts(self.left_out)}")
        if self.candidates:
            lines.append(f"{self.candidates:,} candidates came with them")
        if self.held_out:
            lines.append(f"{self.held_out:,} held out for validation and test; --test-share 0 holds out none")
        lines += [f"  {row.file}:{row.row}  {row.reason}" for row in self.bad[:_BAD_ROWS_SHOWN]]
        if len(self.bad) > _BAD_ROWS_SHOWN:
            lines.append(f"  … and {len(self.bad) - _BAD_ROWS_SHOWN:,} more; --json lists them all")
        return "\n".join(lines)


def told_counts(left_out: Counter[str]) -> str:
    """Say what of running texts was left out."""
    return " · ".join(f"{count:,} {reason}" for reason, count in left_out.most_common())


def import_sources(
    dataset: Dataset,
    files: Sequence[Path],
    mapping: ColumnMap | None,
    licence: str | None = None,
    *,
    test_share: float | None = None,
    lengths: Lengths | None = None,
) -> ImportReport:
    """Add the sentences of `files` to the dataset, and candidates where the files hold some.

    Which of them are held out is decided here, over all files together; near-duplicates follow before a
    model is asked. Bad rows are reported, the rest goes in. `test_share` is kept for later imports; `None` is what was kept, or a tenth.
    With `lengths`, text files are running text, and their sentences of such lengths are taken.

    Raises:
        FileProblem: a file is missing, empty, or not mapped; nothing is imported then.
    """
    report = ImportReport()
    new: dict[str, Sentence] = {}
    proposals: list[Proposal] = []
    for sentence, proposal in _good_rows(files, mapping, licence, report, lengths):
        report.ids.append(sentence.id)
        if sentence.id not in dataset:
            new.setdefault(sentence.id, sentence)
        if proposal is not None:
            proposals.append(proposal)
    keep_share(dataset, test_share)
    sentences = frozen(dataset, list(new.values()), share_of(dataset))
    note_kept(dataset, [each.id for each in new.values() if each.split])
    report.added = dataset.add_sentences(told("sentences saved", sentences)).added if sentences else 0
    report.duplicates = len(report.ids) - report.added
    report.held_out = sum(dataset.row(sentence.id).is_held_out for sentence in sentences)
    report.candidates = _take_over(dataset, proposals)
    report.ids = list(dict.fromkeys(report.ids))
    return report


def rehearse_import(
    folder: ProjectFolder,
    files: Sequence[Path],
    mapping: ColumnMap | None,
    *,
    test_share: float | None = None,
    lengths: Lengths | None = None,
) -> ImportReport:
    """Report what `import_sources` would read, add and hold out, and change nothing."""
    from data.split import is_held_out
    from drt_tui.project.opening import has_dataset, reading

    report = ImportReport()
    with reading(folder) if has_dataset(folder) else nullcontext() as dataset:
        new: dict[str, Sentence] = {}
        made: set[str] = set()
        for sentence, proposal in _good_rows(files, mapping, None, report, lengths):
            is_known = sentence.id in new or (dataset is not None and sentence.id in dataset)
            report.duplicates += is_known
            report.added += not is_known
            if not is_known:
                new[sentence.id] = sentence
            if proposal is not None and proposal.own_candidate is not None:
                known = dataset.candidates_of(sentence.id) if dataset and sentence.id in dataset else ()
                made |= {proposal.own_candidate.id} - set(known)
        report.candidates = len(made)
        sentences = frozen(dataset, list(new.values()), share_of(dataset, test_share))
        report.held_out = sum(is_held_out(sentence) for sentence in sentences)
    return report


def _good_rows(
    files: Sequence[Path],
    mapping: ColumnMap | None,
    licence: str | None,
    report: ImportReport,
    lengths: Lengths | None,
) -> Iterator[tuple[Sentence, Proposal | None]]:
    from data.importers import BadRow, Proposal, holds_proposals, read_file, read_proposals
    from data.importers.running_text import LeftOut, is_running_text, read_running_text

    rows: Iterable[Proposal | Sentence | LeftOut | BadRow]
    for file in files:
        if lengths is not None and mapping is None and is_running_text(file):
            rows = read_running_text(file, lengths, licence=licence)
        elif mapping is None and holds_proposals(file):
            rows = read_proposals(file, licence=licence)
        else:
            rows = read_file(file, mapping, licence=licence)
        for row in told(f"rows of {file.name} read", rows):
            match row:
                case BadRow():
                    report.bad.append(row)
                case LeftOut():
                    report.left_out[row] += 1
                case Proposal():
                    yield row.sentence, row
                case _:
                    yield row, None


def _take_over(dataset: Dataset, proposals: Sequence[Proposal]) -> int:
    """Add the candidates of others, and what was decided of them where the rows are our own."""
    if not proposals:
        return 0
    made = [each.own_candidate for each in proposals if each.own_candidate is not None]
    added = dataset.add_candidates(told("candidates saved", made))
    fitting = [each for each in proposals if _is_of_its_sentence(dataset, each)]
    if len(fitting) < len(proposals):  # an id that another sentence's candidate has
        others = [each.candidate for each in proposals if not _is_of_its_sentence(dataset, each)]
        added += dataset.add_candidates(others)
    decisions = [each.decision for each in fitting if each.decision is not None]
    dataset.add_decisions(told("decisions saved", decisions))
    return added


def _is_of_its_sentence(dataset: Dataset, proposal: Proposal) -> bool:
    made = proposal.own_candidate
    return made is None or made.id in dataset.candidates_of(proposal.sentence.id)
