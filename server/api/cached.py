"""Answers made once and given many times: bytes, their gzip, their ETag."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass

from flask import Response, request
from werkzeug.datastructures import Headers

CODES_CACHE = "private, max-age=3600"
_WORTH = 600


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer, ready to send."""

    body: bytes
    zipped: bytes | None
    etag: str
    plain_headers: tuple[tuple[str, str], ...]
    zipped_headers: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, body: bytes, cache: str = CODES_CACHE) -> Kept:
        """Prepare a JSON body."""
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        zipped = gzip.compress(body, 9, mtime=0) if len(body) >= _WORTH else None
        common = (
            ("Content-Type", "application/json"),
            ("Cache-Control", cache),
            ("Vary", "Accept-Encoding"),
        )
        # One ETag a representation, as RFC 9110 (8.8.3.3) asks.
        zipped_etag = etag[:-1] + '-gz"'
        return cls(
            body,
            zipped,
            etag,
            (*common, ("ETag", etag), ("Content-Length", str(len(body)))),
            (
                *common,
                ("ETag", zipped_etag),
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(zipped or b""))),
            ),
        )

    def chosen(self, accepted: str) -> tuple[bytes, tuple[tuple[str, str], ...]]:
        """Body and headers for what a client says it can unpack."""
        if self.zipped is not None and "gzip" in accepted:
            return self.zipped, self.zipped_headers
        return self.body, self.plain_headers

    def answer(self) -> Response:
        """The response to this request: 304 where the client has it, gzip where it takes it."""
        environ = request.environ
        body, headers = self.chosen(environ.get("HTTP_ACCEPT_ENCODING", ""))
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None and (self.etag[:-1] in known or known.strip() == "*"):
            kept = [one for one in headers if one[0] in ("Cache-Control", "Vary", "ETag")]
            return Response(status=304, headers=kept)
        response = _Ready(body)
        response.headers = Headers(headers)
        return response


class _Ready(Response):
    """A response whose headers are complete: nothing left to guess or count."""

    automatically_set_content_length = False
    autocorrect_location_header = False
