"""Running a backbone and what was trained from it, so that both answer at once."""
