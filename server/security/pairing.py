"""Pairing an extension: a short code a person reads off one screen and types into another.

Used by the API, the worklist's page and `remitlens pair`. A code never gives more than the person
who asked for it may do.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from server.logs import log
from server.security.callers import Caller
from server.security.guard import is_extension
from server.security.surroundings import Surroundings
from server.store import RefusedError, audit, practices, tokens
from server.store.tokens import SCOPES, Token

EXTENSION_SCOPES = ("codes", "lines:read", "lines:write", "observe")
"""What an extension asks for; a viewer's gets the first two of use."""
_NEEDS = {
    "codes": "viewer",
    "lines:read": "viewer",
    "lines:write": "biller",
    "observe": "biller",
    "admin": "admin",
}


@dataclass(frozen=True, slots=True)
class PracticeKey:
    """A practice and the key its claim numbers are hashed with."""

    practice: str
    name: str
    match_key: str
    """Base64 of 32 bytes."""


@dataclass(frozen=True, slots=True)
class Paired:
    """What pairing gives, once."""

    token: Token
    secret: str
    keys: tuple[PracticeKey, ...]


def scopes_for(caller: Caller) -> tuple[str, ...]:
    """The scopes a code made by this caller may give."""
    if caller.kind != "person":
        return tuple(scope for scope in SCOPES if scope in caller.scopes)
    return tuple(
        scope
        for scope in SCOPES
        if caller.practices and any(_holds(caller, one, scope) for one in caller.practices)
    )


def _holds(caller: Caller, practice: str, scope: str) -> bool:
    return practice in caller.allowed(_NEEDS[scope], scope)


def code_for(around: Surroundings, caller: Caller, scopes: frozenset[str] | None = None) -> str:
    """A pairing code for a caller's own practices; raises RefusedError for scopes they lack."""
    may = frozenset(scopes_for(caller))
    wanted = may & frozenset(EXTENSION_SCOPES) if scopes is None else scopes
    if not wanted <= may:
        raise RefusedError("a code cannot give more than you may do")
    code = tokens.new_code(
        around.store,
        caller.practices,
        wanted,
        caller.who,
        around.now(),
        person=caller.owner,
    )
    audit.append(around.store, caller.who, "pairing.code", scopes=sorted(wanted))
    return code


def redeem(around: Surroundings, code: str, name: str, origin: str) -> Paired:
    """Turn a code into a token; raises RefusedError alike for wrong, used, old or worn-out ones."""
    store = around.store
    kept = origin if is_extension(origin) else ""
    try:
        token, secret = tokens.redeem(store, code, name, kept, around.now())
    except RefusedError:
        audit.append(store, "anonymous", "pairing_failed")
        log().warning("pairing_failed")
        raise
    audit.append(store, f"token:{token.id}", "paired", scopes=sorted(token.scopes))
    log().info("paired", who=f"token:{token.id}")
    return Paired(token, secret, keys_of(around, token.scope))


def keys_of(around: Surroundings, scope: frozenset[str]) -> tuple[PracticeKey, ...]:
    """The match keys of some practices."""
    return tuple(
        PracticeKey(
            one.id,
            one.name,
            base64.b64encode(practices.match_secret(around.store, one.id)).decode(),
        )
        for one in practices.all_of(around.store, scope)
    )


def revoke(around: Surroundings, scope: frozenset[str], token: int, who: str) -> None:
    """Let a token in no more; raises NotThereError outside the scope."""
    tokens.revoke(around.store, scope, token, who, around.now())
    audit.append(around.store, who, "token.revoke", token=token)
    log().info("unpaired", who=f"token:{token}")
