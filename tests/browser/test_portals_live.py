"""Real headless Chromium on the sandbox portals: what was read is the truth, line for line."""

from datetime import date
from pathlib import Path

import pytest

from scrapers.browser import Browsers
from scrapers.login import sign_in
from scrapers.portal import load_portals
from scrapers.sandbox.serve import running_sandbox
from scrapers.sandbox.claims import comparable
from scrapers.visit import visit

pytestmark = pytest.mark.browser
CONFIG = Path(__file__).parents[2] / "config"
PORTALS = [
    name for name, one in load_portals(CONFIG).items() if one.provenance.startswith("sandbox")
]


@pytest.fixture(scope="module")
def sandbox():
    with running_sandbox(today=date(2026, 3, 2), delay=0.06) as running:
        yield running


@pytest.mark.parametrize("name", PORTALS)
async def test_every_look_is_the_truth(sandbox, name):
    portal = load_portals(CONFIG)[name].moved_to(sandbox.base(name))
    async with Browsers() as browsers:
        context = await browsers.new_context(portal)
        page = await sign_in(context, portal, sandbox.credentials(name))
        for claim in sandbox.world.of(name):
            seen = await visit(page, portal, claim.ref)
            assert comparable(seen.look) == claim.truth(name), claim.ref.claim
            assert seen.look.source.digest == seen.capture.digest
    assert sandbox.counts(name)["submits"] == 1
