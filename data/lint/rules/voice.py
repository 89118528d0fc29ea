"""A thought that is not one person thinking: somebody else is heard, or the machinery shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from data.lint.facts import Facts
from data.lint.row import LintRow
from data.lint.rule import Hit, Rule

_OTHER = r"(?:student|advis[oe]r|evaluator|reviewer|critic|instructor|teacher|tutor|mentor|editor|assistant|user|annotator)"
_SAYS = (
    r"(?:suggest|say|said|note|point|recommend|comment|propose|advise|mention|think|thought|ask|explain|highlight|indicate|"
    r"critici[sz]e|translate|revise|refine|rate|score|gave|give|chose|choose|decide|argue|observe|warn|praise|urge|identif)"
    r"(?:s|d|ed|es|ies|ied)?"
)
_SPEECH = r"(?:feedback|advice|critique|suggestions?|evaluation|assessment|comments?|scores?|translation|draft|version|attempt|work)"

_OUTSIDE = (
    re.compile(
        rf"\b(?:the|my|an?|this|our)\s+{_OTHER}(?:['’]s?\s+(?:\w+\s+)?{_SPEECH}|\s+(?:\w+ly\s+)?{_SAYS})\b",
        re.I,
    ),
    re.compile(
        r"\b(?:from|by|per|to|with)\s+(?:the|my|an)\s+(?:advis[oe]r|evaluator|reviewer|reformulator)\b", re.I
    ),
    re.compile(
        r"\b(?:the|this|that|these|their|his|her|any|some|more|further|initial|received|receiving|given|giving|based on|"
        r"following|after|with|from|per|upon|on|considering|incorporat\w+|address\w+|tak\w+|reflecting on|get|got|seek\w*|"
        r"previous|earlier|second|first|new|constructive|detailed|positive|additional)\s+feedback\b",
        re.I,
    ),
    re.compile(
        r"\bfeedback\s+(?:i\s+(?:have\s+)?(?:received|got|was)|suggest|say|said|point|indicat|note|highlight|from|on my|"
        r"received|provided|given|recommend|mention|was|is|that|emphasi|praise|confirm|encourag|ask|tells|told)",
        re.I,
    ),
    re.compile(r"\byour\s+(?:\w+\s+)?(?:translation|draft|version|attempt|rendering|output)\b", re.I),
    re.compile(
        r"\byou\s+(?:should|could|might|may|need to|must)\s+(?:also\s+)?(?:consider|revise|refine|use|change|replace|try)\b",
        re.I,
    ),
    re.compile(r"\bas an? (?:ai|language model|large language model)\b", re.I),
)
"""English: others' words as heard by the thinker."""

_OUTSIDE_EAST_ASIAN = re.compile(
    r"(?:학생|평가자|조언자|검토자|사용자)(?:의|가|는|이|은|로부터)\s*(?:번역|피드백|조언|평가|제안|의견|지적|초안)"
    r"|피드백(?:을|에|이|은|에서|대로)?\s*(?:받|따르|따라|반영|바탕|제시|주)"
    r"|(?:学生|评估者|评价者|顾问|审阅者|评审|用户)(?:的)?(?:翻译|译文|反馈|建议|评价|意见|指出|认为|提出)"
    r"|(?:根据|收到|结合|按照|考虑到?)[^，。]{0,8}反馈|反馈(?:指出|建议|认为|意见)"
    r"|(?:学生|評価者|助言者|レビュアー)(?:の|は|が)(?:翻訳|訳文|フィードバック|助言|評価|提案)|フィードバックを(?:受け|もと|踏まえ)"
)
_NARRATED = (
    re.compile(r"(?:^|[.!?]\s+|\n\s*)(?:the|this)\s+translation\s+process\b", re.I),
    re.compile(
        r"\bthe\s+translation\s+process\s+(?:begins|began|starts?|started|involve[sd]?|continue[sd]?|ends?|ended|of|was|is)\b",
        re.I,
    ),
    re.compile(
        r"(?<!as )(?<!like )\bthe\s+translator(?:['’]s\s+\w+)?\s+(?:then\s+|first\s+|also\s+|finally\s+|next\s+)?"
        r"(?:has|had|is|was|begins?|began|starts?|started|identif\w+|select\w*|chose|chooses|decide[sd]?|consider\w*|note[sd]?|"
        r"tries|tried|refine[sd]?|revise[sd]?|translate[sd]?|realize[sd]?|feels|felt)\b",
        re.I,
    ),
    re.compile(
        r"(?:^|[.。!?]\s*)번역 과정(?:은|이|에서는)|(?:^|[。！？]\s*)翻译过程(?:开始|首先|中，译者|是)|번역가는|번역자는|译者(?:首先|然后|最后|认为|决定)"
    ),
)
_FIRST_PERSON = re.compile(r"\b(?:i|i['’]\w+|my|me|myself|let['’]s|we|our|us|mine)\b", re.I)
_PASSIVE = re.compile(
    r"\b(?:was|were|is|are|has been|have been|had been)\s+(?:\w+ly\s+|then\s+|first\s+|also\s+)?(?:translated|revised|refined|changed|adjusted|"
    r"selected|identified|replaced|chosen|rendered|improved|produced|proposed|drafted|modified|reworked|evaluated|made)\b",
    re.I,
)
_ENGLISH = re.compile(r"\b(?:the|of|and|to|is)\b", re.I)

