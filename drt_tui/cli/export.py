"""`drt-tui export`: curated rows into a file that trainers and other tools read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from drt_tui.cli.command import Invocation, Outcome, command

FormatName = Literal[
    "jsonl", "messages", "prompt-completion", "sharegpt", "alpaca", "tinydb", "parquet", "datasets", "dpo", "kto"
]  # fmt: skip


@command("export")
def export(
    invocation: Invocation,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="File (or folder) to write.")
    ],
    format_name: Annotated[FormatName, typer.Option("--format", help="Shape of the rows.")] = "jsonl",
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status", metavar="STATUS", help="accepted (with edited), generated, auto … [repeatable]"
        ),
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option("--split", metavar="NAME", help="train, valid or test [repeatable]."),
    ] = None,
    group: Annotated[
        list[str] | None, typer.Option("--group", metavar="TEXT", help="Only these groups.")
    ] = None,
    annotator: Annotated[list[str] | None, typer.Option("--annotator", metavar="NAME")] = None,
    model: Annotated[
        list[str] | None,
        typer.Option("--only-model", metavar="NAME", help="Only rows that no other model touched."),
    ] = None,
    only_primary_model: Annotated[
        bool, typer.Option("--only-primary-model", help="Only rows that no fallback had a part in.")
    ] = False,
    min_score: Annotated[int | None, typer.Option("--min-score", min=0, max=100)] = None,
    without_findings: Annotated[
        bool, typer.Option("--without-findings", help="Only rows that the linter has nothing against.")
    ] = False,
    without_finding: Annotated[
        list[str] | None,
        typer.Option(
            "--without-finding", metavar="CODE", help="Only rows without this finding [repeatable]."
        ),
    ] = None,
    tags: Annotated[
        Literal["thought/output", "think"], typer.Option("--tags", help="Tags of the assistant's message.")
    ] = "thought/output",
    outputs_only: Annotated[
        bool, typer.Option("--outputs-only", help="Without thoughts: the baseline.")
    ] = False,
    provenance: Annotated[
        bool, typer.Option("--provenance/--no-provenance", help="Models, usage and decisions with every row.")
    ] = True,
    preferred_by: Annotated[
        Literal["person", "evaluator"],
        typer.Option("--preferred-by", help="Whose preferences dpo pairs hold."),
    ] = "person",
    include_built_in: Annotated[
        bool, typer.Option("--include-built-in", help="Rows of the built-in model, too.")
    ] = False,
    require_licence: Annotated[
        bool, typer.Option("--require-licence", help="Refuse sentences whose licence is unknown.")
    ] = False,
) -> Outcome:
    """Write accepted and edited rows (or others) to a file."""
    from drt_tui.project.exporting import ExportOrder, export_rows
    from drt_tui.project.opening import locate, reading

    order = ExportOrder(
        output, format_name, tuple(status or ()), tuple(split or ()), tuple(group or ()), tuple(annotator or ()),
        tuple(model or ()), min_score, without_findings, tags, outputs_only, provenance, preferred_by,
        include_built_in, require_licence, tuple(without_finding or ()), only_primary_model,
    )  # fmt: skip
    with reading(locate(invocation.project)) as dataset:
        exported = export_rows(dataset, order)
    left_out: dict[str, Any] = {str(why): count for why, count in exported.left_out.items()}
    data = {
        "file": str(exported.path), "rows": exported.rows, "left_out": left_out,
        "unlicensed": list(exported.unlicensed),
    }  # fmt: skip
    text = f"{exported.rows:,} rows in {exported.path}"
    if left_out.get("built-in"):
        text += (
            f"\n{left_out['built-in']:,} rows of the built-in model left out; --include-built-in takes them"
        )
    if exported.unlicensed:
        text += f"\n{len(exported.unlicensed):,} rows of unknown licence left out"
    return Outcome(data, text)
