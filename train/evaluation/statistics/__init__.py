"""How sure a figure is, and whether two of them differ. Nothing here knows what is measured."""
