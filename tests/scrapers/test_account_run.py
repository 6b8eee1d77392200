"""One account's run without a browser: holdings, pauses, what a person is asked, and when."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from scrapers import account_run
from scrapers.account_run import Surround, broken, run_account
from scrapers.capture import Capture
from scrapers.errors import SiteDown, SlowDown
from scrapers.pacing import Paces
from scrapers.portal import Pacing, Portal
from scrapers.record import look_of
from scrapers.secrets import Credentials
from scrapers.visit import Visit
from server.settings import SweepSettings
from server.store import accounts, sweeps
from server.store.sweeps import Wanted

SWEEP = "20260302T023000-default"
PORTAL = Portal(
    id="acme", name="Acme", family="thicket", base_address="https://acme.example",
    payer={"ids": ["ACME"], "name": "Acme"}, pacing=Pacing(looks_per_minute=60_000),
)  # fmt: skip


class Portals:
    """What the portal does at each visit: gives an answer, or raises what is next in line."""

    def __init__(self, *ends):
        self.ends, self.visits = list(ends), []

    async def visit(self, _page, portal, ref):
        self.visits.append(ref.claim)
        end = self.ends.pop(0) if self.ends else None
        if callable(end):
            end = end()
        if isinstance(end, Exception):
            raise end
        capture = Capture(portal.id, ref, (), datetime(2026, 3, 2, tzinfo=UTC))
        return Visit(look_of(capture, portal, "not_found"), capture)


class Contexts:
    """A browser that opens nothing."""

    async def new_context(self, _portal, _state):
        async def nothing():
            return {}

        return SimpleNamespace(storage_state=nothing, close=nothing)


@pytest.fixture
def account(store):
    accounts.add(store, "office", "default", "acme", "test")
    plan(store, SWEEP)
    return accounts.one(store, "office")


def plan(store, sweep):
    sweeps.begin(store, sweep, "default", "test")
    sweeps.plan_account(store, sweep, "default", "office", "acme", [Wanted("C1"), Wanted("C2")])


@pytest.fixture
def run(store, store_settings, monkeypatch):
    """Run the account against a portal that behaves so."""
    signed_in = []

    async def sign_in(*_, **__):
        signed_in.append(1)
        return object()

    monkeypatch.setattr(account_run, "sign_in", sign_in)
    monkeypatch.setattr(
        account_run, "credentials", lambda *_: Credentials("canary-user", "canary-password")
    )
    monkeypatch.setattr(account_run, "_LOOK_AGAIN_SECONDS", 0.02)

    async def go(account, portals=None, sweep=SWEEP, **told):
        portals = portals or Portals()
        monkeypatch.setattr(account_run, "visit", portals.visit)
        chosen = store_settings.model_copy(update={"sweep": SweepSettings(**told)})
        around = Surround(store, chosen, Contexts(), Paces(), "w1", lambda: date(2026, 3, 2))
        return await run_account(around, PORTAL, account, sweep)

    go.signed_in = signed_in
    return go


def told(store, sweep=SWEEP):
    return sweeps.report(store, {"default"}, sweep).accounts[0]


async def test_every_planned_claim_is_looked_at_once(store, account, run):
    portals = Portals()
    assert await run(account, portals) == "done"
    assert portals.visits == ["C1", "C2"]
    assert told(store).outcomes == {"not_found": 2}
    assert await run(account, portals) == "done"
    assert (portals.visits, len(run.signed_in)) == (["C1", "C2"], 1)
    assert accounts.hold(store, "office", "next")


async def test_an_account_another_sweep_holds_is_named_not_waited_for(store, account, run):
    accounts.hold(store, "office", "elsewhere")
    assert await run(account) == "skipped"
    assert (told(store).error, told(store).unread) == ("Busy", 2)
    assert run.signed_in == []


async def test_a_run_that_was_taken_over_leaves_the_end_to_the_other(store, account, run):
    """Its worker was taken for dead while it still read: it must neither go on nor end the part."""

    def taken_over():
        with store.writing() as connection:
            accounts.release_all_of(connection, "w1")
        assert accounts.hold(store, "office", "w2")

    portals = Portals(taken_over)
    going = asyncio.create_task(run(account, portals))
    while not portals.visits:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    assert not going.done()
    assert portals.visits == ["C1"]
    assert (told(store).state, told(store).planned) == ("running", 2)
    sweeps.leave_unread(store, SWEEP, "office", "SiteDown", "as the other found")
    sweeps.set_account(store, SWEEP, "office", "failed", "SiteDown", "as the other found")
    assert await asyncio.wait_for(going, 5) == "failed"


async def test_a_holding_is_prolonged_however_long_a_page_takes(store, account, run, monkeypatch):
    monkeypatch.setattr(accounts, "HOLD", timedelta(seconds=1.5))
    monkeypatch.setattr(account_run, "_RENEW_SECONDS", 0.1)
    seen = []

    class Slow(Portals):
        async def visit(self, page, portal, ref):
            if ref.claim == "C1":
                await asyncio.sleep(1.7)
                seen.append(accounts.hold(store, "office", "thief"))
            return await super().visit(page, portal, ref)

    assert await run(account, Slow()) == "done"
    assert seen == [None]


async def test_a_wait_longer_than_allowed_ends_the_account_at_once(store, account, run):
    hour = SlowDown("acme", what="status 429", retry_after=timedelta(hours=1))
    portals = Portals(hour)
    assert await asyncio.wait_for(run(account, portals, tries=4, try_minutes=10), 5) == "failed"
    assert portals.visits == ["C1"]
    assert (told(store).error, told(store).failed, told(store).unread) == ("SlowDown", 1, 1)


def test_a_pause_is_never_shorter_than_the_portal_asked_for():
    def after(error, attempt):
        outcome = SimpleNamespace(exception=lambda: error)
        return account_run._pause(SimpleNamespace(outcome=outcome, attempt_number=attempt))

    asked = SlowDown("acme", retry_after=timedelta(seconds=90))
    assert after(asked, 1) == 90
    assert 1 <= after(SlowDown("acme"), 1) <= 3
    assert 8 <= after(SiteDown("acme"), 4) <= 10
    assert after(SiteDown("acme"), 12) <= 120


async def test_a_person_is_asked_after_the_second_night_a_site_is_down(store, account, run):
    await run(account, Portals(SiteDown("acme")), tries=1)
    assert SiteDown.asks not in told(store).reason
    first = told(store).reason
    state = sweeps.portal_state(store, "default", "acme")
    sweeps.set_portal_state(
        store,
        "default",
        sweeps.PortalState(
            **{name: getattr(state, name) for name in state.__slots__}
            | {"since": state.since - timedelta(days=1)}
        ),
    )
    plan(store, "next-night")
    await run(account, Portals(SiteDown("acme")), "next-night", tries=1)
    assert told(store, "next-night").reason == f"{first}; {SiteDown.asks}"


def test_a_run_that_broke_down_is_named_and_what_was_read_stays(store, account):
    first = sweeps.left(store, SWEEP, "office")[0]
    sweeps.note_visit(store, first.visit, sweeps.Seen("done", outcome="pending"))
    broken(store, SWEEP, "office", "StoreFullError")
    assert (told(store).state, told(store).error) == ("failed", "StoreFullError")
    assert (told(store).outcomes, told(store).unread) == ({"pending": 1}, 1)
    sweeps.set_account(store, SWEEP, "office", "done")
    broken(store, SWEEP, "office", "StoreFullError")
    assert told(store).state == "done"
