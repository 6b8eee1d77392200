"""`remitlens sandbox`: serve the seven invented payer portals on this machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from scrapers.sandbox.serve import DEFAULT_PORT, serve
from server.errors import UserError


@click.command()
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(1, 65529),
    help="The first portal's; the others follow.",
)
@click.option("--seed", default=107, show_default=True, help="Another seed, other amounts.")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day all dates count from.")
@click.option(
    "--practice",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a small practice's 837, 835 and charges there first, to import.",
)
def sandbox(port: int, seed: int, today: datetime | None, folder: Path | None) -> None:
    """Serve seven invented payer portals, with invented patients, on this machine only."""
    from scrapers.sandbox.practice import write_practice

    day = today.date() if today else datetime.now().astimezone().date()
    if folder:
        try:
            written = write_practice(folder, day, seed=seed)
        except OSError as error:
            raise UserError(f"{folder}: cannot be written ({type(error).__name__})") from None
        for path in written:
            click.echo(f"wrote {path}")
    serve(port=port, seed=seed, today=day, say=click.echo)
