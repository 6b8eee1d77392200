"""What a request needs from around it: settings, store, catalogue and clock, handed over once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from flask import current_app

from server.settings import Settings
from server.store import Store

EXTENSION = "remitlens"


def wall_clock() -> datetime:
    """The edge's clock."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Surroundings:
    """Handed to the application when it is made; tests give their own clock."""

    settings: Settings
    store: Store
    now: Callable[[], datetime] = field(default=wall_clock)

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone days are counted in."""
        return ZoneInfo(self.settings.sweep.time_zone)

    def today(self) -> date:
        """The day deadlines are counted from."""
        return self.now().astimezone(self.zone).date()

    @property
    def by_tls(self) -> bool:
        """Whether browsers reach us by TLS, of our own or a proxy's."""
        server = self.settings.server
        return bool(server.tls_certificate) or server.behind_proxy


def around() -> Surroundings:
    """The surroundings of the request being answered."""
    found: Surroundings = current_app.extensions[EXTENSION]
    return found
