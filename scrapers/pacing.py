"""How gently a portal is used: looks a minute inside this worker, and its quiet hours."""

from __future__ import annotations

from datetime import datetime

from aiolimiter import AsyncLimiter

from scrapers.portal import Pacing, Portal


class Paces:
    """One limiter a portal in this process, whatever the accounts that share it.

    Strict on purpose: no burst, each look waits its turn.
    """

    def __init__(self) -> None:
        self._limiters: dict[str, tuple[float, AsyncLimiter]] = {}

    async def turn(self, portal: Portal) -> None:
        """Wait until one more look at the portal is due."""
        rate = portal.pacing.looks_per_minute
        known = self._limiters.get(portal.id)
        if known is None or known[0] != rate:
            # One look per period: aiolimiter would let a whole minute's worth through at once.
            known = (rate, AsyncLimiter(1, 60 / rate))
            self._limiters[portal.id] = known
        await known[1].acquire()


def is_quiet(pacing: Pacing, at: datetime) -> bool:
    """Whether a moment (aware) lies in the portal's quiet hours; they may span midnight."""
    start, end = pacing.quiet_from, pacing.quiet_to
    if start is None or end is None or start == end:
        return False
    local = at.astimezone(pacing.zone()).time()
    if start < end:
        return start <= local < end
    return local >= start or local < end
