"""Who calls, and what each address asks of a caller: one rule for the API and for the pages.

Every view says once, by `require(role, scope)` or `anyone`, what it takes. A view that says
nothing keeps the application from starting. A person has a role in each practice; a token has
scopes and practices, and never more than the person it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from flask import Blueprint, g

from server.security.problems import forbidden, not_found, unauthorized
from server.store.people import ROLES, Person
from server.store.tokens import SCOPES

View = TypeVar("View", bound=Callable[..., Any])
_RIGHTS = "remitlens_rights"
_RANK: dict[str, int] = {role: rank for rank, role in enumerate(ROLES)}


@dataclass(frozen=True, slots=True)
class Rights:
    """What an address asks. `role` and `scope` "" : anyone may call it."""

    role: str = ""
    scope: str = ""
    any_token: bool = False
    """Any token that holds, whatever its scopes (unpairing itself)."""
    page: bool = False
    """A page: who is not signed in is shown the sign-in form instead of a problem."""
    cap: int = 65536
    """Largest body in bytes."""

    @property
    def public(self) -> bool:
        return not self.role and not self.any_token


PUBLIC = Rights()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: nobody known, a token, or a person who is signed in."""

    kind: Literal["anonymous", "token", "person"] = "anonymous"
    id: int = 0
    who: str = "anonymous"
    """As the audit trail names it."""
    practices: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    roles: Mapping[str, str] | None = None
    """Role in each practice; None for a token that belongs to no person."""
    origin: str = ""
    person: Person | None = field(default=None, compare=False)
    owner: int | None = None
    """The person a caller is, or whose token it is: nothing they make may do more than they."""

    @property
    def tag(self) -> str:
        """As the logs name it: never a login."""
        return f"{self.kind}:{self.id}" if self.id else self.kind

    def allowed(self, role: str, scope: str) -> frozenset[str]:
        """The practices in which this caller may do what asks that role and scope."""
        if self.kind == "anonymous" or (self.kind == "token" and scope not in self.scopes):
            return frozenset()
        if self.roles is None:
            return self.practices
        least = _RANK[role]
        return frozenset(
            practice
            for practice in self.practices
            if _RANK.get(self.roles.get(practice, ""), -1) >= least
        )


ANONYMOUS = Caller()


def require(
    role: str, scope: str, *, page: bool = False, cap: int = 65536
) -> Callable[[View], View]:
    """Say what a view asks: at least this role of a person, this scope of a token.

    Stands nearest to the function, below the route's decorator. Enforced before the view runs;
    the view finds the practices it may touch in `practices()`.
    """
    if role not in ROLES or scope not in SCOPES:
        raise ValueError(f"no such role or scope: {role}, {scope}")
    return _marked(Rights(role=role, scope=scope, page=page, cap=cap))


def anyone(*, page: bool = False, cap: int = 65536) -> Callable[[View], View]:
    """Say that a view takes everyone, signed in or not."""
    return _marked(Rights(page=page, cap=cap))


def any_token() -> Callable[[View], View]:
    """Say that a view takes every token that holds."""
    return _marked(Rights(any_token=True))


def _marked(rights: Rights) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, _RIGHTS, rights)
        return view

    return mark


def rights_of(view: Callable[..., Any]) -> Rights | None:
    """What a view asks; None where it says nothing."""
    if getattr(view, "__func__", None) is Blueprint.send_static_file:
        # Style sheets and scripts of our own: the same for everyone.
        return PUBLIC
    found = getattr(view, _RIGHTS, None)
    return found if isinstance(found, Rights) else None


def enforce(caller: Caller, rights: Rights) -> frozenset[str]:
    """The practices the caller may touch here; raises a 401 or 403 Problem where there is none."""
    if rights.public:
        return caller.practices
    if caller.kind == "anonymous":
        raise unauthorized()
    if rights.any_token:
        if caller.kind != "token":
            raise forbidden("Only a token can be used here.")
        return caller.practices
    allowed = caller.allowed(rights.role, rights.scope)
    if not allowed:
        what = f"the scope {rights.scope}" if caller.kind == "token" else f"the role {rights.role}"
        raise forbidden(f"This needs {what}.")
    return allowed


def current_caller() -> Caller:
    """Who calls in this request."""
    found: Caller = g.get("caller", ANONYMOUS)
    return found


def current_person() -> Person | None:
    """The person signed in; None where a token calls or nobody is known."""
    return current_caller().person


def practices() -> frozenset[str]:
    """The practices this request may touch, as its address asks."""
    found: frozenset[str] = g.get("practices", frozenset())
    return found


def narrowed(practice: str | None) -> frozenset[str]:
    """Those practices, or the one asked for; another's practice is as absent as one unknown."""
    mine = practices()
    if not practice:
        return mine
    if practice not in mine:
        raise not_found("There is no such practice, or it is not yours to see.")
    return frozenset({practice})


def one_practice(practice: str | None) -> str:
    """The one practice a change goes to: the one named, else the only one there is."""
    mine = narrowed(practice)
    if len(mine) != 1:
        raise forbidden("You may use several practices here; name one in `practice`.")
    return next(iter(mine))
