"""A thought that is told from outside."""

from __future__ import annotations

import re
from collections.abc import Iterator

from data.lint.facts import Facts
from data.lint.phrases import Markers, any_of
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_DOES = any_of(
    "has, had, is, was, begins?, began, starts?, started, identif\\w+, select\\w*, chose, chooses, decide[sd]?,"
    "consider\\w*, note[sd]?, tries, tried, refine[sd]?, revise[sd]?, translate[sd]?, realize[sd]?, feels, felt"
)
_GOES = any_of(
    "begins, began, starts?, started, involve[sd]?, continue[sd]?, ends?, ended, of, was, is, required"
)
_NARRATED = re.compile(
    r"(?:^|[.!?]\s+|\n\s*)the\s+translation\s+process\b"
    rf"|\bthe\s+translation\s+process\s+{_GOES}\b"
    rf"|(?<!as )(?<!like )\bthe\s+translator\s+(?:then\s+|first\s+|also\s+|finally\s+|next\s+)?{_DOES}\b"
    r"|(?:^|[.!?]\s+)번역 과정(?:은|이|에서는)|번역(?:가|자)는\s"
    r"|(?:^|[。！？])\s*翻译过程(?:开始|首先|中，译者|是)|译者(?:首先|然后|最后|认为|决定)"
    r"|(?:^|[。！？])\s*翻訳(?:の)?過程(?:は|が|では)|翻訳者は"
)
_OTHER_PERSON = re.compile(
    r"\b(?:he|she|they)\s+(?:then\s+|first\s+|next\s+|finally\s+)?(?:translat|revis|refin|rephras|reword)\w+"
    r"|\byou\s+(?:then\s+|first\s+|next\s+|finally\s+)?(?:start|begin|translate|consider|notice|decide|choose|select|"
    r"identify|try|refine|revise|realize|feel)\b",
    re.IGNORECASE,
)
_MARKERS = Markers(
    (
        "translation process",
        "the translator ",
        "번역 과정",
        "번역가는",
        "번역자는",
        "翻译过程",
        "译者",
        "過程",
        "翻訳者",
    )
)
_FIRST_PERSON = frozenset([b"i", b"my", b"me", b"myself", b"we", b"our", b"us", b"mine"])
_DONE = any_of(
    "translated, revised, refined, changed, adjusted, selected, identified, replaced, chosen, rendered, improved,"
    "produced, proposed, drafted, modified, reworked, evaluated"
)
_PASSIVE = re.compile(
    rf"\b(?:was|were|is|are|has\s+been|have\s+been|had\s+been)\s+(?:\w+ly\s+|then\s+|first\s+|also\s+)?{_DONE}\b",
    re.IGNORECASE,
)
_PASSIVES_OF_A_REPORT = 3
_AT_THE_START = 4
"""A thought that opens so is told from outside; further on, anybody may once speak of "the translator"."""


def _look(facts: Facts) -> Iterator[Hit]:
    if not facts.has_thought:
        return
    searches = (_NARRATED.search(facts.lower_prose, start, end) for _, start, end in facts.near(_MARKERS))
    told = sorted({match.span() for match in searches if match})
    if told and facts.licensed("translator", "translation", "번역", "译者", "翻译", "翻訳"):
        return
    is_first_person = not _FIRST_PERSON.isdisjoint(facts.told_words) or "let's" in facts.told
    if told and (len(told) > 1 or told[0][0] < _AT_THE_START or not is_first_person):
        wording = facts.prose[slice(*told[0])].strip()
        yield Hit(f"The thought tells of the translator from outside: {wording!r}.", told[0])
    elif not told and not is_first_person and not facts.is_thought_east_asian:
        yield from _without_first_person(facts)


def _without_first_person(facts: Facts) -> Iterator[Hit]:
    """Object to a thought without any "I" only if it also tells what somebody did or what was done."""
    others = list(_OTHER_PERSON.finditer(facts.prose))
    passives = list(_PASSIVE.finditer(facts.prose))
    if len(others) > 1:
        yield Hit(f"The thought is another person's: {others[0].group()!r}.", others[0].span())
    elif len(passives) >= _PASSIVES_OF_A_REPORT:
        yield Hit("The thought has no first person, and tells what was done.", passives[0].span())


RULE = Rule(
    code="third-person",
    meaning="The thought is told from outside, of a translator or a process, and not in the first person.",
    severity="warning",
    field="thought",
    look=_look,
    bad=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='The translation process begins with the verb. The translator chose "He left."',
    ),
    good=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='Plain speech, so plain words, and as a translator I add nothing: "He left."',
    ),
)
