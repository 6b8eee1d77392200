"""Serving the sandbox on loopback: in a thread for tests and demos, in front for a person."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from flask import Flask
from werkzeug.serving import BaseWSGIServer, make_server

from scrapers.sandbox.app import create_sandbox
from scrapers.sandbox.claims import PORTALS
from scrapers.sandbox.desk import Desk, account_of
from scrapers.sandbox.world import World
from scrapers.secrets import Credentials
from server.errors import UserError

DEFAULT_PORT = 8740
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class RunningSandbox:
    """A sandbox that answers."""

    address: str
    world: World
    desk: Desk
    addresses: Mapping[str, str]
    """Each portal's own origin; all the same where one port serves them."""

    def base(self, portal: str) -> str:
        """The portal's base address."""
        return f"{self.addresses[portal]}/{portal}"

    def credentials(self, portal: str, account: str = "office") -> Credentials:
        return account_of(portal, account)

    def counts(self, portal: str, account: str = "office") -> dict[str, int]:
        """What the portal counted for an account: submits, sign_ins, looks, ..."""
        return self.desk.counts().get(portal, {}).get(account, {})

    def fault(self, portal: str, account: str, fault: str) -> None:
        """Switch a fault on for an account; "" switches it off."""
        with self.desk.lock:
            self.desk.faults[(portal, account)] = fault


def _bound(host: str, port: int, app: Flask) -> BaseWSGIServer:
    """A server on a socket bound here: a taken port is our one line, not Werkzeug's several."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.create_server((host, port), family=family, backlog=128) as taken:
            return make_server(host, port, app, threaded=True, fd=taken.fileno())
    except OSError:
        raise UserError(f"port {port} on {host} is in use; choose another with --port") from None


def _servers(host: str, port: int, app: Flask, apart: bool) -> list[BaseWSGIServer]:
    """One server, or one a portal on ports one after another (any free ones where `port` is 0)."""
    if host not in _LOOPBACK:
        raise UserError(f"the sandbox serves this machine only: {host} is not a loopback address")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bound: list[BaseWSGIServer] = []
    try:
        for place in range(len(PORTALS) if apart else 1):
            bound.append(_bound(host, port + place if port else 0, app))
    except UserError:
        for server in bound:
            server.server_close()
        raise
    return bound


@contextmanager
def running_sandbox(
    seed: int = 107,
    today: date | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    more: int = 0,
    delay: float = 0.15,
    apart: bool = False,
) -> Iterator[RunningSandbox]:
    """A sandbox in threads of this process; `port` 0 takes a free one. Raises UserError.

    `apart` gives each portal a port of its own, from `port` on, as `config/portals` has them: so
    each is an origin of its own, as real portals are.
    """
    app = create_sandbox(seed, today, more=more, delay=delay)
    world, desk = app.extensions["sandbox"]
    servers = _servers(host, port, app, apart)
    threads = [
        threading.Thread(target=one.serve_forever, name="sandbox", daemon=True) for one in servers
    ]
    for thread in threads:
        thread.start()
    origins = [f"http://{host}:{one.port}" for one in servers]
    addresses = dict(zip(PORTALS, origins if apart else origins * len(PORTALS), strict=True))
    app.extensions["sandbox_addresses"] = addresses
    try:
        yield RunningSandbox(origins[0], world, desk, addresses)
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join(timeout=5)


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    *,
    seed: int = 107,
    today: date | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve each portal on a port of its own until interrupted. Raises UserError: port taken."""
    with running_sandbox(seed, today, host=host, port=port, apart=True):
        say(f"Seven sandbox payers, listed at http://{host}:{port}/ (Ctrl-C ends)")
        threading.Event().wait()
