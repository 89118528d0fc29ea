from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from data.records import Origin, Sentence, sentence_id
from data.split import Shares, check_files, follow_near_duplicates, freeze_splits, is_held_out, report_splits

SYLLABLES = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허고노도로모보소오조초코토포호"


def words(number: int) -> str:
    """A text that shares hardly anything with that of another number."""
    return "".join(Random(number).choices(SYLLABLES, k=24))


def sentence(number: int, group: str | None, source: str | None = None, split: str | None = None) -> Sentence:
    text = source or f"{group}: {words(number)}"
    return Sentence.model_validate(
        {
            "id": sentence_id(text),
            "source": text,
            "group": group,
            "split": split,
            "origin": Origin(file="f", row=number),
        }
    )


def many(groups: int, each: int = 10, first: int = 0) -> list[Sentence]:
    return [sentence(first + g * each + s, f"관용구 {first + g}") for g in range(groups) for s in range(each)]


def sides_of_groups(sentences: list[Sentence]) -> dict[str, set[str | None]]:
    sides: dict[str, set[str | None]] = defaultdict(set)
    for each in sentences:
        sides[each.group or ""].add(each.split)
    return sides


def test_a_tenth_of_the_groups_and_a_twentieth_of_the_rest_are_held_out() -> None:
    frozen = freeze_splits(many(400))
    whole = [of for of in sides_of_groups(frozen).values() if "train" not in of]
    assert 25 <= len(whole) <= 60
    assert all(len(of) == 1 for of in whole), "a group that is held out lies on one side"
    others = [each for each in frozen if "train" in sides_of_groups(frozen)[each.group or ""]]
    share = sum(map(is_held_out, others)) / len(others)
    assert 0.03 <= share <= 0.07
    counts = Counter(each.split for each in frozen)
    assert 0.2 <= counts["valid"] / (counts["valid"] + counts["test"]) <= 0.5


def test_with_fewer_than_a_hundred_groups_nothing_is_held_out() -> None:
    assert {each.split for each in freeze_splits(many(99))} == {None}
    assert {each.split for each in freeze_splits(many(100))} == {"train", "valid", "test"}


def test_sentences_without_groups_are_never_held_out() -> None:
    frozen = freeze_splits([*many(120, 3), *(sentence(number, None) for number in range(5000, 5300))])
    assert {each.split for each in frozen if each.group is None} == {"train"}
    assert {each.split for each in freeze_splits([sentence(n, None) for n in range(300)])} == {None}


def test_a_share_of_nothing_switches_it_off() -> None:
    assert {each.split for each in freeze_splits(many(200), shares=Shares.of(0))} == {None}
    half = freeze_splits(many(200), shares=Shares.of(0.5))
    assert 0.4 <= sum(map(is_held_out, half)) / len(half) <= 0.75


def test_new_sentences_join_without_moving_old_ones() -> None:
    everything = many(300, 6)
    first = freeze_splits(everything[:1000])
    second = freeze_splits(everything[1000:], first)
    at_once = freeze_splits(everything)
    assert [each.split for each in [*first, *second]] == [each.split for each in at_once]


def test_groups_that_were_there_before_the_hundredth_stay_in_training() -> None:
    before = freeze_splits(many(60, 5))
    after = freeze_splits(
        [*many(60, 5, first=1000), *(sentence(9000 + n, f"관용구 {n}") for n in range(60))], before
    )
    assert {each.split for each in before} == {None}
    old_groups = {each.group for each in before}
    joined = [each for each in after if each.group in old_groups]
    assert sum(map(is_held_out, joined)) < 12, "only by the share of sentences, never as a whole group"
    assert any(is_held_out(each) for each in after if each.group not in old_groups)


def test_what_a_file_says_is_kept() -> None:
    given_splits = [sentence(9001, "관용구 1", split="test"), sentence(9002, None, split="valid")]
    frozen = freeze_splits([*many(150, 4), *given_splits])
    assert [each.split for each in frozen[-2:]] == ["test", "valid"]


def settled(new: list[Sentence], old: list[Sentence] | None = None) -> list[Sentence]:
    """Return all sentences with their splits, once near-duplicates of the new ones were looked for."""
    everything = [*(old or ()), *freeze_splits(new, old or ())]
    is_new = [number >= len(old or ()) for number in range(len(everything))]
    moved = {each.id: each for each in follow_near_duplicates(everything, is_new)}
    return [moved.get(each.id, each) for each in everything]


