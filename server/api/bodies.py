"""A request's body as bytes, whole or refused."""

from __future__ import annotations

from flask import request

from server.security.problems import too_large


def whole_body() -> bytes:
    """The body; raises a 413 Problem where it is over its address's cap.

    Of a body whose length was not told beforehand Werkzeug gives the first `cap` bytes without a
    word: one that is as long as the cap may be cut off.
    """
    body = request.get_data(cache=True)
    cap = request.max_content_length
    if cap is not None and request.content_length is None and len(body) >= cap:
        raise too_large(cap)
    return body
