"""The log of mining: answers found again by any process, whatever happened to the file's end."""

from __future__ import annotations

import json
from pathlib import Path

from data.records import Mined, Origin, Sentence, sentence_id
from data.store import MinedLog, ProjectFolder

ANSWER = Mined(figurative=True, spoiled=False, reason="a dead figure", kinds=("idiom",), words=("발이 넓다",))


def sentence(text: str) -> Sentence:
    return Sentence(
        id=sentence_id(text), source=text, document="b", position=3, origin=Origin(file="b", row=9)
    )


def test_an_answer_is_kept_with_its_sentence_though_it_was_not_taken(tmp_path: Path) -> None:
    with MinedLog(ProjectFolder(tmp_path), "s1") as log:
        assert not (tmp_path / "mined.jsonl").exists()
        log.append(sentence("하나"), ANSWER, "main")

    line = json.loads((tmp_path / "mined.jsonl").read_text(encoding="utf-8"))
    assert (line["source"], line["position"], line["origin"]["row"]) == ("하나", 3, 9)
    assert (line["kept"], line["figurative"], line["spoiled"]) == (False, True, False)
    assert (line["reason"], line["model"]) == ("a dead figure", "main")


def test_answers_are_known_again_under_the_same_settings_alone(tmp_path: Path) -> None:
    with MinedLog(ProjectFolder(tmp_path), "s1") as log:
        log.append(sentence("하나"), ANSWER, "main")

    assert sentence("하나").id in MinedLog(ProjectFolder(tmp_path), "s1")
    assert sentence("하나").id not in MinedLog(ProjectFolder(tmp_path), "s2")
    assert sentence("둘").id not in MinedLog(ProjectFolder(tmp_path), "s1")


def test_what_another_process_answered_is_followed(tmp_path: Path) -> None:
    with MinedLog(ProjectFolder(tmp_path), "s") as ours, MinedLog(ProjectFolder(tmp_path), "s") as theirs:
        theirs.append(sentence("하나"), ANSWER, "main")
        assert sentence("하나").id not in ours
        ours.follow()
        assert sentence("하나").id in ours


def test_a_torn_or_foreign_line_costs_only_itself(tmp_path: Path) -> None:
    with MinedLog(ProjectFolder(tmp_path), "s") as log:
        log.append(sentence("하나"), ANSWER, "main")
    path = tmp_path / "mined.jsonl"
    for end in (
        b'{"id":"00ff',
        b"\n[]\n",
        b'{"id": 5, "settings": "s"}\n',
        b'{"id": "zz", "settings": "s"}\n\xff',
    ):
        path.write_bytes(path.read_bytes() + end)
    with MinedLog(ProjectFolder(tmp_path), "s") as log:
        log.append(sentence("둘"), ANSWER, "main")

    again = MinedLog(ProjectFolder(tmp_path), "s")
    assert sentence("하나").id in again
    assert sentence("둘").id in again
    assert len(again) == 2
