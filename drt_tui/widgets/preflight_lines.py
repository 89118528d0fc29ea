"""What a run would train, as lines: the verdict, the rows with their mask, lengths, memory, time, checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.content import Content

from drt_tui.training.setting_out import launch_command
from drt_tui.training.words import clock
from drt_tui.widgets.check_lines import check_lines
from drt_tui.widgets.sheet import Build, hang, plain, set_width, spread
from train.doctor.check import failed
from train.machine import GIB
from train.memory import Estimate
from train.prepare import Preflight, Prepared
from train.rows import Refused, Row

TRAINED = "underline $success"
"""Of tokens with loss: the line says it where there is no colour."""
READ = "$muted"

_LABEL = 10
_MOST_BINS = 8
_BIN_WIDTHS = (16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
_MOST_REFUSED = 12
_MOST_IDIOMS = 6
_MOST_SHOWN = 300
"""Characters of a source that are shown beside a refused row."""

SourceOf = Callable[[str], str]
"""From a row's id to its source."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A preflight with what its report leaves out: every row's length."""

    prepared: Prepared
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, prepared: Prepared) -> Examined:
        """Measure all rows."""
        return cls(prepared, tuple(len(row.ids) for row in (*prepared.train, *prepared.valid)))

    @property
    def rows(self) -> int:
        """Trained and held out."""
        return len(self.lengths)

    def row(self, place: int) -> tuple[Row, bool]:
        """Return a row, and whether it is held out."""
        trained = len(self.prepared.train)
        is_held_out = place >= trained
        return (
            self.prepared.valid[place - trained] if is_held_out else self.prepared.train[place]
        ), is_held_out


def preflight_lines(examined: Examined, source_of: SourceOf) -> Build:
    """Return what makes the lines of the report, less the rows themselves."""
    report = examined.prepared.report

    def build(width: int) -> list[Content]:
        return [
            *_verdict(report, width),
            Content(),
            *_facts(examined, width),
            Content(),
            *_section("checks"),
            *check_lines(report.checks, width),
            *_refused(report, source_of, width),
            Content(),
            *_section("tokens a row"),
            *histogram_lines(examined.lengths, width),
            Content(),
            *_section("idioms in training"),
            *_idioms(report, width),
            Content(),
        ]

    return build


def row_lines(examined: Examined, place: int, width: int) -> list[Content]:
    """Return one row as the model will read it: what has loss is underlined."""
    if not examined.rows:
        return []
    row, is_held_out = examined.row(place)
    chat = examined.prepared.chat
    prompt, answer = chat.decode(row.ids[: row.prompt]), chat.decode(row.ids[row.prompt :])
    use = "held out" if is_held_out else "trained"
    head = Content.styled("row ", "bold $primary") + plain(
        f"{place + 1:,} of {examined.rows:,} · {use} · {row.group or 'no idiom'}", "$muted"
    )
    legend = Content.assemble(("trained: has loss", TRAINED), ("  read only: no loss", READ))
    text = plain(prompt, READ) + plain(answer, TRAINED)
    lines = text.split("\n", allow_blank=True)
    return [spread(head, legend, width), *(part for line in lines for part in _wrapped(line, width))]


def histogram_lines(lengths: Sequence[int], width: int) -> list[Content]:
    """Return how many rows have how many tokens, a bar for each range."""
    if not lengths:
        return []
    step = next((step for step in _BIN_WIDTHS if max(lengths) < step * _MOST_BINS), _BIN_WIDTHS[-1])
    counts = [0] * (max(lengths) // step + 1)
    for length in lengths:
        counts[length // step] += 1
    first = next(at for at, count in enumerate(counts) if count)
    room = max(4, width - 24)
    return [_bar(at * step, step, counts[at], max(counts), room) for at in range(first, len(counts))]


def _bar(start: int, step: int, count: int, most: int, room: int) -> Content:
    filled = -(-room * count // most)
    label = Content.styled(f"{start:>6,} to {start + step - 1:>6,} ", "$muted")
    return label + Content.styled("▇" * filled, "$primary") + Content(f" {count:,}")


def _verdict(report: Preflight, width: int) -> list[Content]:
    wrong = failed(report.checks)
    if wrong:
        names = ", ".join(dict.fromkeys(check.id for check in wrong))
        return plain(f"✗ It cannot start: {names} failed. See the checks.", "bold $error").wrap(width)
    warned = [check.id for check in report.checks if check.level == "warn"]
    said = f"; mind {', '.join(dict.fromkeys(warned))}" if warned else ""
    return Content.styled(f"✓ Nothing stands in the way{said}. s starts the run.", "bold $success").wrap(
        width
    )


def _facts(examined: Examined, width: int) -> list[Content]:
    report, plan = examined.prepared.report, examined.prepared.report.plan
    lengths = report.lengths
    facts = [
        ("rows", f"{report.rows:,} trained, {report.valid_rows:,} held out, {len(report.refused):,} refused; none is cut"),
        ("engine", f"{plan.engine}: {plan.engine_reason}"),
        ("method", f"{plan.method}, {plan.dtype}, on {plan.device}: {plan.method_reason}"),
        ("steps", f"{plan.steps:,}; looks every {plan.eval_every:,}, saves every {plan.save_every:,}; rate {plan.learning_rate:g}"),
        ("memory", _memory(report.memory)),
        ("time", _time(report)),
        ("tokens", f"median {lengths.median:,}, 95 % under {lengths.p95:,}, longest {lengths.longest:,}; loss on {report.trained_share:.0%}"),
        ("set", f"dataset {report.dataset}  format {report.format}"),
    ]  # fmt: skip
    if "accelerate.commands.launch" in plan.command:
        facts.append(("command", launch_command(examined.prepared)))
    return [
        line
        for name, fact in facts
        for line in hang(Content.styled(name, "$muted"), plain(fact), width, indent=_LABEL)
    ]


def _memory(needed: Estimate | None) -> str:
    if needed is None:
        return "cannot be reckoned: the backbone's configuration does not tell its measures"
    parts = ", ".join(
        f"{name} {value / GIB:.1f}"
        for name, value in (
            ("weights", needed.weights), ("trained", needed.trained), ("activations", needed.activations),
            ("logits", needed.logits), ("libraries", needed.libraries),
        )
    )  # fmt: skip
    doubt = "" if needed.checked else "; an estimate that nobody checked on a GPU"
    return f"about {needed.total / GIB:.1f} of {needed.available / GIB:.1f} GiB free ({parts}){doubt}"


def _time(report: Preflight) -> str:
    if report.expected_seconds is None:
        return "not known: no earlier run was like this one; the first steps will tell"
    return f"about {clock(report.expected_seconds)} for the steps, as an earlier run went"


def _refused(report: Preflight, source_of: SourceOf, width: int) -> list[Content]:
    if not report.refused:
        return []
    longer = report.suggested_length
    advice = f" With max_length {longer:,} no row is too long." if longer is not None else ""
    lines = [Content(), *_section("refused"), *plain(f"Rows are never cut.{advice}", "$warning").wrap(width)]
    for row in report.refused[:_MOST_REFUSED]:
        lines += _refused_row(row, source_of, width)
    if len(report.refused) > _MOST_REFUSED:
        lines.append(Content.styled(f"and {len(report.refused) - _MOST_REFUSED:,} more", "$muted"))
    return lines


def _refused_row(row: Refused, source_of: SourceOf, width: int) -> list[Content]:
    label = Content.styled(f"✗ {row.check}", "$error")
    source = plain(source_of(row.id)[:_MOST_SHOWN].replace("\n", " "), "$muted")
    return [
        *hang(label, plain(row.reason), width, indent=5),
        Content(" " * 5) + source.truncate(width - 5, ellipsis=True),
    ]


def _idioms(report: Preflight, width: int) -> list[Content]:
    found = report.idioms
    if not found:
        return [Content.styled("No row names its idiom, so rows are held out by chance.", "$muted")]
    if len(found) == 1:
        only = "One idiom only: some of its rows are held out, so held-out answers say nothing about other idioms."
        return plain(only, "$warning").wrap(width)
    most = next(iter(found.values()))
    head = f"{len(found):,} idioms, {min(found.values()):,} to {most:,} rows each; most rows:"
    lines = [Content.styled(head, "$muted")]
    room = max(4, width - 32)
    for name, count in list(found.items())[:_MOST_IDIOMS]:
        bar = Content.styled("▇" * -(-room * count // most), "$primary")
        lines.append(set_width(plain(name.replace("\n", " ")), 24) + bar + Content(f" {count:,}"))
    return lines


def _section(title: str) -> list[Content]:
    return [Content.styled(title, "bold $primary")]


def _wrapped(line: Content, width: int) -> list[Content]:
    return list(line.wrap(width)) or [Content()]
