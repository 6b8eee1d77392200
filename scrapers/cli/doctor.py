"""`remitlens doctor`: what a night and a morning need, whether it is there, what to do if not."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from server.errors import UserError
from server.settings import Settings, settings, settings_file

_LEAST_FREE_MIB = 500
_CLOCK_SECONDS = 60
_LIST_DAYS = 180
_MARKS = {"ok": "[green]ok[/]", "look": "[yellow]look[/]", "bad": "[red]bad[/]"}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `ok`, `look` (works, but deserves a look), or `bad`."""

    name: str
    verdict: str
    found: str
    do: str = ""
    """What to do; "" where nothing is."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def doctor(as_json: bool) -> None:
    """Look at browser, keys, database, portals, code lists, pair table, disk and clock.

    Exit code 0: nothing stands in the way; 2: something does.

    \b
    Examples:
      remitlens doctor
      remitlens doctor --json
    """
    found = examine(settings())
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        table = Table(box=None, pad_edge=False, show_header=False)
        for one in found:
            what = escape(one.found) + (f"\n[bold]do:[/] {escape(one.do)}" if one.do else "")
            table.add_row(_MARKS[one.verdict], one.name, what)
        Console().print(table)
    sys.exit(2 if any(one.verdict == "bad" for one in found) else 0)


def examine(chosen: Settings, today: date | None = None) -> list[Check]:
    """Every check, in the order in which a failure would hurt; none raises."""
    day = today or datetime.now().astimezone().date()
    checks: list[tuple[str, Callable[[], list[Check]]]] = [
        ("settings", lambda: [Check("settings", "ok", str(settings_file()))]),
        ("key", lambda: _key(chosen)),
        ("database", lambda: _database(chosen)),
        ("browser", lambda: _browser(chosen)),
        ("keyring", _keyring),
        ("portals", lambda: _portals(chosen)),
        ("payers", lambda: _payers(chosen)),
        ("codes", lambda: _codes(chosen, day)),
        ("pairs", lambda: _pairs(chosen, day)),
        ("disk", lambda: _disk(chosen)),
        ("clock", lambda: _clock(chosen)),
    ]
    found: list[Check] = []
    for name, look in checks:
        try:
            found += look()
        except UserError as error:
            found.append(Check(name, "bad", str(error), "mend what the line says, then look again"))
    return found


def _key(chosen: Settings) -> list[Check]:
    from server.store import keys

    standing = keys.find(chosen)
    if standing is None:
        return [Check("key", "bad", "none found", "run `remitlens keys init`")]
    place, held = standing
    names = ", ".join(key.key_id.hex() for key in held)
    if place == "file":
        do = "keep a copy away from this machine, or use the keyring or a vault"
        return [Check("key", "look", f"{names} in {keys.key_file(chosen)}", do)]
    return [Check("key", "ok", f"{names} from the {place}")]


def _database(chosen: Settings) -> list[Check]:
    from server.store import open_store, practices

    store = open_store(chosen)
    try:
        many = len(practices.all_of(store))
        kind = "SQLite" if store.sqlite else "PostgreSQL"
    finally:
        store.close()
    return [Check("database", "ok", f"{kind}, {many} practice{'s' if many != 1 else ''}")]


def _browser(chosen: Settings) -> list[Check]:
    from playwright.sync_api import sync_playwright

    from scrapers.browser import find_browser

    with sync_playwright() as playwright:
        browser = find_browser(chosen.sweep.browser, playwright.chromium.executable_path)
    return [Check("browser", "ok", f"{browser.path} ({browser.how})")]


def _keyring() -> list[Check]:
    import keyring
    from keyring.backends.fail import Keyring as NoKeyring

    backend = keyring.get_keyring()
    if isinstance(backend, NoKeyring):
        do = "put portal passwords in the environment, or name a command in [secrets]"
        return [Check("keyring", "look", "this machine has none", do)]
    return [Check("keyring", "ok", type(backend).__module__)]


def _portals(chosen: Settings) -> list[Check]:
    from scrapers.errors import PermissionMissing
    from scrapers.portal import load_portals

    swept, refused = [], []
    for portal in load_portals(chosen.config).values():
        portal.walker()
        try:
            portal.may_sweep()
            swept.append(portal.id)
        except PermissionMissing:
            refused.append(portal.id)
    found = f"may be swept: {', '.join(swept) or 'none'}; not: {', '.join(refused) or 'none'}"
    return [Check("portals", "ok", found)]


def _payers(chosen: Settings) -> list[Check]:
    from server.payer_files import read_payers

    many = len(read_payers(chosen.config / "payers"))
    if not many:
        do = "copy config/payers/_template.toml for each payer: without rules no line is ready"
        return [Check("payers", "look", "no payer rules", do)]
    return [Check("payers", "ok", f"rules of {many} payers")]


def _codes(chosen: Settings, day: date) -> list[Check]:
    """The lists change three times a year: what nobody read again for longer deserves a look."""
    from server.codes.lookup import catalogue
    from server.official_store import list_file, load_list

    known = catalogue()
    read = min(one.reviewed for part in (known.carc, known.rarc) for one in part.values())
    found = f"{len(known.carc)} CARCs and {len(known.rarc)} RARCs in our own words, read {read}"
    ages = [day - read]
    for kind in ("carc", "rarc"):
        if load_list(chosen.home, kind):
            moment = list_file(chosen.home, kind).stat().st_mtime
            taken = datetime.fromtimestamp(moment, UTC).date()
            found += f"; official {kind.upper()} text of {taken}"
            ages.append(day - taken)
    if max(ages).days > _LIST_DAYS:
        do = "take the newest version, and import the current lists with `remitlens codes import`"
        return [Check("codes", "look", found, do)]
    return [Check("codes", "ok", found)]


def _pairs(chosen: Settings, day: date) -> list[Check]:
    from server.pair_store import load_pairs

    table = load_pairs(chosen.home, chosen.config)
    warning = table.age_warning(day)
    if table.kind == "starter":
        do = "get the add-on code file from CMS and run `remitlens pairs import FILE`"
        return [Check("pairs", "look", f"the starter table only ({table.version})", do)]
    if warning:
        return [Check("pairs", "look", warning, "import the current quarter's file from CMS")]
    return [Check("pairs", "ok", f"{table.version}")]


def _disk(chosen: Settings) -> list[Check]:
    folder = next(one for one in (chosen.home, *chosen.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free >> 20
    if free < _LEAST_FREE_MIB:
        return [Check("disk", "bad", f"{free} MiB free at {folder}", "make room")]
    return [Check("disk", "ok", f"{free >> 10} GiB free at {folder}")]


def _clock(chosen: Settings) -> list[Check]:
    """A wrong clock makes every TOTP code wrong; the newest file tells of a clock set back."""
    now = datetime.now(UTC)
    newest = _newest(chosen.home)
    if newest and (newest - now).total_seconds() > _CLOCK_SECONDS:
        do = "set the clock (timedatectl set-ntp true): TOTP sign-ins fail otherwise"
        return [Check("clock", "bad", f"{now:%Y-%m-%d %H:%M} UTC, yet files are newer", do)]
    return [Check("clock", "ok", f"{now:%Y-%m-%d %H:%M} UTC")]


def _newest(home: Path) -> datetime | None:
    if not home.is_dir():
        return None
    times = [one.stat().st_mtime for one in home.iterdir() if one.is_file()]
    return datetime.fromtimestamp(max(times), UTC) if times else None
