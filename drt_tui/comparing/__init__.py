"""Contenders: compared on a screen, voted on, evaluated, or set to translate a text."""
