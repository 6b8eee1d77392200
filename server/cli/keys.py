"""`remitlens keys`: make the key that seals identifiers, show where it is, change it."""

from __future__ import annotations

import click

from server.cli.opened import who
from server.errors import UserError
from server.settings import Settings, settings
from server.store import audit, open_store
from server.store import keys as sources
from server.store.rotate import Rotation, rotate


@click.group()
def keys() -> None:
    """The key that seals names, member ids, birth dates and numbers."""


@keys.command()
@click.option(
    "--print", "printed", is_flag=True, help="Print the key instead of keeping it: for a vault."
)
def init(printed: bool) -> None:
    """Make a key and keep it in the keyring, else in a file only you can read.

    Keep a copy away from this machine: without the key what is stored cannot be read again.
    """
    found = settings()
    if printed:
        click.echo(sources.encode([sources.new_key()]))
        return
    standing = sources.find(found)
    if standing is not None:
        place, held = standing
        click.echo(f"a key is there already ({place}, {held[0].key_id.hex()})")
        return
    place = _place(found)
    key = sources.new_key()
    sources.write(found, [key], place)
    where = sources.key_file(found) if place == "file" else place
    click.echo(f"key {key.key_id.hex()} made ({where}); keep a copy away from this machine")


def _place(found: Settings) -> sources.Place:
    place = sources.writable_place(found)
    if place is None:
        raise UserError(
            f'keys.source is "{found.keys.source}": put a key there yourself, '
            "as printed by `remitlens keys init --print`"
        )
    return place


@keys.command()
def show() -> None:
    """Say where the key is and which it is, not what it is."""
    found = sources.find(settings())
    if found is None:
        raise UserError("no key found: run `remitlens keys init`")
    place, held = found
    for key in held:
        click.echo(f"{key.key_id.hex()}  {place}")


@keys.command(name="rotate")
def rotate_command() -> None:
    """Seal everything anew under a new key; taken up again where it was cut off.

    Where the key comes from the environment or a command, put the new one before the old one
    first, separated by a comma, and the new one alone when this is done.
    """
    found = settings()
    standing = sources.find(found)
    if standing is None:
        raise UserError("no key found: run `remitlens keys init`")
    place, held = standing
    writable = place in ("keyring", "file")
    if len(held) == 1:
        if not writable:
            raise UserError(
                f"put the new key before the old one ({place}), separated by a comma, and run "
                "this again; `remitlens keys init --print` prints a new key"
            )
        held = [sources.new_key(), *held]
        sources.write(found, held, place)
    store = open_store(found, held)
    try:
        audit.append(store, who(), "keys.rotate", target=held[0].key_id.hex())
        done = rotate(store, held[0], _tell)
        audit.append(store, who(), "keys.rotated", target=held[0].key_id.hex(), rows=done)
    finally:
        store.close()
    if writable:
        sources.write(found, held[:1], place)
        click.echo(f"done: key {held[0].key_id.hex()} seals {done} rows, the old key is gone")
    else:
        click.echo(f"done: take the old key away ({place}); {held[0].key_id.hex()} alone is needed")


def _tell(step: Rotation) -> None:
    click.echo(f"{step.name}: {step.rows}", err=True)
