"""The app and the command line: all that a person sees and types."""

from drt_tui import _terminal as _terminal

__version__ = "0.1.0"
