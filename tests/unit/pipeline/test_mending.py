from __future__ import annotations

import pytest

from data.records import Sentence, Stage, sentence_id
from pipeline.engine import Engine
from pipeline.errors import StageFailed
from pipeline.mending import mend
from tests.stubs.scripted import MemoryLog, ScriptedModels

SOURCE = "그는 발이 넓다."
SENTENCE = Sentence(id=sentence_id(SOURCE), source=SOURCE)
THOUGHT = "I look at 발이 넓다.\n‘Connected’ has the reach. So I settle.\n"
STALE = [(THOUGHT.index("‘C"), THOUGHT.index("So"))]


async def mended(*replies: str, stale=STALE) -> tuple[str, ScriptedModels, MemoryLog]:
    models, log = ScriptedModels({Stage.REFORMULATE: list(replies)}), MemoryLog()
    engine = Engine(models, log=log)
    return (
        await mend(engine, SENTENCE, thought=THOUGHT, old="old", new="He is popular.", stale=stale),
        models,
        log,
    )


async def test_only_the_stale_sentence_changes():
    thought, models, log = await mended('{"sentences": ["‘Popular’ has the warmth."]}')
    assert thought == "I look at 발이 넓다.\n‘Popular’ has the warmth. So I settle.\n"
    [request] = models.requests
    asked = request.messages[-1].content
    assert "1. ‘Connected’ has the reach." in asked
    assert "He is popular." in asked
    assert len(log.calls) == 1


async def test_a_wrong_number_of_sentences_is_asked_for_again():
    thought, *_ = await mended('{"sentences": []}', '{"sentences": ["Mended."]}')
    assert "Mended. So I settle." in thought


async def test_nothing_stale_asks_nobody():
    thought, models, _ = await mended("", stale=[])
    assert thought == THOUGHT
    assert not models.requests


async def test_replies_that_cannot_be_used_change_nothing():
    with pytest.raises(StageFailed):
        await mended("no", "still no")
