"""A person as a stage: what is left of a pass once an artefact of it was changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from data.records import Draft
from data.text import nfc
from drt_tui.running.live import BETWEEN_WORDS, Line
from pipeline.progress import Progress

_JUDGED = re.compile(r"\s*(\d{1,3})\b[\s:·,.-]*(.*)", re.DOTALL)


def editable(progress: Progress, line: Line) -> str:
    """Return a stage's artefact as a line of text to be changed; of a judgement the score comes first."""
    if line.kind == "reason":
        score = progress.drafts[line.round].score
        return f"{score if score is not None else 0} · {line.text}"
    return line.text


def changed_at(progress: Progress, line: Line, text: str) -> Progress:
    """Return the progress with a person's text in place of a stage's, and nothing of what followed.

    Raises:
        ValueError: the text cannot be what that stage makes; the message says why.
    """
    text = nfc(text).strip()
    match line.kind:
        case "keywords":
            return Progress(keywords=_keywords(text))
        case "draft" if text:
            return _cut(progress, line.round, Draft(text=text, by="person"))
        case "draft":
            raise ValueError("a draft cannot be empty")
        case "reason":
            return _cut(progress, line.round, _judged(progress.drafts[line.round], text))
        case "advice":
            draft = progress.drafts[line.round].model_copy(update={"advice": text})
            return replace(_cut(progress, line.round, draft), since=line.round + 1 if text else 0)
        case _:
            raise ValueError("this stage cannot be changed here")


def before(progress: Progress, line: Line) -> Progress:
    """Return the progress as it was before a stage, so that the stage runs again."""
    match line.kind:
        case "keywords":
            return Progress()
        case "draft" if line.round == 0:
            return Progress(keywords=progress.keywords)
        case "draft":
            return _cut(progress, line.round - 1, progress.drafts[line.round - 1])
        case "reason":
            unjudged = {"reason": "", "score": None, "quotes": (), "advice": ""}
            return _cut(progress, line.round, progress.drafts[line.round].model_copy(update=unjudged))
        case "advice":
            return _cut(progress, line.round, progress.drafts[line.round].model_copy(update={"advice": ""}))
        case _:
            return replace(progress, thought=None)


def _cut(progress: Progress, number: int, draft: Draft) -> Progress:
    return Progress(keywords=progress.keywords, drafts=(*progress.drafts[:number], draft))


def _judged(draft: Draft, text: str) -> Draft:
    found = _JUDGED.fullmatch(text)
    if found is None or not 0 <= int(found[1]) <= 100:
        raise ValueError("begin with the score, 0 to 100, then say why")
    return draft.model_copy(update={"score": int(found[1]), "reason": found[2].strip(), "advice": ""})


def _keywords(text: str) -> Mapping[str, tuple[str, ...]]:
    """Read `word: one, other · word: one`, as keywords are shown."""
    keywords = {}
    for entry in text.split(BETWEEN_WORDS.strip()):
        word, _, translations = entry.partition(":")
        if word.strip():
            meant = (translation.strip() for translation in translations.split(","))
            keywords[word.strip()] = tuple(translation for translation in meant if translation)
    return keywords
