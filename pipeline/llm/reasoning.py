"""Cutting a model's reasoning (`<think>…</think>`) off its answer, whole or as it streams."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_MARK = re.compile(r"<(/?)think(?:ing)?>", re.IGNORECASE)
_LONGEST_MARK = len("</thinking>")


def cut_reasoning(text: str) -> tuple[str, str]:
    """Return answer and reasoning of a whole reply.

    A block that is never closed is reasoning to its end; a closing tag that was never opened ends
    reasoning that the endpoint's template had begun.
    """
    if "<" not in text or _MARK.search(text) is None:
        return text, ""
    cut = ReasoningCutter()
    answer = cut.feed(text) + cut.rest()
    return answer.strip(), cut.reasoning.strip()


@dataclass(slots=True)
class ReasoningCutter:
    """The same for text that arrives in pieces, wherever they are torn."""

    _answer: list[str] = field(default_factory=list)
    _reasoning: list[str] = field(default_factory=list)
    _held: str = ""
    _thinking: bool = False
    took_back: bool = False
    """Text that was handed out turned out to be reasoning: what has been shown is void."""

    @property
    def reasoning(self) -> str:
        """All reasoning so far."""
        return "".join(self._reasoning)

    def feed(self, piece: str) -> str:
        """Take in the next piece and return what of it belongs to the answer for certain."""
        text, self._held = self._held + piece, ""
        out: list[str] = []
        start = 0
        for mark in _MARK.finditer(text):
            self._take(text[start : mark.start()], out)
            if mark[1] and not self._thinking:
                self._take_back(out)
            self._thinking = not mark[1]
            start = mark.end()
        rest = text[start:]
        border = _border(rest)
        self._held = rest[border:]
        self._take(rest[:border], out)
        return "".join(out)

    def rest(self) -> str:
        """Return what was held back as a possible tag, now that nothing more comes."""
        out: list[str] = []
        self._take(self._held, out)
        self._held = ""
        return "".join(out)

    def _take(self, text: str, out: list[str]) -> None:
        if self._thinking:
            self._reasoning.append(text)
        elif text:
            out.append(text)
            self._answer.append(text)

    def _take_back(self, out: list[str]) -> None:
        self.took_back = self.took_back or any(text.strip() for text in self._answer)
        self._reasoning += self._answer
        self._answer.clear()
        out.clear()


def _border(text: str) -> int:
    """Return where a tag may have begun that is not complete yet."""
    place = text.rfind("<", max(0, len(text) - _LONGEST_MARK))
    if place < 0:
        return len(text)
    begun = text[place:].lower()
    return place if any(tag.startswith(begun) for tag in _TAGS) else len(text)


_TAGS = ("<think>", "</think>", "<thinking>", "</thinking>")
