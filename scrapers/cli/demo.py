"""`remitlens demo`: all sandbox payers, a seeded practice, a night's sweep, the worklist on it."""

from __future__ import annotations

import click

from server.settings import settings


@click.command()
@click.option("--once", is_flag=True, help="End after the table.")
def demo(once: bool) -> None:
    """Show everything on seven invented payers, in one process.

    \b
    Example:
      remitlens demo
    """
    from scrapers.cli.main_job import run_night
    from scrapers.sandbox.claims import PORTALS

    run_night(settings(), [one for one in PORTALS if one != "thicket"], once)
