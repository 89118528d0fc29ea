"""`drt-tui doctor`: what is wrong with project, endpoints and environment, and what to do about it."""

from __future__ import annotations

from typing import Annotated

import typer

from drt_tui.cli.command import Invocation, Outcome, command
from drt_tui.cli.model_options import AllowHttpOption, BaseUrlOption, ModelOption


@command("doctor")
def doctor(
    invocation: Invocation,
    repair: Annotated[
        bool,
        typer.Option(
            "--repair", help="Rebuild dataset.json from backups and journal; moves aside, never deletes."
        ),
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no endpoint.")] = False,
    base_url: BaseUrlOption = None,
    model: ModelOption = None,
    allow_http: AllowHttpOption = False,
) -> Outcome:
    """Check the project's files, its endpoints and this machine."""
    from dataclasses import asdict

    from drt_tui.checkup import examine
    from drt_tui.models import ModelOptions
    from drt_tui.opening import has_dataset, locate

    folder = locate(invocation.project)
    mended: list[str] = []
    lost: list[str] = []
    if repair and has_dataset(folder):
        from data.store.repair import repair as rebuild

        repaired = rebuild(folder)
        mended, lost = list(repaired.mended), list(repaired.lost)
    findings = examine(folder, ModelOptions(base_url, model, allow_http), offline=offline)
    is_well = all(finding.level != "error" for finding in findings)
    data = {"ok": is_well, "findings": [asdict(finding) for finding in findings]}
    if repair:
        data |= {"mended": mended, "lost": lost}
    lines = [f"mended: {what}" for what in mended] + [f"could not be read: {what}" for what in lost]
    lines += [
        f"{finding.level:7}  {finding.id}: {finding.message}\n         {finding.fix}" for finding in findings
    ]
    return Outcome(data, "\n".join(lines) or "All is well.", code=0)
