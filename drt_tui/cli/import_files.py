"""`drt-tui import`: sentences from files into the project."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.sources import HeaderOption, LicenceOption, MapOption, WordsOption


@command("import")
def import_files(
    invocation: Invocation,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="csv, tsv, xlsx, jsonl, json or txt.")
    ],
    map_text: MapOption = None,
    header: HeaderOption = None,
    licence: LicenceOption = None,
    sentences: Annotated[
        bool,
        typer.Option(
            "--sentences", help="Split .txt files, such as books, into sentences; else a line is a sentence."
        ),
    ] = False,
    words: WordsOption = "10-100",
    test_share: Annotated[
        float | None,
        typer.Option(
            "--test-share",
            metavar="SHARE",
            min=0,
            max=0.9,
            help="Groups held out whole, and half of it of the other sentences; kept with the project; "
            "0 holds out none [default: 0.10].",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report; import nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when a row is bad.")] = False,
) -> Outcome:
    """Add sentences from files; report every bad row."""
    from data.importers import files_of
    from drt_tui.cli.sources import column_map, lengths_of
    from drt_tui.project.importing import import_sources, rehearse_import
    from drt_tui.project.languages import settle_languages
    from drt_tui.project.opening import changing, locate

    mapping = column_map(map_text, header)
    lengths = lengths_of(words) if sentences else None
    folder = locate(invocation.project)
    files = [file for path in files for file in files_of(path)]
    if dry_run:
        report = rehearse_import(folder, files, mapping, test_share=test_share, lengths=lengths)
    else:
        with changing(folder) as dataset:
            report = import_sources(dataset, files, mapping, licence, test_share=test_share, lengths=lengths)
            settle_languages(dataset)
    return Outcome(report.as_json(), report.as_text(), code=1 if strict and report.bad else 0)