def test_near_duplicates_go_where_one_of_them_is_trained_on() -> None:
    base = many(200, 5)
    first = settled(base)
    trained = [each for each in first if each.split == "train"][:40]
    copies = [sentence(8000 + n, each.group, f"{each.source}!") for n, each in enumerate(trained)]
    assert report_splits(settled([*base, *copies])).leaks == ()
    later = settled(copies, first)
    assert later[: len(first)] == first
    assert {each.split for each in later[len(first) :]} == {"train"}


def test_a_new_near_duplicate_of_a_held_out_sentence_is_held_out_too() -> None:
    first = settled(many(200, 5))
    tested = [each for each in first if each.split == "test"][:30]
    copies = [sentence(8000 + n, None, f"{each.source}!") for n, each in enumerate(tested)]
    later = settled(copies, first)
    assert later[: len(first)] == first
    assert {each.split for each in later[len(first) :]} == {"test"}


def test_a_held_out_group_with_a_near_duplicate_in_training_is_opened_as_a_whole() -> None:
    base = many(200, 5)
    frozen = freeze_splits(base)
    sides = sides_of_groups(frozen)
    unseen = next(group for group, of in sides.items() if "train" not in of)
    seen = next(each for each in frozen if each.split == "train")
    both = settled([*base, sentence(8000, unseen, f"{seen.source}!")])
    opened = [each.split for each in both if each.group == unseen]
    assert "train" in opened
    assert report_splits(both).leaks == ()
    assert report_splits(both).unseen_groups == report_splits(frozen).unseen_groups - 1


def test_the_report_counts_sides_groups_and_leaks() -> None:
    rows = [
        sentence(1, "a", "그는 발이 넓어서 모르는 사람이 없다.", "train"),
        sentence(2, "b", "그는 발이 넓어서, 모르는 사람이 없다!", "test"),
        sentence(3, "b", words(3), "test"),
        sentence(4, None, words(4)),
    ]
    report = report_splits(rows).as_json()
    assert {name: report[name] for name in ("train", "valid", "test", "groups", "unseen_groups", "leaks")} == {
        "train": 2, "valid": 0, "test": 2, "groups": 2, "unseen_groups": 1, "leaks": 1,
    }  # fmt: skip


def test_leaks_between_files_name_file_and_row(tmp_path: Path) -> None:
    shared = "그는 발이 넓어서 모르는 사람이 없다."
    one, other, chat = tmp_path / "a.txt", tmp_path / "b.csv", tmp_path / "c.jsonl"
    one.write_text(f"{words(1)}\n{shared}\n{shared}\n", encoding="utf-8")
    other.write_text(f"source\n{words(2)}\n\n{shared}\n", encoding="utf-8")
    turns = [
        {"role": "user", "content": f"{shared}!!"},
        {"role": "assistant", "content": "<think>T</think>O"},
    ]
    chat.write_text(json.dumps({"messages": turns}) + "\nbroken\n", encoding="utf-8")
    report = check_files([one, other, chat])
    assert [(leak.kind, leak.one, leak.other) for leak in report.leaks] == [
        ("same", f"{one}:2", f"{other}:4"),
        ("near", f"{one}:2", f"{chat}:1"),
        ("near", f"{other}:4", f"{chat}:1"),
    ]
    assert report.as_json()["leaks"] == 3
    assert (report.bad, list(report.files.values())) == (1, [3, 2, 1])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 8), st.sampled_from("abcdefgh"), st.sampled_from([None, None, "train", "test"])
        ),
        max_size=30,
    ),
    st.integers(0, 30),
)
def test_no_group_is_torn_and_nothing_old_moves(rows: list[tuple[int, str, str | None]], cut: int) -> None:
    shares = Shares(groups=0.4, sentences=0.2, from_groups=2)
    texts = [f"{SYLLABLES[number] * 6} {group * 3}" for number, group, _ in rows]
    unique = {
        text: sentence(n, row[1], text, row[2]) for n, (text, row) in enumerate(zip(texts, rows, strict=True))
    }
    sentences = list(unique.values())
    old = freeze_splits(sentences[:cut], shares=shares)
    new = freeze_splits(sentences[cut:], old, shares)
    assert [each.id for each in [*old, *new]] == [each.id for each in sentences]
    for before, after in zip(sentences, [*old, *new], strict=True):
        assert before.split in {None, after.split}
    is_new = [number >= cut for number in range(len(sentences))]
    moved = {each.id: each for each in follow_near_duplicates([*old, *new], is_new, shares)}
    assert moved.keys().isdisjoint(each.id for each in old)
    at_rest = [moved.get(each.id, each) for each in [*old, *new]]
    assert follow_near_duplicates(at_rest, [False] * len(at_rest), shares) == []
