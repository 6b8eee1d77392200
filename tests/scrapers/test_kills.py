"""Workers killed with -9 at random moments: nothing lost, nothing double, on both databases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from night_worker import TODAY
from nights import SEED, Night

from scrapers.sandbox.serve import RunningSandbox, running_sandbox

PORTALS = ("meridian", "harbor")
MORE = 12
KILLS = 10


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(SEED, TODAY, more=MORE, delay=0.03) as running:
        yield running


@pytest.fixture(scope="module")
def undisturbed(
    sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """What a night without a kill decides."""
    night = Night(tmp_path_factory.mktemp("calm"), sandbox, PORTALS, MORE)
    night.bring_in()
    try:
        sweep = night.start()
        _, err = night.run("work", "calm", sweep).communicate(timeout=180)
        states = night.visits(sweep)
        assert set(states) == {"done"}, err[-3000:]
        assert states["done"] > 2 * MORE
        return night.decisions()
    finally:
        night.end()


@pytest.mark.browser
@pytest.mark.timeout(600)
def test_killed_workers_lose_nothing_on_sqlite(
    sandbox: RunningSandbox, undisturbed: dict, tmp_path: Path
) -> None:
    night = Night(tmp_path, sandbox, PORTALS, MORE)
    _killed_night(night, ("one",), undisturbed)


@pytest.mark.browser
@pytest.mark.postgres
@pytest.mark.timeout(600)
def test_killed_workers_lose_nothing_on_postgresql_with_two_workers(
    sandbox: RunningSandbox, undisturbed: dict, tmp_path: Path, postgres: object
) -> None:
    night = Night(
        tmp_path,
        sandbox,
        PORTALS,
        MORE,
        store_url=postgres.database("kills_store"),
        engine_url=postgres.database("kills_engine"),
    )
    _killed_night(night, ("one", "two"), undisturbed)


def _killed_night(night: Night, names: tuple[str, ...], undisturbed: dict) -> None:
    night.bring_in()
    nights = 0
    try:
        while night.kills < KILLS and nights < 5:
            sweep = night.start()
            night.kill_at_random(sweep, names, KILLS, seed=nights)
            nights += 1
            assert set(night.visits(sweep)) == {"done"}
        assert night.kills >= KILLS
        assert night.decisions() == undisturbed
    finally:
        night.end()
