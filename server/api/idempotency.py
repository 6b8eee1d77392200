"""A POST sent twice under one `Idempotency-Key` changes things once and answers the same twice.

The answer is kept sealed for a day, under the caller and the key. Of two at the same moment the
second waits, within one process; in another process it is told to try again.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Response, request

from server.api.bodies import whole_body
from server.security.callers import current_caller, practices
from server.security.problems import Problem
from server.security.surroundings import around
from server.store import replies
from server.store.replies import Reply

HEADER = "Idempotency-Key"
REPEATABLE = "remitlens_repeatable"
_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LOCKS = tuple(threading.Lock() for _ in range(64))

View = TypeVar("View", bound=Callable[..., Any])


def repeatable(view: View) -> View:
    """Make a POST view honour `Idempotency-Key`; the view returns a `Response`."""

    @wraps(view)
    def once(*args: Any, **named: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None:
            return view(*args, **named)
        if not _FORM.fullmatch(key):
            raise Problem(
                400,
                "idempotency-key",
                "Malformed key",
                f"{HEADER} is 8 to 64 letters, digits, `_` or `-`.",
            )
        caller = current_caller().tag
        with _LOCKS[hash((caller, key)) % len(_LOCKS)]:
            return _once(caller, key, lambda: view(*args, **named))

    setattr(once, REPEATABLE, True)
    return once  # type: ignore[return-value]


def _once(caller: str, key: str, call: Callable[[], Response]) -> Response:
    place = around()
    asked = _fingerprint()
    kept = replies.begin(place.store, caller, key, asked, place.now())
    if kept is not None:
        return Response(
            kept.body,
            kept.status,
            {"Idempotent-Replayed": "true"},
            content_type="application/json",
        )
    reply = None
    try:
        response = call()
        if response.status_code < 300:
            reply = Reply(response.status_code, response.get_data())
        return response
    finally:
        replies.finish(place.store, caller, key, reply)


def _fingerprint() -> bytes:
    """The request, and the practices it may touch: who lost one gets none of its answers again."""
    # Cached: the view reads the same body again.
    allowed = " ".join(sorted(practices()))
    return b"\x1f".join((request.full_path.encode(), allowed.encode(), whole_body()))
