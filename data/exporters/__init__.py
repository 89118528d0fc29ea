"""Curated rows as files for trainers, for other tools and for ourselves."""

from data.exporters.export import FORMATS, Exported, ExportFormat, export
from data.exporters.rows import Shape
from data.exporters.selection import BUILT_IN, Selection

__all__ = ["BUILT_IN", "FORMATS", "ExportFormat", "Exported", "Selection", "Shape", "export"]
