"""Makes the fixtures of the sandbox portals anew: real captures of a running sandbox, and what may
stand in their place. Run from the root: `python tests/scrapers/make_fixtures.py`.
"""

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import requests

from scrapers.browser import Browsers
from scrapers.capture import FrozenPage
from scrapers.errors import SessionExpired
from scrapers.fixtures import outcome_of, told, write_fixture
from scrapers.login import sign_in
from scrapers.portal import load_portals
from scrapers.read import parse
from scrapers.sandbox.claims import PORTALS
from scrapers.sandbox.serve import running_sandbox
from scrapers.visit import visit

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config"
SEEN_AT = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
NAMES = {
    "1001": "denied_107_n122", "1002": "denied_107", "1003": "several_adjustments", "1004": "paid",
    "1005": "pending", "1006": "reversed", "1007": "not_found", "1008": "seven_lines",
    "20417": "denied_107_n122", "20430": "paid", "20444": "denied_107", "20451": "pending",
    "20512": "pending_again", "20490": "reversed", "20498": "several_adjustments",
    "20505": "not_found",
}  # fmt: skip
MAINTENANCE = "<html><body><h1>Scheduled maintenance</h1><p>Back at 6 a.m.</p></body></html>"
CHALLENGE = '<html><body><h1>Are you human?</h1><div class="captcha"></div></body></html>'


async def captures(sandbox, portal, name):
    """Every named claim's capture, by fixture name."""
    found = {}
    async with Browsers() as browsers:
        context = await browsers.new_context(portal)
        page = await sign_in(context, portal, sandbox.credentials(name))
        for claim in sandbox.world.of(name):
            for number, fixture in NAMES.items():
                if not claim.ref.claim.endswith(number):
                    continue
                try:
                    seen = await visit(page, portal, claim.ref)
                except SessionExpired:
                    page = await sign_in(context, portal, sandbox.credentials(name))
                    seen = await visit(page, portal, claim.ref)
                pages = tuple(
                    replace(one, text=one.text.replace(sandbox.address, "http://127.0.0.1:8740"))
                    for one in seen.capture.pages
                )
                capture = replace(seen.capture, seen_at=SEEN_AT, pages=pages)
                assert told(claim.truth(name)) == outcome_of(capture, portal)
                found[fixture] = capture
    return found


def with_page(capture, text):
    """The capture with its last page (835 files aside) replaced."""
    pages = [page for page in capture.pages if page.kind != "835"]
    return replace(capture, pages=(*pages[:-1], FrozenPage(pages[-1].kind, text)))


def spoiled(capture, login):
    """What may stand in a result's place, each with the error it must raise."""
    pages = [page for page in capture.pages if page.kind != "835"]
    html = pages[-1].text
    yield "login_page", "SessionExpired", with_page(capture, login)
    yield "maintenance", "SiteDown", with_page(capture, MAINTENANCE)
    yield "challenge", "CaptchaShown", with_page(capture, CHALLENGE)
    soup = parse(html)
    header = next(th for th in soup.select("th") if th.get_text(strip=True) in ("Paid", "Payment"))
    header.string = "Settled"
    yield "renamed_header", "SiteChanged", with_page(capture, str(soup))
    soup = parse(html)
    for row in soup.select("tbody > tr"):
        row.decompose()
    yield "empty_claim", "SiteChanged", with_page(capture, str(soup))
    soup = parse(html)
    cell = next(td for td in soup.select("tbody td") if td.get_text(strip=True).startswith("$"))
    cell.string = "$1.00"
    yield "contradiction", "BadRecord", with_page(capture, str(soup))


async def main():
    portals = load_portals(CONFIG)
    with running_sandbox(today=date(2026, 3, 2), delay=0.02) as sandbox:
        for name in PORTALS:
            portal = portals[name].moved_to(sandbox.base(name))
            folder = HERE / "fixtures" / name
            shutil.rmtree(folder, ignore_errors=True)
            found = await captures(sandbox, portal, name)
            for fixture, capture in found.items():
                write_fixture(folder, fixture, capture, outcome_of(capture, portal))
            login = requests.get(portal.address(portal.login.path), timeout=10).text
            for fixture, error, capture in spoiled(found["denied_107_n122"], login):
                assert outcome_of(capture, portal) == {"error": error}, (
                    name, fixture, outcome_of(capture, portal),
                )  # fmt: skip
                write_fixture(folder, fixture, capture, {"error": error})
            print(name, len(list(folder.glob("*.html"))))


if __name__ == "__main__":
    asyncio.run(main())
