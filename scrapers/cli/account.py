"""`remitlens account`: the sign-ins a sweep may use, and what they wait for."""

from __future__ import annotations

import asyncio
import getpass
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from server.errors import UserError
from server.settings import settings
from server.store import Store, accounts, open_store

if TYPE_CHECKING:
    from scrapers.portal import Portal


@click.group()
def account() -> None:
    """Portal accounts: add, list, resume, remove, and sign in with a person at hand.

    The password is never kept here: put it in the keyring, the environment or behind a command
    (see [secrets] in settings.toml).
    """


def _who() -> str:
    return f"{getpass.getuser()} on the command line"


@account.command("add")
@click.argument("name")
@click.option("--portal", required=True, help="The portal's id, as its TOML is named.")
@click.option("--practice", default=None, help="Whose account it is.")
def add(name: str, portal: str, practice: str | None) -> None:
    """Register an account of a practice at a portal.

    \b
    Example:
      remitlens account add meridian-office --portal meridian
    """
    from scrapers.portal import load_portals
    from scrapers.sweep import note_permissions

    chosen = settings()
    portals = load_portals(chosen.config)
    if portal not in portals:
        raise UserError(
            f"portal {portal}: there is no {portal}.toml in {chosen.config / 'portals'}"
        )
    store = open_store(chosen)
    try:
        added = accounts.add(store, name, practice or chosen.practice, portal, _who())
        note_permissions(store, portals)
    finally:
        store.close()
    click.echo(f"{added.id}: {added.portal}, practice {added.practice}, {added.state}")


@account.command("list")
@click.option("--practice", default=None)
def listed(practice: str | None) -> None:
    """Every account with its state and what it waits for."""
    chosen = settings()
    store = open_store(chosen)
    try:
        found = accounts.of(store, {practice or chosen.practice})
    finally:
        store.close()
    table = Table(box=None, pad_edge=False)
    for name in ("Account", "Portal", "State", "Error", "Since (UTC)", "What to do"):
        table.add_column(name)
    for one in found:
        since = f"{one.since:%Y-%m-%d %H:%M}"
        table.add_row(one.id, one.portal, one.state, one.error, since, one.asks)
    Console().print(table)


@account.command("resume")
@click.argument("name")
@click.option("--practice", default=None)
def resume(name: str, practice: str | None) -> None:
    """What was wrong is mended: the account may sign in again."""
    _change(name, practice, accounts.resume, "resumed")


@account.command("remove")
@click.argument("name")
@click.option("--practice", default=None)
def remove(name: str, practice: str | None) -> None:
    """Forget an account and its signed-in session."""
    _change(name, practice, accounts.remove, "removed")


def _change(name: str, practice: str | None, act: object, done: str) -> None:
    chosen = settings()
    store = open_store(chosen)
    try:
        act(store, {practice or chosen.practice}, name, _who())  # type: ignore[operator]
    finally:
        store.close()
    click.echo(f"{name}: {done}")


@account.command("sign-in")
@click.argument("name")
@click.option("--practice", default=None)
def attended(name: str, practice: str | None) -> None:
    """Sign in now, with you to type a code sent by SMS or e-mail; the session is kept sealed.

    \b
    Example:
      remitlens account sign-in northgate-office
    """
    from scrapers.errors import PortalError
    from scrapers.portal import load_portals

    chosen = settings()
    store = open_store(chosen)
    try:
        known = accounts.one(store, name, {practice or chosen.practice})
        portal = load_portals(chosen.config).get(known.portal)
        if portal is None:
            raise UserError(f"account {name}: there is no portal {known.portal} in the config")
        try:
            asyncio.run(_sign_in(store, portal, known))
        except PortalError as error:
            raise UserError(f"{error}; {error.asks}" if error.asks else str(error)) from None
        accounts.resume(store, {known.practice}, name, _who())
    finally:
        store.close()
    click.echo(f"{name}: signed in; the session is kept")


async def _sign_in(store: Store, portal: Portal, known: accounts.Account) -> None:
    from scrapers.browser import Browsers
    from scrapers.login import sign_in
    from scrapers.secrets import credentials

    portal.may_sweep()
    chosen = settings()
    hold = accounts.hold(store, known.id, "attended sign-in")
    if hold is None:
        raise UserError(f"account {known.id}: a sweep holds it just now; try again later")

    async def ask() -> str:
        return str(await asyncio.to_thread(click.prompt, "Code the portal sent"))

    async def before_submit() -> None:
        accounts.note_submit(store, known.id)

    try:
        async with Browsers(chosen.sweep.browser, headless=chosen.sweep.headless) as browsers:
            context = await browsers.new_context(portal)
            secret = credentials(known.id, chosen.secrets)
            await sign_in(context, portal, secret, ask_code=ask, before_submit=before_submit)
            state = await context.storage_state()
            accounts.keep_session(store, known.id, known.practice, state)
            await context.close()
    finally:
        accounts.release(store, known.id, hold)
