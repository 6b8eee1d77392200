import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from scrapers.pacing import Paces, is_quiet
from scrapers.portal import Pacing, Portal


def portal(**pacing: object) -> Portal:
    return Portal(id="p", name="P", family="meridian", pacing=Pacing(**pacing))


@pytest.mark.parametrize(
    ("start", "end", "hour", "quiet"),
    [
        ("01:00", "05:00", 6, True),  # 01:00 in New York in winter is 06:00 UTC
        ("01:00", "05:00", 5, False),
        ("22:00", "04:00", 8, True),
        ("22:00", "04:00", 4, True),
        ("22:00", "04:00", 10, False),
        ("04:00", "04:00", 9, False),
        (None, None, 6, False),
    ],
)
def test_quiet_hours_are_the_portals_own(start, end, hour, quiet):
    pacing = Pacing(quiet_from=start, quiet_to=end)
    assert is_quiet(pacing, datetime(2026, 1, 15, hour, 30, tzinfo=UTC)) is quiet


async def test_looks_are_spaced_without_a_burst_whoever_shares_the_portal():
    paces, times = Paces(), []

    async def look() -> None:
        await paces.turn(portal(looks_per_minute=600))
        times.append(time.monotonic())

    await asyncio.gather(*(look() for _ in range(4)))
    gaps = [later - sooner for sooner, later in pairwise(times)]
    assert min(gaps) > 0.08, gaps
