"""Real headless Chromium on the sandbox portals: what was read is the truth, line for line."""

import asyncio
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from scrapers.browser import Browsers
from scrapers.errors import PermissionMissing, SessionExpired
from scrapers.login import sign_in
from scrapers.portal import load_portals
from scrapers.sandbox.claims import PORTALS, comparable
from scrapers.sandbox.serve import running_sandbox
from scrapers.visit import visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(today=date(2026, 3, 2), delay=0.06) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browsers():
    async with Browsers() as started:
        yield started


@pytest.mark.parametrize("name", PORTALS)
async def test_every_look_is_the_truth(sandbox, browsers, name):
    portal = load_portals(CONFIG)[name].moved_to(sandbox.base(name))
    context = await browsers.new_context(portal)
    page = await sign_in(context, portal, sandbox.credentials(name))
    expired = 0
    for claim in sandbox.world.of(name):
        try:
            seen = await visit(page, portal, claim.ref)
        except SessionExpired:
            expired += 1
            page = await sign_in(context, portal, sandbox.credentials(name))
            seen = await visit(page, portal, claim.ref)
        assert comparable(seen.look) == claim.truth(name), claim.ref.claim
        assert seen.look.source.digest == seen.capture.digest
    assert expired == (1 if name == "northgate" else 0)
    assert sandbox.counts(name)["submits"] == 1 + expired


async def test_a_kept_sign_in_submits_nothing(sandbox, browsers):
    portal = load_portals(CONFIG)["meridian"].moved_to(sandbox.base("meridian"))
    credentials = sandbox.credentials("meridian", "office-7")
    first = await browsers.new_context(portal)
    await sign_in(first, portal, credentials)
    state = await first.storage_state()
    await first.close()
    second = await browsers.new_context(portal, state)
    await sign_in(second, portal, credentials)
    assert sandbox.counts("meridian", "office-7")["submits"] == 1


async def test_a_trusted_device_is_asked_for_no_second_code(sandbox, browsers):
    portal = load_portals(CONFIG)["meridian"].moved_to(sandbox.base("meridian"))
    credentials = sandbox.credentials("meridian", "office-8")
    first = await browsers.new_context(portal)
    await sign_in(first, portal, credentials)
    state = await first.storage_state()
    state["cookies"] = [one for one in state["cookies"] if one["name"] != "mer_session"]
    second = await browsers.new_context(portal, state)
    await sign_in(second, portal, replace(credentials, totp=""))
    counts = sandbox.counts("meridian", "office-8")
    assert (counts["submits"], counts["codes"]) == (2, 1)


async def test_the_forbidden_portal_is_refused_before_a_browser_starts():
    with pytest.raises(PermissionMissing, match="forbids automated reading"):
        load_portals(CONFIG)["fedcontract"].may_sweep()


async def test_looks_pass_the_images_by(sandbox, browsers):
    """Neither images nor fonts are fetched: nothing of either kind appears among the requests."""
    portal = load_portals(CONFIG)["harbor"].moved_to(sandbox.base("harbor"))
    kinds = set()
    context = await browsers.new_context(portal)
    context.on("request", lambda request: kinds.add(request.resource_type))
    page = await sign_in(context, portal, sandbox.credentials("harbor", "office-2"))
    await page.set_content("<img src=/harbor/a.png><p>x</p>")
    await page.wait_for_timeout(100)
    assert not kinds & {"image", "font"}


async def test_a_browser_that_has_grown_ends_with_its_last_context(sandbox):
    """A night whose accounts overlap all the way through never has a moment without a context."""
    portal = load_portals(CONFIG)["harbor"].moved_to(sandbox.base("harbor"))
    async with Browsers(contexts=2, mebibytes=1_000_000) as browsers:
        first, second, third = [await browsers.new_context(portal) for _ in range(3)]
        assert browsers.started == 2
        assert first.browser is second.browser
        assert third.browser is not first.browser
        grown = first.browser
        await first.close()
        page = await sign_in(second, portal, sandbox.credentials("harbor", "office-3"))
        assert not page.is_closed()
        assert grown.is_connected()
        await second.close()
        async with asyncio.timeout(10):
            while grown.is_connected():
                await asyncio.sleep(0.02)
        fourth = await browsers.new_context(portal)
        assert fourth.browser is third.browser
        assert browsers.started == 2
