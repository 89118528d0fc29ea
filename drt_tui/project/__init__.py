"""A project: its settings, its models, and what commands do with it."""
