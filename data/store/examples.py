"""A curated row: sentence, candidate and decision as one document, in the shape of `data.records.Example`."""

from __future__ import annotations

from data.records import Status
from data.store.documents import Document

_FROM_CANDIDATE: Document = {
    "keywords": {},
    "drafts": [],
    "models": {},
    "usage": {},
    "made_by": "",
}


def example_document(
    status: Status, sentence: Document, candidate: Document | None, decision: Document
) -> Document:
    """Return the example that an accepting decision makes of a sentence and its candidate, if it has one."""
    made = candidate or {}
    row: Document = {
        "id": sentence["id"],
        "source": sentence["source"],
        "reference": next((one["text"] for one in sentence["references"] if one["good"]), None),
        "group": sentence["group"],
        "status": status.value,
        "thought": made.get("thought") if decision["thought"] is None else decision["thought"],
        "output": made.get("output") if decision["output"] is None else decision["output"],
        "decision": decision,
        "generated": None,
        "sentence": sentence,
        "candidate": made.get("id"),
    }
    row |= {name: made.get(name, default) for name, default in _FROM_CANDIDATE.items()}
    if candidate and (decision["thought"] is not None or decision["output"] is not None):
        row["generated"] = {"thought": made["thought"], "output": made["output"]}
    return row
