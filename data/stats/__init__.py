"""A dataset in figures: is it skewed, does refining pay, what do people change."""

from data.stats.collect import collect
from data.stats.report import html_report
from data.stats.rows import Judged, StatRow, row_of_example
from data.stats.statistics import Statistics

__all__ = ["Judged", "StatRow", "Statistics", "collect", "html_report", "row_of_example"]
