"""A text line by line through one contender: as many lines out as in, and none of them lost in silence."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import FileProblem
from data.records import sentence_id
from data.text import nfc
from drt_tui.comparing.contenders import Spec, newest_run, open_contenders, read_specs
from drt_tui.comparing.translation_tally import Work
from drt_tui.errors import UsageProblem
from drt_tui.narration import narrate, now_and_then, telling_who_rests
from drt_tui.running.interrupts import interruptible
from drt_tui.running.preparing import Metered

if TYPE_CHECKING:
    from data.importers import Line
    from data.records import Usage
    from data.store import ProjectFolder
    from drt_tui.project.session import Session
    from train.evaluation.contender import Answer, Contender, Question
    from train.evaluation.kept import Kept
    from train.evaluation.outages import Outages

RETRIES = 3
MARK = "[not translated]"
_DRY_RUN_LINES = 5
_CHUNK = 1 << 20
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


def translate(session: Session, plan: TranslationPlan) -> Work:
    """Translate a file; the output is written when every line was asked for, the log as answers come.

    Raises:
        FileProblem: the file cannot be read, or the output cannot be written.
        DataError, PipelineError, TrainError: the contender cannot be used.
    """
    lines, ends = _read(plan)
    work = asyncio.run(_translate(session, plan, lines))
    if not work.is_interrupted and not plan.is_dry_run:
        _write(plan.out, lines, work, ends)
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
                async with telling_who_rests(metered.snapshot if metered else None):
                    at_once = min(contender.about.at_once or open_for(slots), open_for(slots))
                    await crew.work([(jobs, at_once)])
    work.is_interrupted = crew.is_stopping and not plan.is_dry_run
    return work


def _jobs(
    contender: Contender, plan: TranslationPlan, lines: Sequence[Line], kept: Kept, work: Work
) -> Iterator[Callable[[], Awaitable[None]]]:
    """Yield what is to be asked, the same question once; note what is kept, blank or unreadable."""
    from train.evaluation.contender import Question
    from train.evaluation.kept import answer_key, answer_of
    from train.evaluation.outages import Outages

    tell, outages = now_and_then(lambda done, of: f"{done:,} of {of:,} lines"), Outages()
    places: dict[str, list[int]] = {}
    questions: dict[str, Question] = {}
    before: list[str] = []
    most = _CONTEXT if plan.context is None else plan.context
    for place, line in enumerate(lines):
        source = nfc(line.text).replace("\0", "").strip()
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
            await _one(contender, question, key, places[key], kept, work, outages)
            tell(work.lines - work.left, work.lines)

        yield one


async def _one(
    contender: Contender,
    question: Question,
    key: str,
    places: Sequence[int],
    kept: Kept,
    work: Work,
    outages: Outages,
) -> None:
    from train.evaluation.kept import answer_as_json

    about: dict[str, Any] = {"contender": contender.name, "lines": [place + 1 for place in places]}
    tried = _Tried()
    work.asked += 1
    for attempt in range(1 + RETRIES):
        work.retries += attempt > 0
        tried = await _answer(contender, question, attempt)
        if tried.took is not None:
            work.take(tried.took)
        if tried.answer is not None:
            value: Mapping[str, Any] = answer_as_json(tried.answer)
            failed = {"failed": tried.why} if tried.why else {}
            kept.keep(key, {**value, **failed}, **about, attempt=attempt)
        if not tried.why and tried.answer is not None:
            work.outputs |= dict.fromkeys(places, tried.answer.output.strip())
            outages.note()
            return
        if tried.is_outage:
            break  # the router has tried for as long as it makes sense
    work.failed |= dict.fromkeys(places, tried.why)
    outages.note(tried.why if tried.is_outage else "")


@dataclass(frozen=True, slots=True)
class _Tried:
    """What came of one attempt."""

    answer: Answer | None = None
    why: str = "it ended without an answer"
    """What is wrong with the answer, or why there is none."""
    took: Answer | Usage | None = None
    is_outage: bool = False


async def _answer(contender: Contender, question: Question, attempt: int) -> _Tried:
    from train.errors import NoAnswer
    from train.evaluation.contender import Answer, Sampling

    if attempt:
        question = replace(question, sampling=Sampling(temperature=_WARMER * attempt, seed=attempt))
    try:
        async with aclosing(contender.translate(question)) as items:
            async for item in items:
                if isinstance(item, Answer):
                    return _Tried(item, _objection(contender, item), item)
    except NoAnswer as problem:
        return _Tried(None, problem.message, problem.usage, problem.is_outage)
    return _Tried()


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


@dataclass(frozen=True, slots=True)
class _Ends:
    """How the lines of a file end."""

    mark: str
    """Of its first line: that of Windows, of old Macs, or of everybody else."""
    last: bool
    """Whether the last line is ended as well."""


def _read(plan: TranslationPlan) -> tuple[list[Line], _Ends]:
    """Return the lines and how they end; makes sure that the output can be written."""
    from data.importers import check_readable, read_lines

    check_readable(plan.file, may_be_empty=True)  # as many lines out as in, also of none
    folder = plan.out.resolve().parent
    if plan.out.resolve() == plan.file.resolve():
        raise FileProblem("The output would replace the file.", hint="Name another file with -o.")
    if plan.out.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK):
        raise FileProblem(f"{plan.out} cannot be written.", hint="Name a file in a folder that is there.")
    lines = list(read_lines(plan.file))
    with plan.file.open("rb") as file:
        first = next(
            (end for chunk in iter(partial(file.read, _CHUNK), b"") if (end := _first_end(chunk))), "\n"
        )
        file.seek(max(0, plan.file.stat().st_size - 4))
        tail = file.read().rstrip(b"\0")
    return lines, _Ends(first, last=tail.endswith((b"\n", b"\r")))


def _first_end(chunk: bytes) -> str:
    """Return how the first line ends, in any width of characters; empty where none ends here."""
    found = re.search(rb"\r\0*\n|\n|\r", chunk)
    return found[0].replace(b"\0", b"").decode() if found else ""


def _write(out: Path, lines: Sequence[Line], work: Work, ends: _Ends) -> None:
    from data.exporters.files import replaced

    texts = [_line(place, line, work) for place, line in enumerate(lines)]
    with replaced(out) as file:
        file.write((ends.mark.join(texts) + ends.mark * ends.last).encode("utf-8", "replace"))


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
    from drt_tui.project.settings import load_settings

    if asked_for is None:
        settings = load_settings(folder.settings, base_url=base_url, model=model, for_models=True)
        first = next(iter(settings.roles.of("default")), "built-in")
        asked_for = "drt" if newest_run(folder.runs) is not None else f"model:{first}"
    specs = read_specs([asked_for])
    if len(specs) != 1:
        raise UsageProblem("One contender translates.", hint="Name one with --contender.")
    return specs[0]
