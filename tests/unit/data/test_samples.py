from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import groupby, pairwise

import pytest

from data.reasons import BY_CODE
from data.records import Candidate, Sentence, sentence_id
from data.samples import Worked, sample_sentences, worked_examples

SENTENCES = sample_sentences()
WORKED = worked_examples()
GOOD = [example for example in WORKED if example.good]
FAULTY = [example for example in WORKED if not example.good]

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
PLAIN_INITIALS = "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"
MACHINERY = (
    "evaluat|advis|advice|student|feedback|score|iteration|translation process|reflection|reviewer|draft"
)


def initial(word: str) -> str:
    return INITIALS[(ord(word[0]) - 0xAC00) // (21 * 28)]


def kind(name: str) -> list[Sentence]:
    return [sentence for sentence in SENTENCES if name in sentence.phenomena]


def passages() -> dict[str, list[Sentence]]:
    found: dict[str, list[Sentence]] = {}
    for sentence in kind("passage"):
        found.setdefault(sentence.document or "", []).append(sentence)
    return found


def marked(sentence: Sentence) -> str:
    return " ".join(sentence.source[span.start : span.end] for span in sentence.spans)


def quoted(thought: str) -> list[str]:
    return re.findall(r'"([^"]*)"', thought)


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    return [text for part in value for text in strings(part)] if isinstance(value, list | tuple) else []


def named(example: Worked) -> str:
    return f"{example.sentence.group}-{example.reason or 'good'}"


def each(examples: list[Worked] | tuple[Worked, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("example", examples, ids=named)


def test_there_are_enough_of_every_kind():
    kinds = Counter(sentence.phenomena[0] for sentence in SENTENCES)
    assert kinds["idiom"] >= 200
    assert {name: kinds[name] for name in ("literal", "plain", "talk") if kinds[name] < 40} == {}
    assert len(kind("honorific")) >= 15
    assert len(sample_sentences("en")) >= 40
    assert len(passages()) >= 20


def test_idioms_are_many_and_begin_with_every_plain_consonant():
    groups = {sentence.group for sentence in kind("idiom") if sentence.group}
    assert len(groups) >= 100
    initials = Counter(initial(group) for group in groups)
    assert {letter: initials[letter] for letter in PLAIN_INITIALS if initials[letter] < 5} == {}


def test_the_first_rows_are_not_all_of_one_consonant():
    first = [initial(sentence.group or "") for sentence in kind("idiom")[:14]]
    assert len(set(first)) >= 12


@pytest.mark.parametrize("sentence", kind("idiom") + kind("literal"), ids=lambda s: s.id)
def test_spans_cover_the_words_of_the_idiom(sentence: Sentence):
    assert sentence.group is not None
    assert sentence.spans
    assert {span.kind for span in sentence.spans} == {
        "literal" if "literal" in sentence.phenomena else "idiom"
    }
    for span in sentence.spans:
        before, after = sentence.source[: span.start], sentence.source[span.end :]
        piece = sentence.source[span.start : span.end]
        assert not before or before[-1] in " “‘"
        assert not after or after[0] in " ,.?!:”’…"
        assert piece[0].isalnum()
        assert piece[-1].isalnum()
    words = iter(marked(sentence).split())
    for wanted in sentence.group.split():
        assert any(word[0] == wanted[0] or initial(word) == initial(wanted) for word in words), wanted
    assert marked(sentence)[0] == sentence.group[0]


def test_figures_in_english_sentences_are_marked():
    for sentence in sample_sentences("en"):
        assert {span.kind for span in sentence.spans} <= {"simile", "metaphor"}
        assert set(sentence.phenomena) <= {"simile", "metaphor"}
        assert sentence.spans, sentence.source


def test_passages_are_numbered_in_order_and_of_four_to_six_sentences():
    for name, sentences in passages().items():
        assert 4 <= len(sentences) <= 6, name
        assert [sentence.position for sentence in sentences] == list(range(1, len(sentences) + 1)), name


def test_every_sentence_has_its_own_reference_licence_and_language():
    for sentence in (*SENTENCES, *(example.sentence for example in WORKED)):
        assert sentence.licence == "Apache-2.0"
        assert [reference.origin for reference in sentence.references] == ["written"]
        assert sentence.references[0].text != sentence.source
        source, target = (sentence.model_extra or {})["language"], (sentence.model_extra or {})["target"]
        assert (source, target) in {("ko", "en"), ("en", "ko")}
        assert any("가" <= letter <= "힣" for letter in sentence.source) == (source == "ko")
        assert any("가" <= letter <= "힣" for letter in sentence.references[0].text) == (target == "ko")


def test_no_text_occurs_twice():
    sources = [sentence.source for sentence in SENTENCES] + [example.sentence.source for example in WORKED]
    references = [
        sentence.references[0].text for sentence in (*SENTENCES, *(example.sentence for example in WORKED))
    ]
    assert [text for text, times in Counter(sources + references).items() if times > 1] == []
    ids = [sentence.id for sentence in SENTENCES] + [example.sentence.id for example in WORKED]
    assert len(set(ids)) == len(ids)
    assert SENTENCES[0].id == sentence_id(SENTENCES[0].source)


def test_all_text_is_nfc_and_without_control_characters():
    rows = [sentence.model_dump(mode="json") for sentence in SENTENCES]
    rows += [example.sentence.model_dump(mode="json") for example in WORKED]
    rows += [example.candidate.model_dump(mode="json") for example in WORKED]
    for text in strings(rows):
        assert unicodedata.is_normalized("NFC", text), text
        assert not [c for c in text if unicodedata.category(c) in {"Cc", "Cf"} and c != "\n"], text


def test_candidate_ids_are_ulids_that_stay_the_same():
    ids = [example.candidate.id for example in WORKED]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"0{10}[0-9A-HJKMNP-TV-Z]{16}", candidate) for candidate in ids)
    assert WORKED[0].candidate.sentence == WORKED[0].sentence.id
    assert int(WORKED[0].sentence.id, 16) == sum(
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(digit) << 5 * place
        for place, digit in enumerate(reversed(WORKED[0].candidate.id))
    )


def test_half_of_the_worked_examples_are_good_and_every_fault_occurs():
    assert len(GOOD) == len(FAULTY) == 12
    assert {example.reason for example in FAULTY} == set(BY_CODE) - {"other"}


def test_good_and_faulty_examples_come_mixed():
    verdicts = [example.good for example in WORKED]
    assert max(len(list(run)) for _, run in groupby(verdicts)) <= 4


@each(WORKED)
def test_a_worked_example_is_a_whole_record(example: Worked):
    candidate = example.candidate
    assert candidate.made_by == "recorded, written by hand"
    assert candidate.keywords
    assert all(words for words in candidate.keywords.values())
    assert all(draft.score is not None and draft.reason for draft in candidate.drafts)
    assert [bool(draft.advice) for draft in candidate.drafts[:-1]] == [True] * (len(candidate.drafts) - 1)
    assert len({draft.text for draft in candidate.drafts}) == len(candidate.drafts)
    assert candidate.output == candidate.drafts[candidate.best].text
    assert 120 <= len(candidate.thought.split()) <= 320


@each(GOOD)
def test_a_good_example_keeps_the_best_draft(example: Worked):
    scores = [draft.score or 0 for draft in example.candidate.drafts]
    assert example.candidate.best == scores.index(max(scores))
    assert example.reason is None
    assert example.fault is None


@each(GOOD)
def test_a_good_thought_quotes_drafts_only_and_in_order(example: Worked):
    candidate = example.candidate
    texts = [draft.text for draft in candidate.drafts]
    attempts = quoted(candidate.thought)
    assert attempts == texts[: candidate.best + 1]
    assert candidate.output in candidate.thought


@each(GOOD)
def test_a_good_thought_hears_nobody_else(example: Worked):
    thought = example.candidate.thought
    for piece in quoted(thought):
        thought = thought.replace(piece, "")
    assert re.findall(MACHINERY, thought, re.IGNORECASE) == []
    assert re.search(r"\bI\b", thought)


def test_no_two_thoughts_open_alike():
    openings = Counter(tuple(example.candidate.thought.split()[:4]) for example in WORKED)
    assert openings.most_common(1)[0][1] == 1


@each(FAULTY)
def test_a_fault_is_named_by_a_known_reason(example: Worked):
    assert example.reason in BY_CODE
    assert example.fault
    assert "\n" not in example.fault


def test_drafts_are_scored_as_a_chain_would_be():
    climbing = [example for example in GOOD if len(example.candidate.drafts) > 1]
    for example in climbing:
        scores = [draft.score or 0 for draft in example.candidate.drafts[: example.candidate.best + 1]]
        assert all(lower < higher for lower, higher in pairwise(scores)), named(example)
    assert any(len(example.candidate.drafts) == 1 for example in GOOD)


def test_languages_can_be_asked_for_apart():
    assert len(sample_sentences("ko")) + len(sample_sentences("en")) == len(SENTENCES)
    assert isinstance(WORKED[0].candidate, Candidate)
