"""Files of others as sentences: what can be read is imported, the rest is reported row by row."""

from data.importers.columns import ColumnMap
from data.importers.languages import guess_languages
from data.importers.proposals import Proposal, holds_proposals, read_examples, read_proposals, read_sources
from data.importers.reader import read_file
from data.importers.rows import BadRow

__all__ = [
    "BadRow",
    "ColumnMap",
    "Proposal",
    "guess_languages",
    "holds_proposals",
    "read_examples",
    "read_file",
    "read_proposals",
    "read_sources",
]
