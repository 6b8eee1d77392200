"""How the application is served: granian's worker processes, or waitress where granian is not.

`worker()` is what a worker process calls: it reads the settings again (the environment carries
what the command line set) and opens the store for itself.
"""

from __future__ import annotations

import atexit
import errno
import importlib.util
import ipaddress
import logging
import os
import socket
import ssl
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server import logs
from server.api.metrics import MULTIPROCESS
from server.errors import UserError
from server.settings import ServerSettings, Settings, settings
from server.store import open_store

if TYPE_CHECKING:
    from apiflask import APIFlask

TARGET = "server.serving:worker"
THREADS = 16
BACKLOG = 1024
HEADER_SECONDS = 10


class ServeError(UserError):
    """The server cannot start as asked."""


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check(server: ServerSettings) -> None:
    """Refuse what would send patients' records over a network in the clear."""
    if bool(server.tls_certificate) != bool(server.tls_key):
        raise ServeError("server.tls_certificate and server.tls_key go together; one is empty")
    if server.tls_certificate:
        _check_tls(server)
    elif not is_loopback(server.host) and not server.behind_proxy:
        raise ServeError(
            f"server.host {server.host} is not loopback: give server.tls_certificate and "
            "server.tls_key, or state server.behind_proxy = true"
        )
    _check_port(server)


def _check_tls(server: ServerSettings) -> None:
    for name in (server.tls_certificate, server.tls_key):
        if not Path(name).is_file():
            raise ServeError(f"{name}: no such file")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(server.tls_certificate, server.tls_key)
    except (ssl.SSLError, OSError):
        raise ServeError(
            f"{server.tls_certificate}: certificate and key cannot be used together (PEM wanted)"
        ) from None


def _check_port(server: ServerSettings) -> None:
    host = server.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server itself will, so that a port left a moment ago is free; two that listen
        # still collide.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, server.port))
        except OSError as error:
            what = {
                errno.EADDRINUSE: "the port is in use by another program",
                errno.EACCES: "the port needs more rights",
                errno.EADDRNOTAVAIL: "this machine does not have that address",
            }.get(error.errno or 0, "it cannot be listened on")
            raise ServeError(f"{server.host}:{server.port}: {what}") from None


def serve(asked: Settings) -> None:
    """Serve until stopped. Raises UserError before anything listens."""
    check(asked.server)
    # Opened once here: migrates, and a missing or wrong key is one line instead of a dead worker.
    open_store(asked).close()
    logs.set_up()
    scheme = "https" if asked.server.tls_certificate else "http"
    print(f"remitlens: {scheme}://{asked.server.host}:{asked.server.port} (Ctrl-C stops)")
    logs.log().info("started", port=asked.server.port, workers=asked.server.workers)
    if importlib.util.find_spec("granian") is not None:
        _granian(asked.server)
    else:
        _waitress(asked)
    logs.log().info("stopped")


def worker() -> Any:
    """What one worker process of granian serves."""
    from server.app import QUICK
    from server.doorway import Doorway

    logs.set_up()
    # Its messages about a client's broken connection may quote what was sent.
    logging.getLogger("_granian").handlers.clear()
    logging.getLogger("_granian").propagate = True
    app = application(settings())
    threading.Thread(target=settle, args=(app,), name="settle", daemon=True).start()
    return Doorway(app, app.extensions[QUICK], THREADS)


def application(asked: Settings) -> APIFlask:
    """The application on a store of its own, closed when the process ends."""
    from server.app import create_app

    store = open_store(asked, migrate=False)
    atexit.register(store.close)
    return create_app(asked, store)


def settle(app: APIFlask) -> None:
    """Decide what an import was cut off from: a process may have died between its two steps."""
    from server.intake.deciding import decide_due
    from server.security.surroundings import EXTENSION, Surroundings
    from server.store import practices

    around: Surroundings = app.extensions[EXTENSION]
    for practice in practices.all_of(around.store):
        try:
            done = decide_due(around.store, practice.id, around.today(), around.settings)
        except UserError as error:
            # The next import takes it up again.
            logs.log().warning("crashed", **logs.described(error))
            return
        if done.decided:
            logs.log().info("decided", practice=practice.id, count=done.decided)


def _granian(server: ServerSettings) -> None:
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels
    from granian.server import Server

    if server.workers > 1:
        # Counts of all workers meet in this folder; set before a worker imports the client.
        os.environ[MULTIPROCESS] = tempfile.mkdtemp(prefix="remitlens-counts-")
    tls: dict[str, Any] = {}
    if server.tls_certificate:
        tls = {"ssl_cert": Path(server.tls_certificate), "ssl_key": Path(server.tls_key)}
    Server(
        TARGET,
        address=server.host.strip("[]"),
        port=server.port,
        interface=Interfaces.RSGI,
        workers=server.workers,
        backpressure=BACKLOG,
        backlog=BACKLOG,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        log_level=LogLevels.error,
        log_access=False,
        factory=True,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        **tls,
    ).serve()


def _waitress(asked: Settings) -> None:
    import waitress  # type: ignore[import-untyped]

    server = asked.server
    if server.tls_certificate:
        raise ServeError("TLS needs granian, which is not installed; put a proxy in front")
    waitress.serve(
        application(asked),
        host=server.host.strip("[]"),
        port=server.port,
        threads=THREADS,
        ident="",
        channel_timeout=HEADER_SECONDS * 3,
        max_request_body_size=asked.intake.max_file_mib * 2**20 + 1,
        clear_untrusted_proxy_headers=False,
    )
