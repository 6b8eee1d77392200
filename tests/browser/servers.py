"""Loopback servers of the browser tests: the pages, and the API's side with all its bad days."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from server.codes.lookup import catalogue
from server.store.lines import match_hash

PAGES = Path(__file__).parent / "pages"
MODULES = Path(__file__).resolve().parents[2] / "node_modules"
TOKEN = "test-token-0123456789abcdef"
KEY = bytes(range(32))
OTHER_KEY = bytes(range(32, 64))
SCRIPT = "<img src=x onerror=\"document.documentElement.dataset.broken='yes'\"><script>document.documentElement.dataset.broken='yes'</script>"

_STRICT = (
    "default-src 'none'; script-src 'nonce-page'; style-src 'nonce-page'; frame-src 'self';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)


def claim_hash(claim: str, key: bytes = KEY) -> str:
    """The blind index of a claim number, as the store computes it."""
    return match_hash(key, claim).hex()


def line(**changes: Any) -> dict[str, Any]:
    """What the server knows of one line, as `POST lines/match` answers."""
    return {
        "line_id": "17",
        "claim_hash": "",
        "procedure": "22614",
        "modifiers": [],
        "service_date": "2026-10-05",
        "code": "CO-107",
        "remarks": ["N122"],
        "state": "ready",
        "reason": "primary_not_billed",
        "reason_text": "the primary procedure was done and never billed",
        "route": "replacement_claim",
        "route_text": "replacement claim (frequency 7)",
        "deadline": "2027-04-03",
        "days_left": 131,
        "rule_text": "180 days after the remittance",
        "amount": "1150.00",
        "missing": {"text": "22612, the primary of 22614", "procedures": ["22612"]},
        "found_at": "charge of 2026-10-05, signed off, on no claim",
        "next_step": "Release the replacement claim: both lines are in it",
        "why_now": "The payer takes replacement claims; this one is built and checked",
        "as_of": "2026-11-23",
        "checked_at": "2026-11-23T02:31:00Z",
    } | changes


def portal(base: str, **changes: Any) -> dict[str, Any]:
    """One portal as `GET portals` tells it."""
    return {
        "id": "meridian",
        "name": "Meridian Health",
        "base_address": base,
        "hosts": [f"{base}/*"],
        "permission": "person_drives",
        "permission_reason": "",
        "claim_number": [
            {
                "selector": "[data-claim]",
                "attribute": "data-claim",
                "pattern": None,
                "scope": "row",
            },
            {
                "selector": "#claim-number",
                "attribute": None,
                "pattern": "([A-Z0-9-]{6,})",
                "scope": "page",
            },
        ],
        "procedure": [
            {"selector": "td.procedure", "attribute": None, "pattern": None, "scope": "row"}
        ],
        "crosswalk": {"XQ410": "CO-107"},
        "payer_id": "60054",
    } | changes


@dataclass
class Seen:
    """One request as it came in: every byte of it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def raw(self) -> bytes:
        heads = "\n".join(f"{name}: {value}" for name, value in self.headers.items())
        return f"{self.method} {self.path}\n{heads}\n\n".encode() + self.body


