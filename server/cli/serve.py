"""`remitlens serve`: the API and the worklist."""

from __future__ import annotations

import os

import click

from server.serving import serve as run
from server.settings import settings


@click.command()
@click.option("--host", help="Address to listen on; anything but loopback needs TLS or a proxy.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes.")
def serve(host: str | None, port: int | None, workers: int | None) -> None:
    """Serve the API and the worklist until stopped (Ctrl-C).

    Refuses to listen beyond this machine without TLS or a stated proxy in front.
    """
    given = {"HOST": host, "PORT": port, "WORKERS": workers}
    for name, value in given.items():
        if value is not None:
            # Worker processes read the settings for themselves: the environment reaches them.
            os.environ[f"REMITLENS_SERVER__{name}"] = str(value)
    settings.cache_clear()
    run(settings())
