"""The guard in front of Flask: hosts, origins, headers, and an answer to whatever goes wrong.

The server listens on the loopback address of a machine whose browser opens any page of the web.
Such a page may send requests here, by address or by a name that it points here (DNS rebinding).
So a request is turned away before anything is looked at when its Host is none of ours, when it
bears the Origin of a web page, or when the browser says that another site sent it. An extension's
origin is let through where it has paired, or where it is about to.
"""

from __future__ import annotations

import itertools
import os
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from server.logs import described, log
from server.security.problems import Problem, from_status
from server.settings import ServerSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
Counted = Callable[[str, str, int, float], None]

PAIRING_PATH = "/api/v1/pairing"
SLOW_SECONDS = 1.0
_EXTENSION = re.compile(r"(chrome-extension://[a-p]{32}|moz-extension://[0-9a-fA-F-]{36})")
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_ALWAYS: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    ("Referrer-Policy", "same-origin"),
    ("Content-Security-Policy", _CSP),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
_NO_STORE = ("Cache-Control", "no-store")
_HSTS = ("Strict-Transport-Security", "max-age=31536000")
_PREFLIGHT: Headers = [
    ("Access-Control-Allow-Methods", "GET, POST, DELETE"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-None-Match"),
    ("Access-Control-Max-Age", "600"),
    ("Cache-Control", "no-store"),
]
_EXPOSED = "ETag, Retry-After"


_ids = itertools.count()
_process = os.urandom(4).hex()


def _new_id() -> str:
    """A request's id: this process, and a number."""
    return f"{_process}{next(_ids) & 0xFFFFFFFF:08x}"


def is_extension(origin: str) -> bool:
    """Whether an Origin is that of a browser extension (Chromium's or Firefox's)."""
    return _EXTENSION.fullmatch(origin) is not None


def bare_host(host: str) -> str:
    """A Host header without its port, lower case: `[::1]:8737` is `[::1]`."""
    host = host.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0].rstrip(".")


class Guard:
    """WSGI middleware; the outermost of ours, so that every answer bears its headers."""

    def __init__(
        self,
        app: WSGIApplication,
        server: ServerSettings,
        *,
        paired: Callable[[str], bool],
        counted: Counted,
    ) -> None:
        self._app = app
        self._proxied = server.behind_proxy
        self._allowed = {bare_host(host) for host in server.allowed_hosts}
        self._paired = paired
        self._counted = counted
        self._always = list(_ALWAYS)
        if server.tls_certificate or server.behind_proxy:
            self._always.append(_HSTS)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        request_id = environ["remitlens.request"] = _new_id()
        status = 500
        more: Headers = []
        begun = False

        def start(line: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
            nonlocal status, begun
            status, begun = int(line[:3]), True
            if not any(name == "Cache-Control" for name, _ in headers):
                # Anything may hold a patient's value unless its address says otherwise.
                headers.append(_NO_STORE)
            headers.extend(self._always)
            headers.extend(more)
            return start_response(line, headers)

        try:
            more = self._admit(environ)
            if environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ORIGIN" in environ:
                start("204 No Content", list(_PREFLIGHT))
                return []
            return self._app(environ, start)
        except Problem as problem:
            log().info("refused", request=request_id, problem=problem.slug, status=problem.status)
            return _told(problem, request_id, start)
        except Exception as error:
            log().error("crashed", request=request_id, **described(error))
            if begun:
                raise
            return _told(from_status(500), request_id, start)
        finally:
            self._finish(environ, status, time.perf_counter() - started)

    def _admit(self, environ: WSGIEnvironment) -> Headers:
        """Headers to add for an extension; raises a Problem for what is turned away."""
        host = environ.get("HTTP_HOST", "")
        if bare_host(host) not in self._allowed:
            raise Problem(
                421,
                "wrong-host",
                "Wrong host",
                "This server does not answer under that name; see server.allowed_hosts.",
            )
        origin = environ.get("HTTP_ORIGIN", "")
        if not origin:
            if environ.get("HTTP_SEC_FETCH_SITE") in ("cross-site", "same-site"):
                _only_a_visit(environ)
            return []
        if _EXTENSION.fullmatch(origin):
            if environ.get("PATH_INFO") != PAIRING_PATH and not self._paired(origin):
                raise _refused("This extension is not paired with this server.")
            return _cors(origin, environ)
        if origin == "null" and _asked_first(environ):
            return []
        if not self._own(origin, host.lower(), environ):
            raise _refused("Web pages may not call this server.")
        return []

    def _own(self, origin: str, host: str, environ: WSGIEnvironment) -> bool:
        if origin == f"{environ['wsgi.url_scheme']}://{host}":
            return True
        return self._proxied and origin == f"https://{host}"

    def _finish(self, environ: WSGIEnvironment, status: int, seconds: float) -> None:
        route = environ.get("remitlens.route", "-")
        method = environ["REQUEST_METHOD"]
        self._counted(method, route, status, seconds)
        # Every look-up of a code would drown what matters; they are counted in the metrics.
        if status >= 400 or method not in ("GET", "HEAD") or seconds > SLOW_SECONDS:
            log().info(
                "request",
                request=environ["remitlens.request"],
                method=method,
                route=route,
                status=status,
                ms=round(seconds * 1000, 1),
                who=environ.get("remitlens.who", "anonymous"),
            )


def _asked_first(environ: WSGIEnvironment) -> bool:
    """Whether a page without an origin would have had to ask before sending this.

    Some browsers send an extension's requests with `Origin: null`, as they do for a sandboxed
    frame of any page. The frame's browser asks (OPTIONS) before it sends a token or JSON, and that
    question is refused; so who sends them without asking is no page.
    """
    if environ["REQUEST_METHOD"] == "OPTIONS":
        return False
    as_json = environ.get("CONTENT_TYPE", "").partition(";")[0].strip() == "application/json"
    pairing = environ.get("PATH_INFO") == PAIRING_PATH and as_json
    return "HTTP_AUTHORIZATION" in environ or pairing


def _only_a_visit(environ: WSGIEnvironment) -> None:
    """Let a link from elsewhere open a page; nothing else of another site."""
    visit = (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
        and environ.get("HTTP_SEC_FETCH_DEST") == "document"
    )
    # No page can send this header to another site without asking first, which is refused; an
    # extension's worker can.
    if not visit and "HTTP_AUTHORIZATION" not in environ:
        raise _refused("Web pages may not call this server.")


def _refused(detail: str) -> Problem:
    return Problem(403, "origin", "Origin refused", detail)


def _cors(origin: str, environ: WSGIEnvironment) -> Headers:
    headers = [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", _EXPOSED),
        ("Vary", "Origin"),
    ]
    if environ.get("HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK") == "true":
        headers.append(("Access-Control-Allow-Private-Network", "true"))
    return headers


def _told(problem: Problem, request_id: str, start: StartResponse) -> Iterable[bytes]:
    line, headers, body = problem.wire(request_id)
    start(line, headers)
    return [body]
