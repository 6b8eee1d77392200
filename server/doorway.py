"""From granian's event loop to the WSGI application: a slow client never keeps a thread for long.

Granian hands over a request when its headers are in. A WSGI server then lends it a thread, and a
body that drips in byte by byte keeps that thread; a few such clients and nobody is answered. Here
the body is read when the application asks for it, each part with a deadline, and only so many
requests may be reading at once that some threads are always left for those without a body. What
can be answered from memory (`Quick`) is answered on the loop itself.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import io
import sys
import threading
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any, Protocol

from server.security.problems import Problem, busy

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Headers = list[tuple[str, str]]
Answer = tuple[int, Headers, bytes]

WAITING_MOST = 512
BODY_SECONDS = 15.0
LEAST_BYTES_A_SECOND = 16384
_LEFT_FREE = 2
_BODY_LEFT = frozenset({408, 413})


class RsgiHeaders(Protocol):
    """Headers of a request, names in lower case."""

    def items(self) -> list[tuple[str, str]]: ...


class RsgiScope(Protocol):
    """What granian tells of a request."""

    proto: str
    http_version: str
    client: str
    server: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None

    @property
    def headers(self) -> RsgiHeaders: ...


class RsgiProtocol(Protocol):
    """How a body is read and an answer given."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


class Ready(Protocol):
    """Whether a request can be answered from memory, without asking the store."""

    def ready(self, environ: WSGIEnvironment) -> bool: ...


class Doorway:
    """An RSGI application around a WSGI one."""

    def __init__(self, app: WSGIApplication, quick: Ready, threads: int) -> None:
        self._app = app
        self._quick = quick
        self._threads = threads
        self._pool = concurrent.futures.ThreadPoolExecutor(threads, "request")
        self._reading = threading.BoundedSemaphore(max(threads - _LEFT_FREE, 1))
        self._waiting = 0

    async def __rsgi__(self, scope: RsgiScope, protocol: RsgiProtocol) -> None:
        """Answer one request."""
        if scope.proto != "http":
            return
        environ = to_environ(scope)
        if self._quick.ready(environ):
            status, headers, content = self._call(environ, None)
        elif self._waiting >= WAITING_MOST:
            status, headers, content = _said(busy("Too many requests at once; try again.", 1))
        else:
            loop = asyncio.get_running_loop()
            body = Body(protocol.__aiter__(), loop, self._reading)
            self._waiting += 1
            try:
                status, headers, content = await loop.run_in_executor(
                    self._pool, self._call, environ, body
                )
            finally:
                self._waiting -= 1
        protocol.response_bytes(status, headers, content)

    def _call(self, environ: WSGIEnvironment, body: Body | None) -> Answer:
        told: list[tuple[str, Headers]] = []

        def start_response(line: str, headers: Headers, _exc_info: Any = None) -> Any:
            told.append((line, headers))
            return None

        environ["wsgi.input"] = io.BytesIO() if body is None else io.BufferedReader(body)
        try:
            parts = self._app(environ, start_response)
            try:
                content = b"".join(parts)
            finally:
                close = getattr(parts, "close", None)
                if close is not None:
                    close()
        finally:
            if body is not None:
                body.release()
        line, headers = told[-1]
        status = int(line[:3])
        lowered = [(name.lower(), value) for name, value in headers]
        if status in _BODY_LEFT:
            # What was not read of the body must not be taken for the next request.
            lowered.append(("connection", "close"))
        return status, lowered, content

    def close(self) -> None:
        """Let go of the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class Body(io.RawIOBase):
    """A request's body as a file, each part read with a deadline from the event loop."""

    def __init__(
        self,
        parts: AsyncIterator[bytes],
        loop: asyncio.AbstractEventLoop,
        slots: threading.BoundedSemaphore,
    ) -> None:
        self._parts = parts
        self._loop = loop
        self._slots = slots
        self._holds = False
        self._left = b""
        self._got = 0
        self._began = time.monotonic()
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, target: Any) -> int:
        """Fill a buffer; raises a 408 or 503 Problem."""
        if not self._left and not self._ended:
            self._left = self._next()
        taken = self._left[: len(target)]
        self._left = self._left[len(taken) :]
        target[: len(taken)] = taken
        return len(taken)

    def _next(self) -> bytes:
        if not self._holds:
            if not self._slots.acquire(blocking=False):
                raise busy("Too many uploads at once; try again.", 5)
            self._holds, self._began = True, time.monotonic()
        allowed = BODY_SECONDS + self._got / LEAST_BYTES_A_SECOND
        left = self._began + allowed - time.monotonic()
        waiting = asyncio.run_coroutine_threadsafe(_part(self._parts), self._loop)
        try:
            part = waiting.result(max(left, 0.0))
        except TimeoutError:
            waiting.cancel()
            raise Problem(408, "slow", "Too slow", "The body came too slowly.") from None
        if not part:
            self._ended = True
        self._got += len(part)
        return part

    def release(self) -> None:
        """Let another request read."""
        if self._holds:
            self._holds = False
            self._slots.release()


async def _part(parts: AsyncIterator[bytes]) -> bytes:
    """The next part that holds something; b"" at the end."""
    try:
        while True:
            part = await parts.__anext__()
            if part:
                return part
    except StopAsyncIteration:
        return b""
    except Exception as error:
        # The client went away; what granian says of it may quote what was sent.
        raise ConnectionResetError("the client went away") from error


def _said(problem: Problem) -> Answer:
    _, headers, body = problem.wire()
    return problem.status, headers, body


_FIXED: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "remitlens",
    "GATEWAY_INTERFACE": "CGI/1.1",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
    "wsgi.input_terminated": True,
}


def to_environ(scope: RsgiScope) -> WSGIEnvironment:
    """A request as PEP 3333 has it. The process's environment is no part of it: it holds keys."""
    host, _, port = scope.server.rpartition(":")
    environ: WSGIEnvironment = dict(_FIXED)
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = scope.path.encode("utf-8", "surrogateescape").decode("latin-1")
    environ["QUERY_STRING"] = scope.query_string
    environ["SERVER_NAME"] = host
    environ["SERVER_PORT"] = port
    environ["SERVER_PROTOCOL"] = "HTTP/" + scope.http_version
    environ["wsgi.url_scheme"] = scope.scheme
    environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
    for name, value in scope.headers.items():
        key = name.upper().replace("-", "_")
        if "_" in name:
            # `X_Forwarded_For` must not pass for `X-Forwarded-For`.
            continue
        if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            key = "HTTP_" + key
        environ[key] = f"{environ[key]},{value}" if key in environ else value
    if scope.authority and "HTTP_HOST" not in environ:
        environ["HTTP_HOST"] = scope.authority
    return environ
