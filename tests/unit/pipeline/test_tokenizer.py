from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.records import Sentence, sentence_id
from data.samples import sample_sentences
from data.store import Dataset, ProjectFolder
from pipeline.tokenizer import Tokenizer, store_spans
from pipeline.tokenizer_process import address_file
from pipeline.tokens import Token, find_idiom, korean_keywords, rule_keywords

pytest.importorskip("kiwipiepy")
pytest.importorskip("jieba")


def sentence(source: str, group: str | None = None) -> Sentence:
    return Sentence(id=sentence_id(source), source=source, group=group)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProjectFolder]:
    folder = ProjectFolder(tmp_path_factory.mktemp("tokens"))
    yield folder
    for process in processes(folder):
        os.kill(process, signal.SIGTERM)


def processes(folder: ProjectFolder) -> list[int]:
    """Ids of the tokenizer processes of a project."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = line.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"pipeline.tokenizer_process" in command and os.fsencode(folder.leases) in command:
            found.append(int(line.parent.name))
    return found


async def test_idioms_are_found_in_the_sample_sentences(project: ProjectFolder) -> None:
    samples = [each for each in sample_sentences("ko") if each.group and each.spans]
    async with Tokenizer(project, "ko") as tokenizer:
        found = [await tokenizer.find_idiom(each.source, each.group) for each in samples]
    hits = [
        span is not None and (span.start, span.end) == (each.spans[0].start, each.spans[0].end)
        for span, each in zip(found, samples, strict=True)
    ]
    assert sum(hits) >= 0.85 * len(samples)


async def test_one_process_serves_all(project: ProjectFolder) -> None:
    async with Tokenizer(project, "ko") as one, Tokenizer(project, "ko") as other:
        words = await asyncio.gather(
            one.keywords(sentence("그는 발이 넓어서 아는 사람이 많다.", "발이 넓다")),
            other.keywords(sentence("서울에서 부산까지 기차를 탔다.")),
        )
    assert words[0][0] == "발이 넓다"
    assert "사람" in words[0]
    assert {"서울", "부산", "기차"} <= set(words[1])
    assert len(processes(project)) == 1


async def test_a_process_that_died_is_started_again(project: ProjectFolder) -> None:
    async with Tokenizer(project, "ko") as tokenizer:
        await tokenizer.keywords(sentence("기차를 탔다."))
        [process] = processes(project)
        os.kill(process, signal.SIGKILL)
        assert "기차" in await tokenizer.keywords(sentence("기차를 탔다."))
        assert processes(project) != [process]


async def test_a_question_that_is_given_up_leaves_no_answer_for_the_next(project: ProjectFolder) -> None:
    async with Tokenizer(project, "ko") as tokenizer:
        await tokenizer.keywords(sentence("기차를 탔다."))
        given_up = asyncio.ensure_future(tokenizer.find_idiom("바람이 매섭게 불었다.", "손이 크다"))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.gather(given_up, return_exceptions=True)
        assert given_up.cancelled()
        span = await tokenizer.find_idiom("우리 삼촌은 손이 커서 음식을 늘 많이 하신다.", "손이 크다")
    assert span is not None
    assert (span.start, span.end) == (7, 12)


async def test_chinese_keywords_come_in_the_order_of_the_sentence(project: ProjectFolder) -> None:
    async with Tokenizer(project, "zh") as tokenizer:
        words = await tokenizer.keywords(sentence("他人脉很广，朋友遍布北京和上海。"))
    assert words.index("北京") < words.index("上海")


async def test_other_languages_start_no_process(tmp_path: Path) -> None:
    folder = ProjectFolder(tmp_path)
    async with Tokenizer(folder, "en") as tokenizer:
        words = await tokenizer.keywords(sentence("He kicked the bucket in Paris.", "kick the bucket"))
    assert words == ("kicked", "bucket", "Paris")
    assert not address_file(folder.leases).exists()


async def test_spans_of_the_next_sentences_are_stored(project: ProjectFolder, tmp_path: Path) -> None:
    source = "그는 발이 넓어서, 아는 사람이 많다."
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences([sentence(source, "발이 넓다"), sentence("기차를 탔다.", "발이 넓다")])
        async with Tokenizer(project, "ko") as tokenizer:
            await store_spans(dataset, tokenizer, dataset.ids())
        marked, unmarked = (dataset.sentence(each) for each in dataset.ids())
    [span] = marked.spans
    assert source[span.start : span.end] == "발이 넓어서"
    assert not unmarked.spans


def test_an_idiom_needs_its_words_in_order_and_near() -> None:
    idiom = [Token("발", "발", "NNG", 0, 1), Token("넓", "넓다", "VA", 3, 4)]

    def words(*lemmas: str) -> list[Token]:
        return [Token(lemma, lemma, "NNG", 2 * place, 2 * place + 1) for place, lemma in enumerate(lemmas)]

    assert find_idiom("발 매우 넓다", words("발", "매우", "넓다"), idiom) is not None
    assert find_idiom("넓다 발", words("넓다", "발"), idiom) is None
    assert find_idiom("발 a b c d 넓다", words("발", "a", "b", "c", "d", "넓다"), idiom) is None


def test_rules_choose_at_most_eight_words() -> None:
    assert len(rule_keywords(" ".join(f"word{letter}" for letter in "abcdefghijkl"))) == 8
    tokens = [Token(f"단어{number}", f"단어{number}", "NNG", 0, 1) for number in range(12)]
    assert len(korean_keywords(tokens)) == 8
