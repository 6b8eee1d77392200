"""How often one caller may ask: Flask-Limiter on every route, stricter where guessing would pay.

Counts live in this process's memory: with N worker processes a caller gets up to N times as many.
What must not depend on that (five tries at a pairing code, five at a password) is counted in the
store. The route of a single code hits the limiter's own strategy directly (`hit`): the same count,
a fifth of the cost.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage

from server.security.callers import current_caller
from server.security.problems import Problem

PAIRING = "10 per minute; 60 per hour"
SIGN_IN = "10 per minute; 100 per hour"
INTAKE = "300 per minute"
SWEEPS = "10 per minute"
_MOST_COUNTED = 20_000


class SteadyMemory(MemoryStorage):
    """Counts whose windows end by a clock that nobody sets.

    By the wall clock a window would last a day longer where that is set back a day, and whoever
    had used theirs up would be turned away for as long.
    """

    STORAGE_SCHEME = ["steady"]  # noqa: RUF012  the base class has it so

    def __init__(self, *given: Any, clock: Callable[[], float] = time.monotonic, **more: Any):
        super().__init__(*given, **more)
        self._clock = clock
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count so many; how many they are in this window."""
        with self._lock:
            now = self._clock()
            if self._ends.get(key, 0.0) <= now:
                if len(self._ends) >= _MOST_COUNTED:
                    self._forget_ended(now)
                self._ends[key], self.storage[key] = now + expiry, 0
            self.storage[key] += amount
            return self.storage[key]

    def _forget_ended(self, now: float) -> None:
        for key in [one for one, end in self._ends.items() if end <= now]:
            del self._ends[key], self.storage[key]

    def get(self, key: str) -> int:
        """How many there are in this window."""
        return self.storage.get(key, 0) if self._ends.get(key, 0.0) > self._clock() else 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, by the wall clock as it stands now."""
        return time.time() + max(self._ends.get(key, 0.0) - self._clock(), 0.0)

    def clear(self, key: str) -> None:
        """Forget one count."""
        with self._lock:
            self._ends.pop(key, None)
            self.storage.pop(key, None)

    def reset(self) -> int | None:
        """Forget all counts."""
        with self._lock:
            many = len(self._ends)
            self._ends.clear()
            self.storage.clear()
            return many


def caller_key() -> str:
    """One count a token or person; of those not known, one an address."""
    caller = current_caller()
    return caller.tag if caller.id else address_key()


def address_key() -> str:
    """The caller's network address (the proxy's word for it, where one is stated)."""
    return "at:" + (request.remote_addr or "?")


def make_limiter(per_minute: int) -> Limiter:
    """The limiter, with the default for every route that states none of its own."""
    return Limiter(
        caller_key,
        default_limits=[f"{per_minute} per minute"],
        storage_uri="steady://",
        strategy="fixed-window",
        headers_enabled=False,
    )


def slow_down(
    app: Flask, limiter: Limiter, endpoint: str, rate: str, key: Callable[[], str] = caller_key
) -> None:
    """Give one address a limit of its own, in the place of the default."""
    view: Any = limiter.limit(rate, key_func=key)(app.view_functions[endpoint])
    app.view_functions[endpoint] = view


class LightCount:
    """The default limit, counted by the limiter's strategy without its per-request machinery."""

    def __init__(self, limiter: Limiter, per_minute: int) -> None:
        self._limiter = limiter
        self._item: RateLimitItem = RateLimitItemPerMinute(per_minute)

    def hit(self, key: str) -> None:
        """Count one request of a caller; raises a 429 Problem where it is one too many."""
        strategy = self._limiter.limiter
        if not strategy.hit(self._item, "light", key):
            window = strategy.get_window_stats(self._item, "light", key)
            raise too_many(int(window.reset_time - time.time()) + 1)


def too_many(seconds: int) -> Problem:
    """429 with how long to wait."""
    return Problem(
        429,
        "too-many",
        "Too many requests",
        "Too many requests; wait as long as Retry-After says.",
        headers={"Retry-After": str(max(seconds, 1))},
    )
