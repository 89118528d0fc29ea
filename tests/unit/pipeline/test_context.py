from __future__ import annotations

from pathlib import Path

from data.records import Origin, Sentence, sentence_id
from data.store import Dataset, ProjectFolder
from pipeline.context import Preceding


def test_the_sentences_before_are_those_of_the_same_text(tmp_path: Path) -> None:
    def sentence(text: str, **more: object) -> Sentence:
        return Sentence.model_validate({"id": sentence_id(text), "source": text, **more})

    novel = [sentence(f"n{number}", document="novel") for number in range(4)]
    letter = [sentence(f"l{number}", document="letter") for number in range(2)]
    listed = [sentence(f"f{number}", origin=Origin(file="a.csv", row=number + 1)) for number in range(2)]
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences([*novel, *letter, *listed])
        before = Preceding(dataset)
        assert before.of(novel[3], 2) == ("n1", "n2")
        assert before.of(novel[0], 2) == ()
        assert before.of(letter[1], 5) == ("l0",)
        assert before.of(listed[1], 5) == ("f0",)
        assert before.of(novel[3], 0) == ()


def test_a_sentence_of_a_running_text_brings_those_before_it_along(tmp_path: Path) -> None:
    held = Sentence(id=sentence_id("Two."), source="Two.", split="test")
    mined = Sentence(id=sentence_id("Five."), source="Five.", before=("One.", "Two.", "Three.", "Four."))
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences([mined])
        assert Preceding(dataset).of(mined, 3) == ("Two.", "Three.", "Four.")
        assert Preceding(dataset).of(mined, 0) == ()
        first = Sentence(id=sentence_id("Six."), source="Six.", before=())
        dataset.add_sentences([held, first])
        assert Preceding(dataset).of(first, 3) == (), "it is the first of its chapter"
        assert Preceding(dataset).of(mined, 4) == ("Three.", "Four."), "no prompt shows what is held out"
