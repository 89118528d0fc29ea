"""Quantities in running text, with their values, so that 3억 can be compared with 300 million."""

from data.lint.numbers.comparison import Mismatch, mismatches
from data.lint.numbers.quantity import quantities
from data.lint.numbers.value import Quantity

__all__ = ["Mismatch", "Quantity", "mismatches", "quantities"]
