"""From the event loop to Flask and back; slow and broken clients against a real server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from server import doorway
from server.doorway import Doorway, to_environ
from server.store.sealing import MasterKey
from tests.api.live import Live, served


class Sent:
    """A protocol that hands out a body in parts, and keeps the answer."""

    def __init__(self, *parts: bytes | float) -> None:
        self.parts = list(parts)
        self.answers: list[tuple[int, list[tuple[str, str]], bytes]] = []

    def __aiter__(self) -> Sent:
        return self

    async def __anext__(self) -> bytes:
        while self.parts and isinstance(self.parts[0], float):
            await asyncio.sleep(self.parts.pop(0))
        if not self.parts:
            raise StopAsyncIteration
        part = self.parts.pop(0)
        assert isinstance(part, bytes)
        return part

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.answers.append((status, headers, body))


def scope(**other: Any) -> Any:
    named: dict[str, Any] = {
        "proto": "http",
        "http_version": "1.1",
        "client": "127.0.0.1:5000",
        "server": "127.0.0.1:8737",
        "scheme": "http",
        "method": "POST",
        "path": "/x",
        "query_string": "",
        "authority": None,
        "headers": {"host": "localhost"},
    }
    return SimpleNamespace(**(named | other))


def echo(environ: Any, start_response: Any) -> list[bytes]:
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("X-Seen", environ["PATH_INFO"])])
    return [body, b"!"]


def guarded(app: Any) -> Any:
    """As the guard does: a problem becomes an answer."""
    from server.security.problems import Problem

    def outer(environ: Any, start_response: Any) -> list[bytes]:
        try:
            return app(environ, start_response)
        except Problem as problem:
            line, headers, body = problem.wire()
            start_response(line, headers)
            return [body]

    return outer


NOT_READY = SimpleNamespace(ready=lambda _: False)


def run(app: Any, protocol: Sent, **other: Any) -> tuple[int, dict[str, str], bytes]:
    async def once() -> None:
        await Doorway(guarded(app), NOT_READY, 4).__rsgi__(scope(**other), protocol)

    asyncio.run(once())
    status, headers, body = protocol.answers[0]
    return status, dict(headers), body


def test_a_body_in_parts_arrives_whole() -> None:
    status, headers, body = run(echo, Sent(b"", b"ab", b"", b"c" * 70_000, b"d"))
    assert (status, headers["x-seen"]) == (200, "/x")
    assert body == b"ab" + b"c" * 70_000 + b"d!"


def test_a_body_nobody_asks_for_is_not_read() -> None:
    protocol = Sent(b"left alone")

    def deaf(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("204 No Content", [])
        return []

    assert run(deaf, protocol)[0] == 204
    assert protocol.parts == [b"left alone"]


def test_a_body_that_does_not_come_ends_in_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "BODY_SECONDS", 0.2)
    began = time.monotonic()
    status, headers, body = run(echo, Sent(b"a", 30.0, b"b"))
    assert status == 408
    assert headers["connection"] == "close"
    assert json.loads(body)["type"].endswith(":slow")
    assert time.monotonic() - began < 5


def test_a_body_that_drips_is_cut_off_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "BODY_SECONDS", 0.3)
    parts = [part for _ in range(100) for part in (0.05, b"x")]
    assert run(echo, Sent(*parts))[0] == 408


def test_a_client_that_goes_away_is_not_an_error_of_ours() -> None:
    class Gone(Sent):
        async def __anext__(self) -> bytes:
            raise RuntimeError("CANARY")

    def reads(environ: Any, start_response: Any) -> list[bytes]:
        with pytest.raises(ConnectionResetError, match="went away"):
            environ["wsgi.input"].read()
        start_response("400 Bad Request", [])
        return []

    assert run(reads, Gone())[0] == 400


def test_only_so_many_read_at_once_and_the_rest_are_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(doorway, "BODY_SECONDS", 1.0)
    door = Doorway(guarded(echo), NOT_READY, 4)
    slow = [Sent(b"a", 30.0) for _ in range(6)]
    fast = Sent()

    def no_body(environ: Any, start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            start_response("200 OK", [])
            return [b"at once"]
        return echo(environ, start_response)

    door = Doorway(guarded(no_body), NOT_READY, 4)

    async def all_at_once() -> float:
        tasks = [asyncio.create_task(door.__rsgi__(scope(), one)) for one in slow]
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await door.__rsgi__(scope(method="GET"), fast)
        took = time.monotonic() - began
        await asyncio.gather(*tasks)
        return took

    assert asyncio.run(all_at_once()) < 0.5
    assert sorted(one.answers[0][0] for one in slow) == [408, 408, 503, 503, 503, 503]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"path": "/a b/é"}, ("PATH_INFO", "/a b/Ã©")),
        ({"client": "[::1]:77"}, ("REMOTE_ADDR", "::1")),
        ({"authority": "localhost", "headers": {}}, ("HTTP_HOST", "localhost")),
        ({"headers": {"content-type": "a/b"}}, ("CONTENT_TYPE", "a/b")),
    ],
)
def test_a_request_as_wsgi_has_it(given: dict[str, Any], expected: tuple[str, str]) -> None:
    assert to_environ(scope(**given))[expected[0]] == expected[1]


def test_a_header_with_an_underscore_passes_for_no_other() -> None:
    environ = to_environ(scope(headers={"x_forwarded_for": "1.2.3.4", "x-a": "1"}))
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert environ["HTTP_X_A"] == "1"


def test_the_processes_environment_is_no_part_of_a_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REMITLENS_KEY", "secret")
    monkeypatch.setenv("HTTP_ORIGIN", "https://evil.example")
    environ = to_environ(scope())
    assert "REMITLENS_KEY" not in environ
    assert "HTTP_ORIGIN" not in environ


# A real server from here on.


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    from server.store.keys import new_key

    with served(tmp_path_factory.mktemp("live") / "home", new_key()) as made:
        yield made


def raw(live: Live, request: bytes, seconds: float = 20) -> bytes:
    with socket.create_connection(("127.0.0.1", live.port), timeout=seconds) as connection:
        connection.sendall(request)
        answer = b""
        with contextlib.suppress(OSError):
            while part := connection.recv(65536):
                answer += part
                if b"\r\n\r\n" in answer and b"connection: close" not in answer.lower():
                    break
        return answer


def test_slow_bodies_do_not_keep_others_waiting(live: Live) -> None:
    head = (
        f"POST /api/v1/codes/lookup HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {live.token}\r\nContent-Type: application/json\r\n"
        "Content-Length: 1000\r\n\r\n{"
    ).encode()
    held = []
    try:
        for _ in range(40):
            connection = socket.create_connection(("127.0.0.1", live.port), timeout=30)
            connection.sendall(head)
            held.append(connection)
        time.sleep(0.5)
        for path in ("/api/v1/codes/107", "/api/v1/lines", "/readyz"):
            began = time.monotonic()
            assert live.ask(path)[0] == 200
            assert time.monotonic() - began < 5
    finally:
        for connection in held:
            connection.close()


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /%ff%fe%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/codes/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: \xff\xfe\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \xc3\xa9\r\n\r\n",
        b"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"POST /api/v1/codes/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/codes/lookup HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_a_request_nobody_sends(live: Live, request_bytes: bytes) -> None:
    answer = raw(live, request_bytes, seconds=5)
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:200]
    assert live.ask("/readyz")[0] == 200


def test_endless_headers_are_refused(live: Live) -> None:
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 2_000_000
    with contextlib.suppress(OSError):
        assert not raw(live, request + b"\r\n\r\n").startswith(b"HTTP/1.1 200")
    assert live.ask("/readyz")[0] == 200


def test_a_chunked_body_is_capped_as_it_comes(live: Live) -> None:
    head = (
        f"POST /api/v1/codes/lookup HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {live.token}\r\nContent-Type: application/json\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    ).encode()
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    answer = raw(live, head + chunk * 40)
    assert answer.startswith(b"HTTP/1.1 413")
    assert live.ask("/readyz")[0] == 200


def test_the_key_of_the_tests_is_not_the_servers_log(live: Live, store_key: MasterKey) -> None:
    text = Path(live.log).read_text()
    assert live.token not in text
    assert store_key.secret.hex() not in text
    for line in text.splitlines():
        assert line.startswith(("{", "remitlens: http://")), line
