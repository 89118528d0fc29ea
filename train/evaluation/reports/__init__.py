"""An evaluation to read: one set of sections, spelled for a terminal, as Markdown and as a page."""
