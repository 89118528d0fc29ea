"""Runs on disk: what a run folder holds, how its worker is started, followed, stopped and resumed."""
