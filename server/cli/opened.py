"""What every command that works on the store needs: the store, who asks, which practice, today."""

from __future__ import annotations

import contextlib
import getpass
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar

import click

from server.errors import UserError
from server.settings import Settings, settings
from server.store import Store, open_store, practices
from server.store.practices import Scope

F = TypeVar("F", bound=Callable[..., Any])


@contextlib.contextmanager
def opened() -> Iterator[tuple[Store, Settings]]:
    """The store of the settings in force, closed at the end."""
    found = settings()
    store = open_store(found)
    try:
        yield store, found
    finally:
        store.close()


def who() -> str:
    """Who asks, for the audit trail: the user of this machine."""
    try:
        return "cli:" + getpass.getuser()
    except (OSError, KeyError):
        return "cli:unknown"


def today() -> date:
    """Today, where this machine is."""
    return date.today()  # noqa: DTZ011


def practice_option(command: F) -> F:
    """`--practice ID`: the practice a command works for."""
    return click.option(
        "--practice", metavar="ID", help="Practice; else the one the settings name."
    )(command)


def scope_option(command: F) -> F:
    """`--practice ID`, many times: the practices a command looks at."""
    return click.option(
        "--practice",
        "practice",
        metavar="ID",
        multiple=True,
        help="Only this practice; may be given again. Else all.",
    )(command)


def today_option(command: F) -> F:
    """`--today DAY`: decide as of another day."""
    return click.option(
        "--today",
        "as_of",
        type=click.DateTime(["%Y-%m-%d"]),
        help="Decide as of this day instead of today.",
    )(command)


def scope_of(store: Store, named: tuple[str, ...]) -> Scope:
    """The practices named, or all there are; raises UserError for one that is not there."""
    known = frozenset(one.id for one in practices.all_of(store))
    for name in named:
        if name not in known:
            raise UserError(f"no practice {name}")
    return frozenset(named) or known
