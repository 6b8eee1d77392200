"""Every error under a request becomes a problem: ours, Flask's, the limiter's, the store's.

What is not foreseen is a 500 that says nothing of itself; its type and place go to the log.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from apiflask import APIFlask, HTTPError
from flask import Response, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from server.co107.packet import PacketError
from server.errors import UserError
from server.logs import described, log
from server.security.callers import rights_of
from server.security.limits import too_many
from server.security.problems import (
    PROBLEM_TYPE,
    Problem,
    busy,
    conflict,
    from_status,
    not_found,
)
from server.store import (
    NotThereError,
    RefusedError,
    StoreBusyError,
    StoreError,
    StoreFullError,
)

PageOf = Callable[[Problem], Response]
PAGE_OF_PROBLEM = "remitlens.page_of_problem"
SIGN_IN_PATH = "/sign-in"
_KEPT = ("Allow", "Retry-After", "WWW-Authenticate")


def register(app: APIFlask) -> None:
    """Make the application answer every error by a problem."""

    @app.error_processor
    def from_apiflask(error: HTTPError) -> Response:
        given = dict(error.headers)
        headers = {name: str(given[name]) for name in _KEPT if name in given}
        return told(app, from_status(error.status_code, headers))

    app.register_error_handler(Problem, lambda error: told(app, error))
    app.register_error_handler(StoreError, lambda error: told(app, of_store(error)))
    app.register_error_handler(PacketError, lambda error: told(app, conflict(_sentence(error))))
    app.register_error_handler(UserError, lambda error: told(app, _set_up(error)))
    app.register_error_handler(RateLimitExceeded, lambda error: told(app, _limited(error)))
    app.register_error_handler(CSRFError, lambda _: told(app, _csrf()))
    app.register_error_handler(RecursionError, lambda _: told(app, from_status(400)))
    app.register_error_handler(Exception, lambda error: told(app, _unforeseen(error)))


def told(app: APIFlask, problem: Problem) -> Response:
    """A problem as a response: JSON for programs, a page (or the sign-in form) for people."""
    view = app.view_functions.get(request.endpoint or "")
    rights = rights_of(view) if view else None
    if rights is not None and rights.page:
        if problem.status == 401:
            here = request.full_path.rstrip("?") if request.method == "GET" else "/"
            return Response(status=303, headers={"Location": f"{SIGN_IN_PATH}?next={quote(here)}"})
        page_of: PageOf | None = app.extensions.get(PAGE_OF_PROBLEM)
        if page_of is not None:
            return page_of(problem)
    _, headers, body = problem.wire(request.environ.get("remitlens.request", ""))
    given = dict(headers)
    given.pop("Content-Length")
    return Response(body, problem.status, given, content_type=PROBLEM_TYPE)


def of_store(error: StoreError) -> Problem:
    """What a caller may know of the store's trouble. Their messages name no record's value."""
    if isinstance(error, NotThereError):
        return not_found()
    if isinstance(error, RefusedError):
        return conflict(_sentence(error))
    if isinstance(error, StoreBusyError):
        return busy("The database is busy or does not answer; try again.")
    if isinstance(error, StoreFullError):
        return Problem(
            503,
            "full",
            "Disk full",
            "The disk under the store is full or failing; what could not be kept whole was undone.",
            headers={"Retry-After": "60"},
        )
    log().error("crashed", **described(error))
    return Problem(503, "store", "Store trouble", "The store cannot be used; see the log.")


def _sentence(error: UserError) -> str:
    """A line of ours as a sentence: it names ids and codes, never a patient's value."""
    line = str(error)
    return line[:1].upper() + line[1:] + "."


def _set_up(error: UserError) -> Problem:
    """A configuration file, pair table or official list that cannot be used."""
    log().error("crashed", **described(error))
    return Problem(
        503,
        "set-up",
        "Set-up trouble",
        "A file this server is set up with cannot be used; see the log, or `remitlens doctor`.",
    )


def _limited(error: RateLimitExceeded) -> Problem:
    limit = error.limit.limit if error.limit is not None else None
    return too_many(limit.get_expiry() if limit is not None else 60)


def _csrf() -> Problem:
    return Problem(
        403,
        "csrf",
        "Form out of date",
        "The form's token is missing or out of date; load the page again.",
    )


def _unforeseen(error: Exception) -> Problem:
    if isinstance(error, HTTPException):
        return from_status(error.code or 500)
    log().error("crashed", request=request.environ.get("remitlens.request", ""), **described(error))
    return Problem(
        500,
        "unforeseen",
        "Internal error",
        "Something went wrong here; the log has its place under the request's id.",
    )
