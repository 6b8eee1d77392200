"""The quick way for one code: what a hover asks for, answered before Flask is woken.

A GET of `/api/v1/codes/{code}` with a token that was lately seen to hold passes the same checks as
any request (`Tokens`, `enforce`, `LightCount`) and gets the same kept bytes. Whatever is not that
simple (no token, another page's origin, an unknown code, a conditional request) goes on to Flask,
whose view is the one place that says no.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from server.api.cached import Kept
from server.security.callers import Caller, Rights, enforce
from server.security.identify import Tokens, bearer
from server.security.limits import LightCount
from server.security.problems import Problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/api/v1/codes/"
ROUTE = "/api/v1/codes/<code:code>"


class Quick:
    """WSGI middleware between the guard and Flask."""

    def __init__(
        self,
        app: WSGIApplication,
        seen: Tokens,
        light: LightCount,
        rights: Rights,
        kept: Callable[[str], Kept | None],
    ) -> None:
        self._app = app
        self._seen = seen
        self._light = light
        self._rights = rights
        self._kept = kept

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ["PATH_INFO"]
        if path.startswith(_PREFIX) and environ["REQUEST_METHOD"] == "GET":
            kept = self._answer(path, environ)
            if kept is not None:
                body, headers = kept.chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
                start_response("200 OK", list(headers))
                return [body]
        return self._app(environ, start_response)

    def ready(self, environ: WSGIEnvironment) -> bool:
        """Whether the answer is at hand: neither store nor Flask would be asked."""
        path: str = environ["PATH_INFO"]
        return (
            path.startswith(_PREFIX)
            and environ["REQUEST_METHOD"] == "GET"
            and self._simple(path, environ) is not None
        )

    def _answer(self, path: str, environ: WSGIEnvironment) -> Kept | None:
        found = self._simple(path, environ)
        if found is None:
            return None
        caller, kept = found
        self._light.hit(caller.tag)
        environ["remitlens.route"] = ROUTE
        environ["remitlens.who"] = caller.tag
        return kept

    def _simple(self, path: str, environ: WSGIEnvironment) -> tuple[Caller, Kept] | None:
        if environ.get("QUERY_STRING") or "HTTP_ORIGIN" in environ:
            return None
        if "HTTP_IF_NONE_MATCH" in environ:
            return None
        caller = self._seen.remembered(bearer(environ) or "")
        if caller is None:
            return None
        kept = self._kept(path[len(_PREFIX) :])
        if kept is None:
            return None
        try:
            enforce(caller, self._rights)
        except Problem:
            return None
        return caller, kept
