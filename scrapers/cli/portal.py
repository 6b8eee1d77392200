"""`remitlens portal`: list the portals, check one offline, start a new one."""

from __future__ import annotations

import re
from pathlib import Path

import click

from scrapers.checks import check_portal
from scrapers.errors import PermissionMissing
from scrapers.portal import Portal, load_portal, load_portals
from scrapers.skeleton import write_skeleton
from server.errors import UserError
from server.settings import settings

_FIXTURES = Path("tests/scrapers/fixtures")


@click.group()
def portal() -> None:
    """Payer portals: what is known of each, and whether it may be swept."""


@portal.command("list")
def list_() -> None:
    """One line a portal: id, family, name, and whether the sweep may use it."""
    for one in load_portals(settings().config).values():
        try:
            one.may_sweep()
            told = f"swept, allowed by {one.allowed_by} on {one.allowed_on}"
        except PermissionMissing as error:
            told = str(error).rpartition(" is not swept: ")[2]
        click.echo(f"{one.id:<20} {one.family:<12} {one.name}: {told}")


@portal.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--fixtures", type=click.Path(file_okay=False, path_type=Path))
def check(ids: tuple[str, ...], fixtures: Path | None) -> None:
    """Run every offline check on portals (all where none is named). Exit code 1 where one fails."""
    config = settings().config
    folder = fixtures or config.parent / _FIXTURES
    chosen = [_named(config, one) for one in ids] or list(load_portals(config).values())
    failed = 0
    for one in chosen:
        for done in check_portal(one, folder):
            failed += bool(done.wrong)
            told = done.wrong or done.notice
            mark = "FAIL" if done.wrong else "ok"
            click.echo(f"{one.id}: {mark:<4} {done.what}{': ' + told if told else ''}")
    if failed:
        raise click.exceptions.Exit(1)


@portal.command()
@click.argument("id_", metavar="ID")
@click.option("--family", default="", help="A known family: then a TOML is all that is written.")
def new(id_: str, family: str) -> None:
    """Write a new portal's skeleton: TOML, family module, and its fixtures' folder."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", id_):
        raise UserError(f"{id_}: an id is lower case letters, digits and _, a letter first")
    config = settings().config
    families = Path(__file__).parents[1] / "portals"
    for path in write_skeleton(id_, family, config, families, config.parent / _FIXTURES):
        click.echo(f"wrote {path}")
    click.echo(f"Fill it in, add fixtures, then: remitlens portal check {id_}")


def _named(config: Path, id_: str) -> Portal:
    path = config / "portals" / f"{id_}.toml"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", id_) or not path.is_file():
        raise UserError(f"{id_}: no such portal: {path} is not there")
    return load_portal(path)