class Server:
    """A threading HTTP server on loopback that keeps what it was asked."""

    def __init__(self, answer: Callable[[Seen, BaseHTTPRequestHandler], None]) -> None:
        self.seen: list[Seen] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _any(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else b""
                seen = Seen(self.command, self.path, dict(self.headers), body, time.monotonic())
                outer.seen.append(seen)
                answer(seen, self)

            do_GET = do_POST = do_DELETE = do_OPTIONS = do_HEAD = _any

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def reply(
    handler: BaseHTTPRequestHandler,
    body: bytes | str,
    kind: str = "text/html; charset=utf-8",
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> None:
    content = body.encode() if isinstance(body, str) else body
    try:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)
    except OSError:
        handler.close_connection = True


@dataclass
class Api:
    """The API's side. `mode` says what kind of day it has; change it at any time."""

    mode: str = "well"
    portals: list[dict[str, Any]] = field(default_factory=list)
    lines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Lines by claim number in clear; the answers go by hash."""
    code: str = "PAIR-1234"
    delay: float = 0.0
    bundle: dict[str, Any] = field(default_factory=lambda: catalogue().bundle())
    revoked: bool = False

    def answer(self, seen: Seen, handler: BaseHTTPRequestHandler) -> None:
        if self.mode == "hanging":
            time.sleep(60)
        if self.mode == "slow":
            time.sleep(2)
        if self.delay:
            time.sleep(self.delay)
        if self.mode == "html":
            return reply(handler, f"<!doctype html><h1>Sign in</h1>{SCRIPT}")
        if self.mode == "redirect":
            where = {"Location": "http://127.0.0.1:9/stolen"}
            return reply(handler, b"", status=302, headers=where)
        if self.mode == "huge":
            return self._huge(handler)
        if self.mode == "error":
            problem = {"type": "about:blank", "title": "broken", "status": 500}
            return reply(handler, json.dumps(problem), "application/problem+json", 500)
        if self.mode == "garbage":
            return reply(handler, '{"matches": {"x": [', "application/json")
        if self.mode == "types":
            return reply(
                handler, '{"matches": [], "portals": 7, "groups": null}', "application/json"
            )
        path = seen.path.removeprefix("/api/v1/").split("?")[0]
        if path == "pairing" and seen.method == "POST":
            return self._pair(seen, handler)
        if self.revoked or seen.headers.get("Authorization") != f"Bearer {TOKEN}":
            return reply(handler, '{"status": 401, "title": "no"}', "application/problem+json", 401)
        if path == "pairing":
            self.revoked = True
            return reply(handler, "", status=204)
        if path == "codes/bundle":
            return self._bundle(seen, handler)
        if path == "portals":
            return self._json(handler, {"portals": self.portals})
        if path == "lines/match":
            return self._json(handler, {"matches": self._matches(seen.json["hashes"])})
        if path == "lines/summary":
            states = [
                {"state": "ready", "name": "Ready", "lines": 3, "amount": "3450.00"},
                {"state": "review", "name": "Review", "lines": 5, "amount": "912.10"},
            ]
            return self._json(handler, {"states": states})
        if path == "intake/observation":
            return self._json(handler, {"taken": True, "outcome": "found"})
        return reply(handler, '{"status": 404}', "application/problem+json", 404)

    def _json(self, handler: BaseHTTPRequestHandler, value: object) -> None:
        reply(handler, json.dumps(value), "application/json")

    def _matches(self, hashes: list[str]) -> dict[str, list[dict[str, Any]]]:
        known = {claim_hash(claim): lines for claim, lines in self.lines.items()}
        matches = {each: known[each] for each in hashes if each in known}
        if self.mode == "script":
            hostile = line(
                missing={"text": SCRIPT, "procedures": []},
                next_step=SCRIPT,
                why_now=SCRIPT,
                rule_text=SCRIPT,
                found_at="x" * 200_000,
                state='ready"><script>',
                code="CO-107",
            )
            return {hashes[0]: [hostile]}
        return matches

    def _pair(self, seen: Seen, handler: BaseHTTPRequestHandler) -> None:
        if seen.json.get("code") != self.code:
            reply(handler, '{"status": 404}', "application/problem+json", 404)
            return
        self.revoked = False
        key, other = (base64.b64encode(each).decode() for each in (KEY, OTHER_KEY))
        self._json(
            handler,
            {
                "token": TOKEN,
                "token_id": 1,
                "scopes": ["codes", "lines:read", "observe"],
                "match_key": key,
                "practice": "test",
                "practices": [
                    {"practice": "test", "name": "Test Practice", "match_key": key},
                    {"practice": "other", "name": "", "match_key": other},
                ],
                "server_version": "0.1.0",
            },
        )

    def _bundle(self, seen: Seen, handler: BaseHTTPRequestHandler) -> None:
        etag = f'"{self.bundle["version"]}"'
        if seen.headers.get("If-None-Match") == etag:
            reply(handler, b"", "application/json", 304, {"ETag": etag})
            return
        body = gzip.compress(json.dumps(self.bundle).encode())
        reply(handler, body, "application/json", 200, {"ETag": etag, "Content-Encoding": "gzip"})

    @staticmethod
    def _huge(handler: BaseHTTPRequestHandler) -> None:
        size = 50 << 20
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(size))
        handler.end_headers()
        try:
            handler.wfile.write(b'{"matches": "')
            for _ in range(size >> 16):
                handler.wfile.write(b"x" * (1 << 16))
        except OSError:
            pass
        handler.close_connection = True


def pages(seen: Seen, handler: BaseHTTPRequestHandler) -> None:
    """Files of `pages/`; `csp-` names come with a strict policy; node modules under /modules/."""
    path = seen.path.split("?")[0].lstrip("/")
    if path.startswith("modules/"):
        file = (MODULES / path.removeprefix("modules/")).resolve()
        inside = file.is_relative_to(MODULES) and file.is_file()
        return reply(
            handler, file.read_bytes() if inside else b"", "text/javascript", 200 if inside else 404
        )
    if path.startswith("rows/"):
        from tests.browser.rows import rows_page

        return reply(handler, rows_page(int(path.removeprefix("rows/"))))
    file = PAGES / path
    if seen.method == "POST" and path == "postback.html":
        return reply(
            handler, file.read_text().replace("CO-107", "PR-1").replace("first load", "posted back")
        )
    if not path or not file.resolve().is_relative_to(PAGES) or not file.is_file():
        return reply(handler, "not here", status=404)
    headers = {"Content-Security-Policy": _STRICT} if path.startswith("csp") else {}
    return reply(handler, file.read_bytes(), headers=headers)


@contextmanager
def page_server() -> Iterator[Server]:
    server = Server(pages)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def api_server(api: Api) -> Iterator[Server]:
    server = Server(api.answer)
    try:
        yield server
    finally:
        server.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
