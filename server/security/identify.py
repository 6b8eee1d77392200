"""From a request to its caller: the token it bears, or the session of its cookie.

A token that held is believed for `BELIEVED_SECONDS` without asking the store again: hovering over
a page of codes must not be a page of queries. Revoking forgets it at once in this process; another
worker process lets it in for that long still.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Request, session

from server.security.callers import ANONYMOUS, Caller
from server.security.problems import Problem
from server.security.surroundings import Surroundings
from server.store import people, tokens
from server.store.people import Person
from server.store.tokens import Token

BELIEVED_SECONDS = 2.0
_MOST = 4096
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")
SESSION_KEY = "s"


@dataclass(frozen=True, slots=True)
class _Believed:
    caller: Caller
    until: float


class Tokens:
    """The tokens lately seen to hold, by the hash of their secret."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._believed: dict[bytes, _Believed] = {}
        self._origins: tuple[float, frozenset[str]] = (0.0, frozenset())
        self._lock = threading.Lock()

    def caller(self, around: Surroundings, secret: str) -> Caller | None:
        """The token's caller; None where it does not hold."""
        if not _SECRET.fullmatch(secret):
            return None
        key = hashlib.sha256(secret.encode()).digest()
        now = self._clock()
        believed = self._recall(key)
        if believed is not None:
            return believed
        token = tokens.check(around.store, secret, around.now())
        if token is None:
            self._believed.pop(key, None)
            return None
        caller = token_caller(around, token)
        with self._lock:
            if len(self._believed) >= _MOST:
                self._believed.clear()
            self._believed[key] = _Believed(caller, now + BELIEVED_SECONDS)
        return caller

    def remembered(self, secret: str) -> Caller | None:
        """The caller of a token that is believed right now; asks nobody."""
        return self._recall(hashlib.sha256(secret.encode()).digest()) if secret else None

    def _recall(self, key: bytes) -> Caller | None:
        believed = self._believed.get(key)
        if believed is None or believed.until <= self._clock():
            return None
        return believed.caller

    def paired(self, around: Surroundings, origin: str) -> bool:
        """Whether an extension's origin has a live token."""
        until, origins = self._origins
        if until <= self._clock() or origin not in origins:
            origins = tokens.origins(around.store, around.now())
            self._origins = (self._clock() + BELIEVED_SECONDS, origins)
        return origin in origins

    def forget(self) -> None:
        """Believe nothing any more: a token was revoked, or a role changed."""
        with self._lock:
            self._believed.clear()
            self._origins = (0.0, frozenset())


def token_caller(around: Surroundings, token: Token) -> Caller:
    """A token as a caller: never more than its person may now."""
    roles = None
    if token.person is not None:
        owner = people.by_id(around.store, token.person)
        roles = dict(owner.roles) if owner is not None and not owner.disabled else {}
    return Caller(
        kind="token",
        id=token.id,
        who=f"token:{token.id}",
        practices=token.scope,
        scopes=token.scopes,
        roles=roles,
        origin=token.origin,
        owner=token.person,
    )


def person_caller(person: Person) -> Caller:
    """A person who is signed in, as a caller."""
    return Caller(
        kind="person",
        id=person.id,
        who=person.login,
        practices=person.scope,
        roles=dict(person.roles),
        person=person,
        owner=person.id,
    )


def bearer(environ: Mapping[str, Any]) -> str | None:
    """The secret of an `Authorization` header; "" where it is none, None without the header."""
    given = environ.get("HTTP_AUTHORIZATION")
    if given is None:
        return None
    scheme, _, secret = str(given).partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def identify(around: Surroundings, tokens_seen: Tokens, request: Request) -> Caller:
    """Who calls. A token that does not hold is nobody, whatever the cookies say."""
    secret = bearer(request.environ)
    if secret is not None:
        caller = tokens_seen.caller(around, secret) or ANONYMOUS
        origin = request.environ.get("HTTP_ORIGIN", "")
        if origin and caller.origin and origin != caller.origin:
            raise Problem(403, "origin", "Origin refused", "This token belongs to another program.")
        return caller
    kept = session.get(SESSION_KEY, "")
    if not kept:
        return ANONYMOUS
    idle = around.settings.server.logoff_minutes
    person = people.session(around.store, kept, around.now(), idle)
    if person is None:
        session.clear()
        return ANONYMOUS
    return person_caller(person)
