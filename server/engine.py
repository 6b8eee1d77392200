"""The job engine by name: what the server may ask of it without knowing who does the work.

The names are a contract between whoever asks for a sweep (API, pages, command line) and the workers
in `scrapers`. Only ids go through.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path

from server.settings import Settings

APPLICATION = "remitlens"
VERSION = "1"
"""Goes up when a workflow's steps change order: workers take only work of their own version."""
SWEEPS_QUEUE = "sweeps"
SWEEP_WORKFLOW = "sweep_practice"
NIGHT_WORKFLOW = "sweep_night"


def new_sweep_id(at: datetime) -> str:
    """An id that sorts by time and repeats for nobody."""
    return f"{at:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"


def engine_url(settings: Settings) -> str:
    """The engine's database, with the driver we ship."""
    url = settings.engine_url
    for name in ("postgresql://", "postgres://"):
        if url.startswith(name):
            return "postgresql+psycopg://" + url.removeprefix(name)
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return url


def ask_for_sweep(settings: Settings, practice: str, asked_by: str, at: datetime) -> str:
    """Put a sweep of one practice on the queue, to be done by any worker; its id."""
    from dbos import DBOS, DBOSClient, EnqueueOptions

    sweep, url = new_sweep_id(at), engine_url(settings)
    # No worker may have run yet: whoever comes first makes the engine's tables.
    DBOS.migrate(url)
    client = DBOSClient(system_database_url=url)
    try:
        options: EnqueueOptions = {
            "queue_name": SWEEPS_QUEUE,
            "workflow_name": SWEEP_WORKFLOW,
            "workflow_id": sweep,
            "app_version": VERSION,
        }
        client.enqueue(options, sweep, practice, asked_by)
    finally:
        client.destroy()
    return sweep
