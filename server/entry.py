"""A way in for the first person: a link that signs them in once, on the server's own machine."""

from __future__ import annotations

from datetime import UTC, datetime

from server.errors import UserError
from server.settings import ServerSettings
from server.store import Store, entry_links, people, practices

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def entry_address(store: Store, server: ServerSettings, login: str, who: str) -> str:
    """A new link's address; raises UserError where the server is not on this machine's loopback."""
    if server.behind_proxy or server.host not in _LOOPBACK:
        raise UserError("sign-in links work only where the server listens on loopback itself")
    scheme = "https" if server.tls_certificate else "http"
    host = f"[{server.host}]" if ":" in server.host else server.host
    secret = entry_links.make(store, login, who, datetime.now(UTC))
    return f"{scheme}://{host}:{server.port}/enter/{secret}"


def first_person(store: Store, practice: str, login: str, name: str = "") -> people.Person:
    """The person of a login; the first one ever is made, with every right in the practice.

    Without a password: they sign in by links, until `remitlens people reset` gives them one.
    Raises UserError where others are known and this login is not.
    """
    known = people.by_login(store, login)
    if known is not None:
        return known
    if people.everyone(store):
        raise UserError("no such login")
    practices.ensure(store, practice)
    made = people.add(store, login, name, "").person
    people.set_role(store, made.id, practice, "admin")
    found = people.by_login(store, login)
    return found if found is not None else made
