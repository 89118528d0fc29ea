"""A text line by line through one contender: as many lines out as in, and none of them lost in silence."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import FileProblem
from data.records import sentence_id
from data.text import nfc
from drt_tui.contenders import Spec, newest_run, open_contenders, read_specs
from drt_tui.errors import UsageProblem
from drt_tui.interrupts import interruptible
from drt_tui.narration import narrate, now_and_then
from drt_tui.preparing import Metered

if TYPE_CHECKING:
    from data.importers import Line
    from data.store import ProjectFolder
    from drt_tui.session import Session
    from train.evaluation.contender import Answer, Contender, Question
    from train.evaluation.kept import Kept

RETRIES = 3
MARK = "[not translated]"
_DRY_RUN_LINES = 5
_SLOTS = 16
_CONTEXT = 8
"""Lines before one that a question carries; a contender takes as many as its format asks for."""
_WARMER = 0.3
"""How much the temperature rises with each attempt: the same question would get the same bad answer."""


@dataclass(frozen=True, slots=True)
class TranslationPlan:
    """What `drt-tui translate` was asked for."""

    file: Path
    out: Path
    spec: Spec
    context: int | None = None
    """Lines before it that go with each line; `None`: as the contender was trained or is set up."""
    is_dry_run: bool = False
    concurrency: int | None = None

    @property
    def log(self) -> Path:
        """Where every answer is kept, thoughts included."""
        return self.out.with_name(f"{self.out.name}.log.jsonl")


@dataclass(slots=True)
class Work:
    """How far a translation is, and what it took."""

    lines: int
    outputs: dict[int, str] = field(default_factory=dict)
    """By line number from 0; blank lines are not among them."""
    failed: dict[int, str] = field(default_factory=dict)
    """Why a line was not translated."""
    blank: int = 0
    kept: int = 0
    """Lines that an earlier run had translated."""
    retries: int = 0
    asked: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    seconds: float = 0.0
    warnings: tuple[str, ...] = ()
    is_interrupted: bool = False
    is_dry_run: bool = False

    @property
    def left(self) -> int:
        """Lines that nobody was asked for yet."""
        return self.lines - self.blank - len(self.outputs) - len(self.failed)

    def take(self, answer: Answer) -> None:
        """Count what an answer took."""
        self.calls += answer.calls
        self.prompt_tokens += answer.prompt_tokens or 0
        self.completion_tokens += answer.completion_tokens or 0
        self.seconds += answer.seconds or 0.0
        known = self.cost_usd is not None and (answer.cost_usd is not None or not answer.calls)
        self.cost_usd = (self.cost_usd or 0.0) + (answer.cost_usd or 0.0) if known else None

    def as_json(self) -> dict[str, Any]:
        """Return the object that `translate --json` prints."""
        return {
            "lines": self.lines, "blank": self.blank, "translated": len(self.outputs), "kept": self.kept,
            "failed": [{"line": place + 1, "why": why} for place, why in sorted(self.failed.items())],
            "left": self.left, "retries": self.retries, "calls": self.calls,
            "prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens,
            "cost_usd": self.cost_usd, "seconds": round(self.seconds, 3), "projected": self._projected(),
            "warnings": list(self.warnings),
        }  # fmt: skip

    def as_text(self) -> str:
        """Return the same for a person."""
        money = "price unknown" if self.cost_usd is None else f"${self.cost_usd:.4f}"
        lines = [
            *self.warnings,
            f"lines {self.lines:,} · translated {len(self.outputs):,} · failed {len(self.failed):,}"
            f" · blank {self.blank:,} · left {self.left:,}",
            f"{self.calls:,} calls · {self.prompt_tokens:,} + {self.completion_tokens:,} tokens · {money}"
            f" · {self.seconds:.0f} s of answering",
        ]
        lines += [f"  line {place + 1}: {why}" for place, why in sorted(self.failed.items())[:20]]
        if projected := self._projected():
            cost = projected["cost_usd"]
            money = "price unknown" if cost is None else f"${cost:.4f}"
            lines.append(
                f"the {self.left:,} left: about {projected['calls']:,.0f} calls · {projected['tokens']:,.0f} tokens"
                f" · {money} · {projected['seconds']:.0f} s of answering"
            )
        if self.is_interrupted:
            lines.append("interrupted; the same command goes on from here")
        return "\n".join(lines)

    def _projected(self) -> dict[str, float | None] | None:
        """Say what the lines that are left will take, going by those that were asked now."""
        if not (self.is_dry_run and self.left and self.asked):
            return None
        times = self.left / self.asked
        return {
            "calls": self.calls * times,
            "tokens": (self.prompt_tokens + self.completion_tokens) * times,
            "seconds": self.seconds * times,
            "cost_usd": None if self.cost_usd is None else self.cost_usd * times,
        }


def translate(session: Session, plan: TranslationPlan) -> Work:
    """Translate a file; the output is written when every line was asked for, the log as answers come.

    Raises:
        FileProblem: the file cannot be read, or the output cannot be written.
        DataError, PipelineError, TrainError: the contender cannot be used.
    """
    lines, ends_line = _read(plan)
    work = asyncio.run(_translate(session, plan, lines))
    if not work.is_interrupted and not plan.is_dry_run:
        _write(plan.out, lines, work, ends_line=ends_line)
    return work


async def _translate(session: Session, plan: TranslationPlan, lines: Sequence[Line]) -> Work:
    from pipeline.run import open_for
    from train.evaluation.crew import Crew
    from train.evaluation.kept import Kept

    work, crew = Work(len(lines), is_dry_run=plan.is_dry_run), Crew()
    with Kept(plan.log) as kept:
        async with open_contenders(session, [plan.spec], context=plan.context, tell=narrate) as opened:
            (contender,) = opened.lineup.contenders
            work.warnings = (*opened.lineup.warnings, *_as_trained(contender, plan))
            metered = opened.models if isinstance(opened.models, Metered) else None
            slots = metered.snapshot().ceiling if metered else plan.concurrency or _SLOTS
            jobs = list(_jobs(contender, plan, lines, kept, work))
            if plan.is_dry_run:
                jobs = jobs[:_DRY_RUN_LINES]
            with interruptible(crew):
                await crew.work([(jobs, min(contender.about.at_once or open_for(slots), open_for(slots)))])
    work.is_interrupted = crew.is_stopping and not plan.is_dry_run
    return work


def _jobs(
    contender: Contender, plan: TranslationPlan, lines: Sequence[Line], kept: Kept, work: Work
) -> Iterator[Callable[[], Awaitable[None]]]:
    """Yield what is to be asked, the same question once; note what is kept, blank or unreadable."""
    from train.evaluation.contender import Question
    from train.evaluation.kept import answer_key, answer_of

    tell = now_and_then(lambda done, of: f"{done:,} of {of:,} lines")
    places: dict[str, list[int]] = {}
    questions: dict[str, Question] = {}
    before: list[str] = []
    most = _CONTEXT if plan.context is None else plan.context
    for place, line in enumerate(lines):
        source = nfc(line.text).strip()
        if line.trouble:
            work.failed[place] = f"the line {line.trouble}"
        elif not source:
            work.blank += 1
        else:
            question = Question(sentence_id(source), source, tuple(before[-most:]) if most else ())
            key = answer_key(contender, question)
            places.setdefault(key, []).append(place)
            questions[key] = question
            before.append(source)
    for key, question in questions.items():
        value = kept.find(key)
        known = answer_of(value) if value is not None and "failed" not in value else None
        if known is not None and not _objection(contender, known):
            work.outputs |= dict.fromkeys(places[key], known.output.strip())
            work.kept += len(places[key])
            continue

        async def one(key: str = key, question: Question = question) -> None:
            await _one(contender, question, key, places[key], kept, work)
            tell(work.lines - work.left, work.lines)

        yield one


async def _one(
    contender: Contender, question: Question, key: str, places: Sequence[int], kept: Kept, work: Work
) -> None:
    from train.evaluation.kept import answer_as_json

    why, about = "", {"contender": contender.name, "lines": [place + 1 for place in places]}
    work.asked += 1
    for attempt in range(1 + RETRIES):
        answer, why = await _answer(contender, question, attempt)
        if answer is not None:
            work.take(answer)
            value: Mapping[str, Any] = answer_as_json(answer)
            kept.keep(key, {**value, "failed": why} if why else value, **about, attempt=attempt)
        if not why and answer is not None:
            work.outputs |= dict.fromkeys(places, answer.output.strip())
            return
        work.retries += attempt < RETRIES
    work.failed |= dict.fromkeys(places, why)


async def _answer(contender: Contender, question: Question, attempt: int) -> tuple[Answer | None, str]:
    """Return an answer, and what is wrong with it or why there is none."""
    from train.errors import NoAnswer
    from train.evaluation.contender import Answer, Sampling

    if attempt:
        question = replace(question, sampling=Sampling(temperature=_WARMER * attempt, seed=attempt))
    try:
        async with aclosing(contender.translate(question)) as items:
            async for item in items:
                if isinstance(item, Answer):
                    return item, _objection(contender, item)
    except NoAnswer as problem:
        return None, problem.message
    return None, "it ended without an answer"


def _objection(contender: Contender, answer: Answer) -> str:
    """Return why an answer cannot stand for a line; empty where it can."""
    output = answer.output.strip()
    if answer.is_cut:
        return "the answer was cut by the token limit"
    if contender.has_thought and {"no-output", "output-cut"} & set(answer.troubles):
        return "the answer has no whole output"
    if not output:
        return "the output is empty"
    if len(output.splitlines()) > 1:
        return "the output has more than one line"
    return ""


def _as_trained(contender: Contender, plan: TranslationPlan) -> list[str]:
    if contender.about.trained_fingerprint is None or plan.context is None:
        return []
    return [f"{contender.name} may not be asked as it was trained: --context sets its own context."]


def _read(plan: TranslationPlan) -> tuple[list[Line], bool]:
    """Return the lines, and whether the last one is ended; makes sure that the output can be written."""
    from data.importers import check_readable, read_lines

    check_readable(plan.file)
    folder = plan.out.resolve().parent
    if plan.out.resolve() == plan.file.resolve():
        raise FileProblem("The output would replace the file.", hint="Name another file with -o.")
    if plan.out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise FileProblem(f"{plan.out} cannot be written.", hint="Name a file in a folder that is there.")
    with plan.file.open("rb") as file:
        file.seek(max(0, plan.file.stat().st_size - 4))
        end = file.read().rstrip(b"\0")
    return list(read_lines(plan.file)), end.endswith((b"\n", b"\r"))


def _write(out: Path, lines: Sequence[Line], work: Work, *, ends_line: bool) -> None:
    from data.exporters.files import replaced

    texts = [_line(place, line, work) for place, line in enumerate(lines)]
    with replaced(out) as file:
        file.write(("\n".join(texts) + ("\n" if ends_line else "")).encode("utf-8", "replace"))


def _line(place: int, line: Line, work: Work) -> str:
    if place in work.outputs:
        return work.outputs[place]
    return f"{MARK} {' '.join(line.text.split())}".rstrip() if place in work.failed else ""


def usual_spec(
    folder: ProjectFolder, asked_for: str | None, *, base_url: str | None, model: str | None
) -> Spec:
    """Return who translates: who is asked for, else the newest run, else the first model of the settings.

    Raises:
        UsageProblem: the contender cannot be understood, or is not one.
        SettingsProblem: `drt.toml` cannot be used.
    """
    from drt_tui.settings import load_settings

    if asked_for is None:
        settings = load_settings(folder.settings, base_url=base_url, model=model)
        first = next(iter(settings.roles.of("default")), "built-in")
        asked_for = "drt" if newest_run(folder.runs) is not None else f"model:{first}"
    specs = read_specs([asked_for])
    if len(specs) != 1:
        raise UsageProblem("One contender translates.", hint="Name one with --contender.")
    return specs[0]
