"""Which of several translators is better, by eye, blind, and by numbers."""
