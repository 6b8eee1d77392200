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
from collections.abc import Callable
from dataclasses import dataclass

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
        believed = self._believed.get(key)
        if believed is not None and believed.until > now:
            return believed.caller
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

    def paired(self, around: Surroundings, origin: str) -> bool:
        """Whether an extension's origin has a live token."""
        until, origins = self._origins
        if until <= self._clock() or origin not in origins:
            origins = tokens.origins(around.store)
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
    )


def identify(around: Surroundings, tokens_seen: Tokens, request: Request) -> Caller:
    """Who calls. A token that does not hold is nobody, whatever the cookies say."""
    given = request.environ.get("HTTP_AUTHORIZATION")
    if given is not None:
        scheme, _, secret = given.partition(" ")
        if scheme.lower() != "bearer":
            return ANONYMOUS
        caller = tokens_seen.caller(around, secret.strip()) or ANONYMOUS
        origin = request.environ.get("HTTP_ORIGIN", "")
        if origin and caller.origin and origin != caller.origin:
            raise Problem(403, "origin", "Origin refused", "This token belongs to another program.")
        return caller
    secret = session.get(SESSION_KEY, "")
    if not secret:
        return ANONYMOUS
    idle = around.settings.server.logoff_minutes
    person = people.session(around.store, secret, around.now(), idle)
    if person is None:
        session.clear()
        return ANONYMOUS
    return person_caller(person)
