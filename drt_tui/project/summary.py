"""Statistics for the command line: gathered from a project, as text and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.text import show_controls
from drt_tui.errors import UsageProblem

if TYPE_CHECKING:
    from data.near_duplicates import Progress
    from data.records import Decision
    from data.stats import Judged, Statistics, StatRow
    from data.stats.collect import CountTokens
    from data.store import Dataset
    from pipeline.comparison import ArmResult, Estimate

_REPORT_EVERY = 200
_STEP_BACK = {"undo", "redo"}


def project_statistics(
    dataset: Dataset, *, count_tokens: CountTokens | None = None, progress: Progress | None = None
) -> Statistics:
    """Return what can be said of a project in figures; its calls are those of the stage log."""
    from data.stats import collect
    from data.store import StageLog

    has_log = dataset.folder.traces.is_dir()
    calls = StageLog(dataset.folder).calls() if has_log else None
    return collect(stat_rows(dataset, progress), calls=calls, count_tokens=count_tokens)


def stat_rows(dataset: Dataset, progress: Progress | None = None) -> Iterator[StatRow]:
    """Yield what statistics look at: every sentence with its candidates and what was said of them."""
    from data.stats import StatRow

    count = dataset.count()
    for number, row in enumerate(dataset.rows()):
        if progress is not None and number % _REPORT_EVERY == 0:
            progress(number, count)
        judged = list(_judged(dataset, row.id, row.candidates))
        yield StatRow(
            dataset.sentence(row.id), row.status, judged[-1] if judged else None, tuple(judged[:-1])
        )


def _judged(dataset: Dataset, sentence: str, candidates: Sequence[str]) -> Iterator[Judged]:
    from data.stats import Judged

    ruling = dataset.ruling(sentence) if candidates else None
    others = _last_words(dataset.decisions_of(sentence)) if len(candidates) > 1 else {}
    for candidate in candidates:
        is_ruled = ruling is not None and ruling.candidate == candidate
        yield Judged(dataset.candidate(candidate), ruling if is_ruled else others.get(candidate))


def _last_words(decisions: Sequence[Decision]) -> dict[str, Decision]:
    """Return the last decision on each candidate that nobody took back."""
    from data.store.standing import taken_back

    out = taken_back(decisions)
    return {
        decision.candidate: decision
        for decision in decisions
        if decision.candidate and decision.kind not in _STEP_BACK and decision.id not in out
    }


def statistics_text(statistics: Statistics) -> str:
    """Return the figures that a person looks at first."""
    data: dict[str, Any] = statistics.as_json()
    groups, gain = data["groups"], data["gain"]
    status = " · ".join(f"{name} {count:,}" for name, count in data["status"].items() if count)
    money = "price unknown" if data["cost_usd"] is None else f"${data['cost_usd']:.4f}"
    lines = [
        status or "nothing yet",
        f"groups {groups['covered']:,} of {groups['of']:,} · initials {''.join(data['initials']) or '-'}",
        *filter(None, [data["coverage"]]),
        f"{data['calls']:,} calls · {data['tokens']:,} tokens · {money}",
    ]
    if data["held_out"]:
        lines.insert(1, f"held out for validation and test: {data['held_out']:,}")
    lines += [
        f"{name}: {units['tokens']['mean']:,.0f} tokens on average, {units['tokens']['p95']:,} at 95 %"
        for name, units in data["lengths"].items()
        if "tokens" in units
    ]
    if gain["per_refinement"] is not None:
        lines.append(f"each refinement gains {gain['per_refinement']:.1f} points")
    lines += [f"fallbacks in {stage}: {share:.1%}" for stage, share in data["fallbacks"].items() if share]
    lines += [
        f"{opening['share']:.0%} of the thoughts begin with: {opening['words']}"
        for opening in data["openings"][:3]
        if opening["rows"] > 1
    ]
    if data["judged_itself"]:
        lines.append(f"{data['judged_itself']:,} rows judged their own translations")
    lines += _what_was_kept(data)
    return show_controls("\n".join(lines))


def _what_was_kept(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what people made of the rows, and what a row that was kept took."""
    decided = data["decisions"]
    kept = decided["accept"] + decided["edit"] + decided["auto"]
    if judged := kept + decided["reject"]:
        changed = data["hter"]["edited"]
        hter = "" if changed is None else f", HTER of these {changed:.2f}"
        yield f"kept {kept:,} of {judged:,} judged ({kept / judged:.0%}), {decided['edit']:,} of them edited{hter}"
    per = data["per_kept"]
    took = [
        f"{per[name]:{shape}}{unit}"
        for name, shape, unit in (
            ("calls", ",.1f", " calls"),
            ("tokens", ",.0f", " tokens"),
            ("cost_usd", ".4f", " USD"),
            ("active_seconds", ",.0f", " active seconds"),
        )
        if per[name] is not None
    ]
    if took:
        yield "a kept row took " + " · ".join(took)
    for told, counts in (("rejected for", data["reasons"]), ("findings", data["findings"])):
        if counts:
            yield f"{told}: " + ", ".join(f"{name} {count:,}" for name, count in counts.items())


def write_page(path: Path, statistics: Statistics, *, title: str) -> None:
    """Write the statistics as one page that opens without a network.

    Raises:
        UsageProblem: the file cannot be written.
    """
    from data.stats import html_report

    page = html_report(statistics, title=title, made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise UsageProblem(f"{path} cannot be written: {error.strerror}.") from error


def arms_of(dataset: Dataset) -> list[dict[str, Any]]:
    """Return a line of figures for each arm of an experiment."""
    from pipeline.comparison import compare_arms

    return [asdict(arm) for arm in compare_arms(dataset)]


def arms_text(dataset: Dataset) -> str:
    """Return the arms as a table, each figure with its interval."""
    from pipeline.comparison import compare_arms

    lines = [
        f"{'arm':16} {'judged':>6}  {'accepted':>17}  {'HTER':>17}  {'seconds':>19}  {'$ per accepted':>20}"
    ]
    lines += [_arm_line(arm) for arm in compare_arms(dataset)]
    return "\n".join(lines)


def _arm_line(arm: ArmResult) -> str:
    return (
        f"{show_controls(arm.name):16} {arm.judged:6}  {_range(arm.accept_rate, '.0%'):>17}"
        f"  {_range(arm.hter, '.2f'):>17}  {_range(arm.active_seconds, '.1f'):>19}"
        f"  {_range(arm.cost_per_accepted, '.4f'):>20}"
    )


def _range(estimate: Estimate | None, shape: str) -> str:
    if estimate is None:
        return "-"
    return f"{estimate.value:{shape}} ({estimate.low:{shape}}-{estimate.high:{shape}})"
