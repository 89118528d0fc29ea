"""Running text, such as a book, as sentences."""

from data.running_text.boundaries import SentenceSplitter, split_sentences
from data.running_text.length import Lengths, count_words
from data.running_text.passages import NumberedLine, Passage, passages, without_edition
from data.running_text.wrapping import Wrapping

__all__ = [
    "Lengths",
    "NumberedLine",
    "Passage",
    "SentenceSplitter",
    "Wrapping",
    "count_words",
    "passages",
    "split_sentences",
    "without_edition",
]
