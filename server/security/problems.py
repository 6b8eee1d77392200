"""Errors as RFC 9457 problem details: what a caller may be told, and never a value it sent.

A `Problem` is raised anywhere under a request. Its `detail` is written by us; what a client sent
(a code, a name, a file) may be a patient's and so never stands in it. The same bytes are made for
what Flask never sees (`wire`, used by the guard in front of it).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

PROBLEM_TYPE = "application/problem+json"
_URN = "urn:remitlens:problem:"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request: where (names of our own fields only) and what."""

    where: str
    problem: str


class Problem(Exception):  # noqa: N818  the name RFC 9457 gives it
    """An answer that says no: HTTP status, a slug that stays stable, a title and a detail."""

    def __init__(
        self,
        status: int,
        slug: str,
        title: str,
        detail: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        faults: Iterable[Fault] = (),
    ) -> None:
        super().__init__(slug)
        self.status = status
        self.slug = slug
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.faults = tuple(faults)

    def body(self, request_id: str = "") -> dict[str, object]:
        """The members of RFC 9457, section 3.1, and `errors` where fields are at fault."""
        members: dict[str, object] = {
            "type": _URN + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail or self.title + ".",
        }
        if request_id:
            members["instance"] = "urn:remitlens:request:" + request_id
        if self.faults:
            members["errors"] = [
                {"where": fault.where, "problem": fault.problem} for fault in self.faults
            ]
        return members

    def wire(self, request_id: str = "") -> tuple[str, list[tuple[str, str]], bytes]:
        """Status line, headers and body as WSGI wants them."""
        body = json.dumps(self.body(request_id)).encode()
        headers = [
            ("Content-Type", PROBLEM_TYPE),
            ("Content-Length", str(len(body))),
            *self.headers.items(),
        ]
        return f"{self.status} {HTTPStatus(self.status).phrase}", headers, body


def unauthorized(detail: str = "") -> Problem:
    """401: no token or session, or one that no longer holds."""
    return Problem(
        401,
        "sign-in-needed",
        "Sign-in needed",
        detail or "Send a token that holds (Authorization: Bearer), or sign in.",
        headers={"WWW-Authenticate": 'Bearer realm="remitlens"'},
    )


def forbidden(detail: str) -> Problem:
    """403: known, but not allowed."""
    return Problem(403, "not-allowed", "Not allowed", detail)


def not_found(detail: str = "There is no such thing, or it is not yours to see.") -> Problem:
    """404: also for what lies in another's practice."""
    return Problem(404, "not-found", "Not found", detail)


def conflict(detail: str) -> Problem:
    """409: a rule of the thing itself forbids the change."""
    return Problem(409, "conflict", "Conflict", detail)


def invalid(faults: Iterable[Fault]) -> Problem:
    """422: understood, but not what the API takes."""
    return Problem(
        422,
        "invalid",
        "Not valid",
        "The request does not fit what this address takes; see errors.",
        faults=faults,
    )


def too_large(limit: int) -> Problem:
    """413: the body is over the cap of its address."""
    return Problem(
        413,
        "too-large",
        "Too large",
        f"This address takes at most {limit} bytes.",
    )


def busy(detail: str, seconds: int = 5) -> Problem:
    """503: trying again later helps."""
    return Problem(503, "busy", "Busy", detail, headers={"Retry-After": str(seconds)})


_TITLES = {
    400: ("malformed", "The request is malformed."),
    401: ("sign-in-needed", "Send a token that holds (Authorization: Bearer), or sign in."),
    404: ("not-found", "There is no such address or thing."),
    405: ("method", "This address does not take that method; see the Allow header."),
    408: ("slow", "The request came too slowly."),
    413: ("too-large", "The body is over the cap of this address."),
    414: ("too-long", "The address is too long."),
    415: ("media-type", "This address does not take that media type."),
    429: ("too-many", "Too many requests; wait as long as Retry-After says."),
    431: ("too-long", "The headers are too long."),
}


def from_status(status: int, headers: Mapping[str, str] | None = None) -> Problem:
    """A problem for a bare HTTP status, in our own words."""
    slug, detail = _TITLES.get(status, ("http-" + str(status), ""))
    return Problem(status, slug, HTTPStatus(status).phrase, detail, headers=headers)
