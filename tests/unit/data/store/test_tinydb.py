"""The dataset is a TinyDB, for us and for everybody else."""

from __future__ import annotations

import pytest
from tinydb import Query, TinyDB, where
from tinydb.table import Document

from data.errors import NewerSchema, StoreError
from data.records import Status
from data.store import Dataset, JournalDB, JournalStorage, JournalTable, ProjectFolder
from tests.stubs.made_up import a_candidate, a_decision, a_sentence

TABLES = {"meta", "sentences", "candidates", "decisions", "examples"}


@pytest.fixture
def filled(folder: ProjectFolder) -> ProjectFolder:
    with Dataset.open(folder, annotator="mina") as dataset:
        sentences = [a_sentence(number, group=f"그룹 {number % 2}", licence='CC "BY"') for number in range(6)]
        dataset.add_sentences(sentences)
        for sentence in sentences[:4]:
            dataset.add_candidate(a_candidate(sentence))
        dataset.decide(a_decision(sentences[0]))
        dataset.decide(a_decision(sentences[1]))
        dataset.decide(a_decision(sentences[2], "reject"))
        dataset.undo()
        dataset.note_meta("languages", ["ko", "en"])
        dataset.fold()
        dataset.decide(a_decision(sentences[3], output="달라진 글"))
        dataset.decide(a_decision(sentences[0], "reject"))
        dataset.fold()
    return folder


def rows(database: TinyDB) -> dict[str, list[tuple[int, Document]]]:
    return {name: [(row.doc_id, row) for row in database.table(name)] for name in database.tables()}


def test_stock_tinydb_reads_the_same_rows(filled: ProjectFolder) -> None:
    with TinyDB(filled.dataset, encoding="utf-8") as stock, JournalDB(filled) as ours:
        assert stock.tables() == ours.tables() == TABLES
        assert rows(stock) == rows(ours)
        assert [row["status"] for row in stock.table("sentences")] == [
            "rejected", "accepted", "generated", "edited", "new", "new",
        ]  # fmt: skip
        assert [row["output"] for row in stock.table("examples")] == ["He knows everyone.", "달라진 글"]
        assert [row["kind"] for row in stock.table("decisions")] == [
            "accept", "accept", "reject", "undo", "edit", "reject",
        ]  # fmt: skip
        folded = stock.table("meta").get(doc_id=1)
        assert isinstance(folded, Document)
        assert (folded["schema"], folded["folded"]) == (1, 2)


def test_queries_see_what_is_only_in_the_journal(filled: ProjectFolder) -> None:
    with JournalDB(filled) as database, Dataset.open(filled) as dataset:
        sentences = database.table("sentences")
        assert sentences.count(where("status") == "new") == 2
        dataset.add_sentences([a_sentence(7)])
        assert sentences.count(where("status") == "new") == 3
        row = Query()
        [edited] = database.table("examples").search(row.decision.kind == "edit")
        assert edited["output"] == "달라진 글"
        assert sentences.get(doc_id=7)["source"] == a_sentence(7).source  # type: ignore[index, call-overload]
        assert sentences.contains(doc_id=7)
        assert not sentences.contains(doc_id=8)
        assert len(sentences) == 7


def test_tinydbs_own_changes_are_journalled_row_by_row(filled: ProjectFolder) -> None:
    with Dataset.open(filled) as dataset, JournalDB(filled) as database:
        before = filled.dataset.read_bytes()
        table = database.table("meta")
        assert isinstance(table, JournalTable)
        assert isinstance(database.storage, JournalStorage)
        number = table.insert({"key": "a", "value": 1})
        assert table.insert_multiple([{"key": "b", "value": 2}, {"key": "c", "value": 3}]) == [
            number + 1,
            number + 2,
        ]
        assert table.update({"value": 9}, where("key") == "b") == [number + 1]
        assert table.remove(where("key") == "c") == [number + 2]
        database.table("sentences").update({"licence": "CC0"}, where("status") == "new")
        assert filled.dataset.read_bytes() == before
        dataset.follow()
        assert (dataset.meta("a"), dataset.meta("b"), dataset.meta("c")) == (1, 9, None)
        new = dataset.ids({Status.NEW})
        assert [dataset.sentence(sentence).licence for sentence in new] == ["CC0", "CC0"]
    with JournalDB(filled) as database:
        database.table("others").insert({"anything": True})
        assert database.tables() == TABLES | {"others"}
    with Dataset.open(filled) as dataset:
        dataset.fold()
    with TinyDB(filled.dataset, encoding="utf-8") as stock:
        assert stock.table("others").all() == [{"anything": True}]


