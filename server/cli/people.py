"""`remitlens people`: who may sign in, and what they may do in which practice."""

from __future__ import annotations

import io

import click
import segno

from server.cli.opened import opened, who
from server.entry import entry_address
from server.errors import UserError
from server.store import Store, audit, practices
from server.store import people as store_people
from server.store.people import ROLES, Person, Role


@click.group()
def people() -> None:
    """People who sign in to the worklist, with a role in each practice."""


_password = click.password_option(
    "--password", help="Asked for where it is not given.", prompt="Password (12 or more)"
)


@people.command()
@click.argument("login")
@click.option("--name", default="", help="The person's name.")
@click.option("--practice", metavar="ID", help="Practice; else the one the settings name.")
@click.option("--role", type=click.Choice(ROLES), default="biller", show_default=True)
@_password
def add(login: str, name: str, practice: str | None, role: Role, password: str) -> None:
    """Add LOGIN with a role; shows the secret of the second factor, once."""
    with opened() as (store, found):
        place = practices.ensure(store, practice or found.practice).id
        made = store_people.add(store, login, name, password)
        store_people.set_role(store, made.person.id, place, role)
        audit.append(store, who(), "people.add", place, f"person {made.person.id}", role=role)
    click.echo(f"{made.person.login}: {role} of {place}")
    _show_secret(made.totp_uri)


def _show_secret(uri: str) -> None:
    """The TOTP secret as a QR code for a terminal, and as a link for where none is at hand."""
    click.echo("Second factor, shown this once; scan it with an authenticator:")
    drawn = io.StringIO()
    segno.make(uri, error="m").terminal(out=drawn, compact=True)
    click.echo(drawn.getvalue())
    click.echo(uri)


@people.command(name="list")
def list_people() -> None:
    """Everyone, with their roles."""
    with opened() as (store, _):
        for person in store_people.everyone(store):
            roles = ", ".join(f"{role} of {place}" for place, role in sorted(person.roles.items()))
            state = "  (disabled)" if person.disabled else ""
            click.echo(f"{person.login}  {person.name}  {roles or 'no role'}{state}")


@people.command()
@click.argument("login")
@click.argument("practice")
@click.argument("role", type=click.Choice([*ROLES, "none"]))
def role(login: str, practice: str, role: str) -> None:
    """Give LOGIN a ROLE in PRACTICE; `none` takes it away."""
    given = next((one for one in ROLES if one == role), None)
    with opened() as (store, _):
        person = _need(store, login)
        store_people.set_role(store, person.id, practice, given)
        audit.append(store, who(), "people.role", practice, f"person {person.id}", role=role)
    click.echo(f"{person.login}: {role} of {practice}")


@people.command()
@click.argument("login")
@_password
def reset(login: str, password: str) -> None:
    """Give LOGIN a new password and a new second factor; ends their sessions."""
    with opened() as (store, _):
        person = _need(store, login)
        uri = store_people.reset(store, login, password)
        audit.append(store, who(), "people.reset", "", f"person {person.id}")
    _show_secret(uri)


@people.command()
@click.argument("login")
def link(login: str) -> None:
    """Show a link that signs LOGIN in once, within 5 minutes, on this machine alone.

    \b
    Whoever may run this can reset a password as well: the link only spares typing.
      remitlens people link ann
    """
    with opened() as (store, found):
        address = entry_address(store, found.server, login, who())
    click.echo(address)


@people.command()
@click.argument("login")
@click.option("--again", is_flag=True, help="Let them in again.")
def disable(login: str, again: bool) -> None:
    """Let LOGIN in no more; ends their sessions."""
    with opened() as (store, _):
        person = _need(store, login)
        store_people.disable(store, login, not again)
        what = "people.enable" if again else "people.disable"
        audit.append(store, who(), what, "", f"person {person.id}")
    click.echo(f"{person.login}: {'may sign in' if again else 'may sign in no more'}")


def _need(store: Store, login: str) -> Person:
    person = store_people.by_login(store, login)
    if person is None:
        raise UserError("no such login")
    return person
