"""Serving the sandbox on loopback: in a thread for tests and demos, in front for a person."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from werkzeug.serving import BaseWSGIServer, make_server

from scrapers.sandbox.app import create_sandbox
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

    def base(self, portal: str) -> str:
        """The portal's base address."""
        return f"{self.address}/{portal}"

    def credentials(self, portal: str, account: str = "office") -> Credentials:
        return account_of(portal, account)

    def counts(self, portal: str, account: str = "office") -> dict[str, int]:
        """What the portal counted for an account: submits, sign_ins, looks, ..."""
        return self.desk.counts().get(portal, {}).get(account, {})

    def fault(self, portal: str, account: str, fault: str) -> None:
        """Switch a fault on for an account; "" switches it off."""
        with self.desk.lock:
            self.desk.faults[(portal, account)] = fault


def _server(host: str, port: int, **given: object) -> tuple[BaseWSGIServer, World, Desk]:
    if host not in _LOOPBACK:
        raise UserError(f"the sandbox serves this machine only: {host} is not a loopback address")
    app = create_sandbox(**given)  # type: ignore[arg-type]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    try:
        server = make_server(host, port, app, threaded=True)
    except (OSError, SystemExit):
        raise UserError(f"port {port} on {host} is in use; choose another with --port") from None
    world, desk = app.extensions["sandbox"]
    return server, world, desk


@contextmanager
def running_sandbox(
    seed: int = 107,
    today: date | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    more: int = 0,
    delay: float = 0.15,
) -> Iterator[RunningSandbox]:
    """A sandbox in a thread of this process; `port` 0 takes a free one. Raises UserError."""
    server, world, desk = _server(host, port, seed=seed, today=today, more=more, delay=delay)
    thread = threading.Thread(target=server.serve_forever, name="sandbox", daemon=True)
    thread.start()
    try:
        yield RunningSandbox(f"http://{host}:{server.server_port}", world, desk)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def serve(
    host: str = "127.0.0.1", port: int = DEFAULT_PORT, *, seed: int = 107, today: date | None = None
) -> None:
    """Serve until interrupted. Raises UserError where the port is taken."""
    server, _, _ = _server(host, port, seed=seed, today=today)
    try:
        server.serve_forever()
    finally:
        server.server_close()