_OPENS_WITH = (
    r"(?:self[- ]?reflection\w*|reflection|thought process|thinking process|train of thought|chain of thought|monologue|"
    r"narrative|first[- ]person|reasoning|rewritten|rephrased|reformulat\w+|polished|translation process|description)"
)
_PREAMBLE = re.compile(
    r"^\W{0,4}(?:(?:sure|certainly|of course|okay|alright|absolutely|great)\b[^\n.:]{0,60}[.:!,]?\s*)?"
    r"(?:here(?:['’]s| is| are)|below (?:is|are)|the following (?:is|are)|this is)\s+"
    rf"[^\n.:]{{0,100}}\b{_OPENS_WITH}\b[^\n.:]{{0,200}}(?:[:.]|\n|$)\W*"
    r"|^\W{0,4}(?:sure|certainly|of course|absolutely)\b\s*[!.,][^\n.:]{0,100}[:.!\n]\W*"
    r"|^\W{0,6}(?:self[- ]?reflection(?: description)?|thought process|translation process|thinking process|reasoning)\W{0,4}(?::|\n)\W*"
    r"|^\W{0,4}다음은[^\n.:：]{0,80}(?:자기 ?성찰|성찰|사고 ?과정|생각의 ?흐름|독백|번역 ?과정|서술)[^\n.:：]{0,30}[.:：\n]\W*"
    r"|^\W{0,4}(?:好的[，,。！]?\s*)?(?:以下|下面|这)是[^\n。:：]{0,60}(?:自我反思|反思|思考过程|思维过程|独白|翻译过程|描述)[^\n。:：]{0,30}[。:：\n]\W*"
    r"|^\W{0,4}(?:以下|次)(?:は|が)[^\n。:：]{0,60}(?:内省|思考過程|独白|翻訳過程|自己省察|描写)[^\n。:：]{0,30}[。:：\n]\W*",
    re.IGNORECASE,
)
_MACHINERY = re.compile(
    r"\bself[- ]reflection\b|\bfeedback\b|\btranslation process\b|\bevaluator\b|\biteration \d|자기 ?성찰|피드백|自我反思|反馈",
    re.I,
)


def _outside_voice(facts: Facts) -> Iterator[Hit]:
    if not facts.thought:
        return
    for pattern in (*_OUTSIDE, _OUTSIDE_EAST_ASIAN):
        match = pattern.search(facts.prose)
        if match and not _is_content(facts, match.group()):
            yield Hit(f"Somebody else is heard in the thought: {match.group().strip()!r}.", match.span())
            return


def _is_content(facts: Facts, wording: str) -> bool:
    """Tell whether the person or the feedback belongs to what is translated."""
    people = re.findall(rf"{_OTHER}|feedback|학생|평가자|사용자|피드백|学生|顾问|用户|反馈", wording, re.I)
    return any(facts.licensed(person.casefold()) for person in people)


def _third_person(facts: Facts) -> Iterator[Hit]:
    if not facts.thought:
        return
    for pattern in _NARRATED:
        match = pattern.search(facts.prose)
        if match and not facts.licensed("translator", "번역가", "译者"):
            yield Hit(
                f"The thought tells of the translator from outside: {match.group().strip()!r}.", match.span()
            )
            return
    if _FIRST_PERSON.search(facts.prose):
        return
    told = list(_PASSIVE.finditer(facts.prose))
    if len(told) >= 3 and len(_ENGLISH.findall(facts.prose)) >= 8:
        yield Hit("The thought has no first person and tells what was done.", told[0].span())


def _preamble(facts: Facts) -> Iterator[Hit]:
    match = _PREAMBLE.match(facts.thought)
    if match:
        yield Hit(f"The thought opens with words about itself: {match.group().strip()[:80]!r}.", match.span())


def _machinery(facts: Facts) -> Iterator[Hit]:
    match = _MACHINERY.search(facts.prose) if facts.thought else None
    if match and not facts.licensed(match.group().casefold()):
        yield Hit(f"The thought speaks of the machinery: {match.group()!r}.", match.span())


def _strip_preamble(row: LintRow) -> LintRow:
    thought = row.thought or ""
    match = _PREAMBLE.match(thought)
    if not match or not thought[match.end() :].strip():
        return row
    return replace(row, thought=thought[match.end() :].lstrip())


OUTSIDE_VOICE = Rule(
    code="outside-voice",
    meaning=(
        "The thought is to be one person's. Here an advisor, an evaluator, a student or somebody's feedback is heard, or "
        "the reader is told what to do. Such persons in the source or the output are let pass."
    ),
    severity="warning",
    field="thought",
    look=_outside_voice,
    bad=LintRow(
        source="그는 떠났다.", output="He left.", thought='The feedback suggests a plainer verb: "He left."'
    ),
    good=LintRow(
        source="그 학생은 떠났다.",
        output="The student left.",
        thought='I ask what the student decides here, and write "The student left."',
    ),
)

THIRD_PERSON = Rule(
    code="third-person",
    meaning="The thought is told from outside, of a translator or a process, and not in the first person.",
    severity="warning",
    field="thought",
    look=_third_person,
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

THOUGHT_PREAMBLE = Rule(
    code="thought-preamble",
    meaning='The thought opens with words about itself, such as "Here is the self-reflection description:".',
    severity="error",
    field="thought",
    look=_preamble,
    bad=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='Here is the self-reflection description of the process:\n\nI start with 떠났다. "He left."',
    ),
    good=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='Here is a sentence of two words. I start with 떠났다. "He left."',
    ),
    fix=_strip_preamble,
)

MACHINERY = Rule(
    code="machinery-word",
    meaning="The thought names feedback, iterations or self-reflection; some of these uses are natural.",
    severity="info",
    field="thought",
    look=_machinery,
    bad=LintRow(
        source="그는 떠났다.",
        output="He left.",
        thought='In this self-reflection I look at 떠났다: "He left."',
    ),
    good=LintRow(source="그는 떠났다.", output="He left.", thought='I look at 떠났다: "He left."'),
)
