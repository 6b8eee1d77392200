"""`remitlens pair`: let an extension or another program in, list who was let in, revoke it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import click

from server.errors import UserError
from server.security.pairing import EXTENSION_SCOPES
from server.settings import settings
from server.store import NotThereError, Store, audit, open_store, practices, tokens
from server.store.engine import now
from server.store.tokens import CODE_MINUTES, CODE_TRIES, SCOPES, Token

WHO = "cli"


@contextmanager
def _store() -> Iterator[Store]:
    store = open_store(settings())
    try:
        yield store
    finally:
        store.close()


@click.group(invoke_without_command=True)
@click.option(
    "--practice",
    "given",
    multiple=True,
    help="Practice it may see; several times for several. The one of the settings if left out.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(SCOPES),
    help="What it may do; several times for several. What an extension needs if left out.",
)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.pass_context
def pair(
    context: click.Context, given: tuple[str, ...], scopes: tuple[str, ...], as_json: bool
) -> None:
    """Show a pairing code to type into the extension: once, within 5 minutes, 5 tries."""
    if context.invoked_subcommand is not None:
        return
    with _store() as store:
        wanted = _practices(store, given)
        code = tokens.new_code(store, wanted, scopes or EXTENSION_SCOPES, WHO, now())
        audit.append(store, WHO, "pairing.code", scopes=sorted(scopes or EXTENSION_SCOPES))
    if as_json:
        click.echo(json.dumps({"code": code, "minutes": CODE_MINUTES, "practices": wanted}))
        return
    click.echo(code)
    click.echo(
        f"Type it into the extension within {CODE_MINUTES} minutes; it works once, "
        f"and {CODE_TRIES} wrong tries end it. It opens: {', '.join(wanted)}.",
        err=True,
    )


def _practices(store: Store, given: tuple[str, ...]) -> list[str]:
    known = {one.id for one in practices.all_of(store)}
    if not given:
        return [practices.ensure(store, settings().practice).id]
    for one in given:
        if one not in known:
            raise UserError(f"no practice {one}; there are: {', '.join(sorted(known)) or 'none'}")
    return sorted(set(given))


@pair.command(name="list")
@click.option("--all", "everything", is_flag=True, help="Also revoked ones.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def list_(everything: bool, as_json: bool) -> None:
    """Show who was let in."""
    with _store() as store:
        found = tokens.listed(store, frozenset(one.id for one in practices.all_of(store)))
    shown = [one for one in found if everything or one.revoked_at is None]
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in shown]))
        return
    if not shown:
        click.echo("nobody is paired")
    for one in shown:
        state = f"revoked {_moment(one.revoked_at)}" if one.revoked_at else "open"
        click.echo(
            f"{one.id:>4}  {state:<24}  {one.label}  [{' '.join(sorted(one.scopes))}]  "
            f"{' '.join(sorted(one.scope))}  last used {_moment(one.used_at)}"
        )


@pair.command()
@click.argument("token", type=click.IntRange(min=1))
def revoke(token: int) -> None:
    """Let TOKEN (its number in `pair list`) in no more."""
    with _store() as store:
        everywhere = frozenset(one.id for one in practices.all_of(store))
        try:
            tokens.revoke(store, everywhere, token, WHO, now())
        except NotThereError:
            raise UserError(f"no token {token}; see `remitlens pair list`") from None
        audit.append(store, WHO, "token.revoke", token=token)
    click.echo(f"token {token} is let in no more")


def _moment(value: datetime | None) -> str:
    return value.astimezone().strftime("%Y-%m-%d %H:%M") if value else "never"


def _as_json(one: Token) -> dict[str, object]:
    return {
        "id": one.id,
        "label": one.label,
        "scopes": sorted(one.scopes),
        "practices": sorted(one.scope),
        "origin": one.origin,
        "created_at": one.created_at.isoformat(),
        "used_at": one.used_at.isoformat() if one.used_at else None,
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
    }