def test_tinydb_cannot_break_what_the_store_relies_on(filled: ProjectFolder) -> None:
    with JournalDB(filled) as database:
        before = rows(database)
        with pytest.raises(StoreError, match="no record"):
            database.table("sentences").insert({"source": 5})
        with pytest.raises(StoreError, match="same id"):
            database.table("sentences").insert(a_sentence(1).model_dump(mode="json"))
        with pytest.raises(StoreError, match="only ever added"):
            database.table("decisions").remove(where("kind") == "accept")
        with pytest.raises(StoreError, match="too far"):
            database.table("others").insert(Document({"a": 1}, doc_id=10**9))
        with pytest.raises(StoreError, match="not dropped"):
            database.drop_table("sentences")
        assert rows(database) == before


def test_a_file_that_stock_tinydb_rewrote_is_read_and_mended(filled: ProjectFolder) -> None:
    with Dataset.open(filled) as dataset:
        before = [dataset.row(sentence) for sentence in dataset.ids()]
    with TinyDB(filled.dataset, encoding="utf-8", ensure_ascii=False, indent=2) as stock:
        stock.table("sentences").insert({"source": "손이 크다", "page": 4})
        stock.table("sentences").update({"licence": "CC0"}, where("status") == "new")
    with Dataset.open(filled, read_only=True) as dataset:
        assert dataset.count() == 7
    assert b'"source": "' in filled.dataset.read_bytes()
    with Dataset.open(filled, annotator="mina") as dataset:
        *same, added = (dataset.row(sentence) for sentence in dataset.ids())
        assert same == before
        assert (added.status, dataset.sentence(added.id).source) == (Status.NEW, "손이 크다")
        assert dataset.sentence(added.id).model_extra == {"page": 4}
        assert [example.output for example in dataset.examples()] == ["He knows everyone.", "달라진 글"]
        dataset.decide(a_decision(a_sentence(2), "skip"))
    assert b'"source": "' not in filled.dataset.read_bytes()
    with Dataset.open(filled) as dataset:
        assert dataset.row(a_sentence(2).id).status is Status.SKIPPED


def test_a_file_that_is_no_dataset_is_named(folder: ProjectFolder) -> None:
    folder.root.mkdir()
    for content in (b"[1, 2]", b"{", b'{"sentences": {"one": {}}}', b'{"sentences": {"1": {"source": 1}}}'):
        folder.dataset.write_bytes(content)
        with pytest.raises(StoreError) as caught:
            Dataset.open(folder)
        assert caught.value.hint
        assert folder.dataset.read_bytes() == content


@pytest.mark.parametrize("where_it_says_so", ["dataset", "journal", "stock"])
def test_a_newer_project_is_left_alone(filled: ProjectFolder, where_it_says_so: str) -> None:
    path = filled.journal if where_it_says_so == "journal" else filled.dataset
    if where_it_says_so == "stock":
        with TinyDB(path, encoding="utf-8") as stock:
            stock.table("meta").update({"schema": 2}, doc_ids=[1])
    elif where_it_says_so == "journal":
        from data.store.journal import Header, header_line

        path.write_bytes(header_line(Header(3, 2)))
    else:
        path.write_bytes(path.read_bytes().replace(b'"schema":1', b'"schema":2', 1))
    before = {path: path.read_bytes() for path in filled.root.glob("dataset*")}
    for read_only in (True, False):
        with pytest.raises(NewerSchema, match="newer") as caught:
            Dataset.open(filled, read_only=read_only)
        assert "Update" in caught.value.hint
    assert {path: path.read_bytes() for path in filled.root.glob("dataset*")} == before
