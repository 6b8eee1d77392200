"""Signing in and out as functions: the pages only render forms.

A session is a random secret in a signed cookie (`HttpOnly`, `SameSite=Strict`); what it stands for
is kept in the store, so that signing out, a reset password and a lost role take effect at once.
"""

from __future__ import annotations

from flask import session

from server.logs import log
from server.security.callers import current_caller
from server.security.identify import SESSION_KEY, person_caller
from server.security.surroundings import around
from server.store import RefusedError, audit, people
from server.store.people import Person

SESSION_HOURS = 12


def sign_in(login: str, password: str, code: str) -> Person:
    """Sign a person in with password and TOTP code; raises RefusedError, alike for all causes."""
    place = around()
    try:
        person = people.sign_in(place.store, login, password, code, place.now())
    except RefusedError:
        # Which login was tried is not kept: people type their password there by mistake.
        audit.append(place.store, "anonymous", "sign_in_failed")
        log().warning("sign_in_failed")
        raise
    return begin(person, "password")


def begin(person: Person, by: str) -> Person:
    """Begin the session of a person who has proved who they are."""
    place = around()
    # A session of before signing in is not carried over: its CSRF token was known to others.
    session.clear()
    session[SESSION_KEY] = people.begin_session(
        place.store, person.id, place.now(), hours=SESSION_HOURS
    )
    audit.append(place.store, person.login, "sign_in", by=by)
    log().info("signed_in", who=person_caller(person).tag)
    return person


def safe_next(asked: str | None) -> str:
    """Where to go after signing in: a path of ours, whatever the address bar said."""
    if not asked or not asked.startswith("/") or asked.startswith(("//", "/\\")):
        return "/"
    if any(letter < " " or letter == "\\" for letter in asked):
        return "/"
    return asked


def sign_out() -> None:
    """End the session; safe where there is none."""
    place = around()
    secret = session.pop(SESSION_KEY, "")
    if secret:
        people.end_session(place.store, secret)
        audit.append(place.store, current_caller().who, "sign_out")
        log().info("signed_out", who=current_caller().tag)
    session.clear()
