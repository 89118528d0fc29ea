"""Files of others as sentences: what can be read is imported, the rest is reported row by row."""

from data.importers.columns import ColumnMap, match_names
from data.importers.decoding import Line, read_lines
from data.importers.languages import guess_languages
from data.importers.objects import files_of
from data.importers.proposals import Proposal, holds_proposals, read_examples, read_proposals, read_sources
from data.importers.reader import check_readable, column_names, read_file
from data.importers.rows import BadRow

__all__ = [
    "BadRow",
    "ColumnMap",
    "Line",
    "Proposal",
    "check_readable",
    "column_names",
    "files_of",
    "guess_languages",
    "holds_proposals",
    "match_names",
    "read_examples",
    "read_file",
    "read_lines",
    "read_proposals",
    "read_sources",
]
