"""What leaves the browser while a page full of planted patient data is used in every way.

A proxy between the browser and everything else keeps every byte sent. The first test uses the
extension with line lookup on and hand-over off: nothing of the page may be among those bytes. The
second switches hand-over on: the page goes to the user's own server, and nowhere else.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
import urllib.parse
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.chromium import Chromium, chromium
from tests.browser.looking import Isolated, hover
from tests.browser.recorder import Recorder, recorder
from tests.browser.servers import Api, Server, api_server, claim_hash, line, portal

pytestmark = pytest.mark.browser

PLANTED = (
    "Zebedee", "Quillfeather", "ZQX998877123", "07/04/1931", "987-65-4329", "Larkspur", "Tupelo",
    "CANARY-77301", "CANARY-77302", "CANARY-77303", "Trimalleolar", "S82.851A", "ACCT-5550199",
    "555-0173", "quillfeather.example", "22614", "64494", "10/05/2026", "1,150.00", "CO-988",
)  # fmt: skip


def forms(text: str) -> Iterator[bytes]:
    """A planted value as it could be sent."""
    raw = text.encode()
    yield raw
    yield text.lower().encode()
    yield urllib.parse.quote(text, safe="").encode()
    yield urllib.parse.quote_plus(text).encode()
    yield hashlib.sha256(raw).hexdigest().encode()
    yield hashlib.sha256(raw).digest()
    yield raw.hex().encode()
    yield "".join(text.split()).replace("-", "").encode()
    if len(raw) >= 9:
        # Base64 of the value wherever in a longer text it stands.
        for shift in range(3):
            yield base64.b64encode(b"x" * shift + raw)[4 if shift else 0 : -4]


def found_in(content: bytes) -> list[str]:
    lower = content.lower()
    return [text for text in PLANTED if any(each.lower() in lower for each in forms(text))]


@pytest.fixture
def recorded() -> Iterator[Recorder]:
    with recorder() as running:
        yield running


def started(playwright: Playwright, recorded: Recorder) -> object:
    flags = (f"--proxy-server=http://127.0.0.1:{recorded.port}", "--proxy-bypass-list=<-loopback>")
    return chromium(["http://127.0.0.1/*"], playwright=playwright, flags=flags)


def codes_told(browser: Chromium, tab: int) -> set[str]:
    """The codes the popup is told of a tab."""
    shown = browser.message({"type": "page", "tab": tab})
    assert isinstance(shown, dict)
    return {each["code"] for each in shown["codes"]}


def use_in_every_way(browser: Chromium, page: Page, own: Isolated) -> None:
    for selector in ("#code", "#other", "#unlisted"):
        hover(page, selector)
        tip = own.wait_tip(page.inner_text(selector))
        box = tip["box"]
        page.wait_for_timeout(350)
        page.mouse.move(box[0] + 30, box[1] + 20, steps=2)
        page.mouse.click(box[2] - 60, box[3] - 20)
        page.keyboard.press("Escape")
        page.mouse.move(1, 1)
        own.wait_no_tip()
    for _ in range(6):
        own.evaluate("remitlens.walk(1)")
        page.wait_for_timeout(150)
    page.evaluate("document.querySelector('#code').textContent = 'PR-1'")
    page.wait_for_timeout(400)
    for message in (
        {"type": "status"},
        {"type": "refresh"},
        {"type": "search", "query": "Quillfeather"},
        {"type": "search", "query": "add-on"},
        {"type": "allow", "portal": "meridian", "what": "lookup", "on": False},
        {"type": "allow", "portal": "meridian", "what": "lookup", "on": True},
    ):
        browser.message(message)
    tab = browser.worker.evaluate(
        "chrome.tabs.query({}).then((tabs) => tabs.find((tab) => tab.url?.includes('patient')).id)"
    )
    # The switches above let the page be read anew.
    end = time.monotonic() + 5
    while not {"CO-97", "M15"} <= codes_told(browser, tab):
        assert time.monotonic() < end
        page.wait_for_timeout(50)
    browser.message({"type": "show", "tab": tab, "frame": 0, "index": 0})
    page.wait_for_timeout(400)


def test_no_byte_of_the_page_leaves(
    playwright_: Playwright, site: Server, recorded: Recorder
) -> None:
    api = Api(portals=[portal(site.address)], lines={"CANARY-77301": [line()]})
    with api_server(api) as server, started(playwright_, recorded) as browser:  # type: ignore[attr-defined]
        browser.message({"type": "pair", "address": server.address, "code": api.code})
        browser.add_site(site.address, "meridian", lookup=True)
        page = browser.context.new_page()
        own = Isolated(page)
        page.goto(f"{site.address}/patient.html")
        page.wait_for_function("CSS.highlights.get('remitlens')?.size > 0")
        use_in_every_way(browser, page, own)
        browser.message({"type": "unpair"})
        assert own.errors == []
    sent = recorded.everything
    assert claim_hash("CANARY-77301").encode() in sent, "the lookup took place, as a keyed hash"
    assert b"patient.html" in sent, "the recorder saw the page itself asked for"
    assert found_in(sent) == []
    assert [each for each in recorded.refused if "chrome-extension" in each] == []


def test_handing_over_goes_to_the_own_server_alone(
    playwright_: Playwright, site: Server, recorded: Recorder
) -> None:
    api = Api(portals=[portal(site.address)])
    with api_server(api) as server, started(playwright_, recorded) as browser:  # type: ignore[attr-defined]
        browser.message({"type": "pair", "address": server.address, "code": api.code})
        browser.add_site(site.address, "meridian", lookup=False)
        page = browser.context.new_page()
        own = Isolated(page)
        page.goto(f"{site.address}/patient.html")
        page.wait_for_timeout(2500)
        assert not page.query_selector("remitlens-sign"), "off unless switched on"
        assert found_in(recorded.everything) == []
        browser.message({"type": "allow", "portal": "meridian", "what": "hand_over", "on": True})
        page.wait_for_selector("remitlens-sign", state="attached")
        end = time.monotonic() + 6
        while not (taken := [each for each in server.seen if each.path.endswith("observation")]):
            assert time.monotonic() < end
            page.wait_for_timeout(100)
        assert taken[0].json["portal"] == "meridian"
        assert taken[0].json["url"] == f"{site.address}/patient.html"
        assert "CANARY-77301" in taken[0].json["html"]["main"]
        assert "called about" not in taken[0].json["html"]["main"], "what was typed is left out"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", taken[0].json["seen_at"])
        page.wait_for_timeout(2500)
        again = [each for each in server.seen if each.path.endswith("observation")]
        assert len(again) == 1, "the same page is handed over once"
        browser.message({"type": "allow", "portal": "meridian", "what": "hand_over", "on": False})
        page.wait_for_selector("remitlens-sign", state="detached")
        assert own.errors == []
    other = [each for each in recorded.sent if b"/api/v1/intake/observation" not in each]
    assert found_in(b"\n".join(other)) == []


@pytest.mark.parametrize("permission", ["", "forbidden"])
def test_without_permission_nothing_is_handed_over(
    playwright_: Playwright, site: Server, recorded: Recorder, permission: str
) -> None:
    api = Api(portals=[portal(site.address, permission=permission)])
    with api_server(api) as server, started(playwright_, recorded) as browser:  # type: ignore[attr-defined]
        browser.message({"type": "pair", "address": server.address, "code": api.code})
        browser.add_site(site.address, "meridian", lookup=False)
        browser.message({"type": "allow", "portal": "meridian", "what": "hand_over", "on": True})
        page = browser.page(f"{site.address}/patient.html")
        page.wait_for_timeout(2500)
        assert not page.query_selector("remitlens-sign")
        assert not [each for each in server.seen if each.path.endswith("observation")]
    assert found_in(recorded.everything) == []
