"""A sentence with its source or reference mended by a person; what was imported stays."""

from __future__ import annotations

from collections.abc import Iterator

from data.records import Reference, Sentence, Span
from data.text import nfc


def with_source(sentence: Sentence, source: str) -> Sentence:
    """Return the sentence with another source text; an empty one changes nothing."""
    source = nfc(source).strip()
    if not source or source == sentence.source:
        return sentence
    return sentence.model_copy(
        update={
            "source": source,
            "spans": tuple(spans_in(sentence, source)),
            "imported": sentence.imported or sentence.source,
        }
    )


def with_reference(sentence: Sentence, reference: str) -> Sentence:
    """Return the sentence with another reference before those it has; an empty one changes nothing."""
    first = sentence.references[0].text if sentence.references else ""
    if not reference or reference == first:
        return sentence
    mended = Reference(text=reference, origin="post-edited" if first else "written")
    return sentence.model_copy(update={"references": (mended, *sentence.references)})


def with_next_reference_bad(sentence: Sentence) -> Sentence:
    """Return the sentence with its next good reference marked as bad; if there is none, all are good again."""
    references = list(sentence.references)
    place = next((place for place, each in enumerate(references) if each.good), None)
    if place is None:
        references = [each.model_copy(update={"good": True}) for each in references]
    else:
        references[place] = references[place].model_copy(update={"good": False})
    return sentence.model_copy(update={"references": tuple(references)})


def spans_in(sentence: Sentence, source: str) -> Iterator[Span]:
    """Yield the sentence's spans where their text stands in another wording of it."""
    for span in sentence.spans:
        place = source.find(sentence.source[span.start : span.end])
        if place >= 0:
            yield span.model_copy(update={"start": place, "end": place + span.end - span.start})
