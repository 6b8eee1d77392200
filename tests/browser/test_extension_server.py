"""Pairing, this line's answer, and servers on their bad days: the list at hand always answers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Playwright

from tests.browser.chromium import Chromium, chromium
from tests.browser.conftest import View
from tests.browser.looking import hover
from tests.browser.servers import (
    OTHER_KEY,
    TOKEN,
    Api,
    Server,
    api_server,
    claim_hash,
    free_port,
    line,
    portal,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(playwright_: Playwright, site: Server, api: Api, api_at: Server) -> Iterator[Chromium]:
    """Paired with the test's API; the page server is its portal, line lookup allowed."""
    api.portals = [portal(site.address)]
    api.lines = {
        "CLM4000001": [line(), line(line_id="18", procedure="63048", missing=None, state="review")],
        "CLM4000002": [line(procedure="00000", code="CO-16")],
    }
    with chromium(["http://127.0.0.1/*"], playwright=playwright_) as started:
        paired = started.message({"type": "pair", "address": api_at.address, "code": api.code})
        assert paired == {"paired": True, "trouble": ""}
        started.add_site(site.address, "meridian", lookup=True)
        yield started


@pytest.fixture(autouse=True)
def well(api: Api, api_at: Server, browser: Chromium) -> Iterator[None]:
    """Each test begins on a good day, with nothing remembered."""
    yield
    api.mode, api.delay, api.revoked = "well", 0.0, False
    # Idle workers are stopped by the browser at any time; here it forgets what it answered.
    browser.message({"type": "refresh"})
    api_at.seen.clear()


def part(tip: dict[str, Any], name: str) -> str:
    return next((row["text"] for row in tip["rows"] if row["part"] == name), "")


def wait_part(view: View, name: str, seconds: float = 3) -> dict[str, Any]:
    end = time.monotonic() + seconds
    while True:
        tip = view.own.tip()
        if tip and part(tip, name):
            return tip
        assert time.monotonic() < end, f"no {name}: {tip and tip['text']}"
        time.sleep(0.02)


def test_this_line_is_told_in_order(view: View, api_at: Server) -> None:
    page = view.open("plain.html")
    hover(page, "#code")
    tip = wait_part(view, "missing")
    assert [row["part"] for row in tip["rows"]] == [
        "pays", "missing", "found", "next", "why", "deadline", "rule", "remark", "state",
    ]  # fmt: skip
    assert "22612" in part(tip, "missing")
    assert "131 days left" in part(tip, "deadline")
    assert "Apr 3, 2027" in part(tip, "deadline")
    assert tip["state"] == "Ready"
    assert "$1,150.00" in part(tip, "state")
    assert "Your server" in tip["source"]
    asked = [seen for seen in api_at.seen if seen.path.endswith("lines/match")]
    assert asked[-1].json == {
        "portal": "meridian",
        "hashes": [claim_hash("CLM4000001"), claim_hash("CLM4000001", OTHER_KEY)],
    }


def test_a_line_that_is_not_surely_this_one_is_not_told(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#paid")
    view.own.wait_tip("CO-45")
    page.wait_for_timeout(500)
    tip = view.own.tip()
    assert tip
    assert tip["state"] == ""
    assert part(tip, "missing") == ""


def test_lines_of_one_code_are_told_apart_by_the_procedure_above(view: View, api: Api) -> None:
    api.lines["CLM7000001"] = [
        line(),
        line(procedure="63048", missing={"text": "63047", "procedures": ["63047"]}),
    ]
    page = view.open("detail.html")
    for selector, wanted in (("#one", "22612"), ("#two", "63047")):
        hover(page, selector)
        assert wanted in part(wait_part(view, "missing"), "missing")
        page.keyboard.press("Escape")


def test_the_servers_answer_comes_within_a_hundred_milliseconds(view: View) -> None:
    page = view.open("plain.html")
    took = []
    for _ in range(5):
        page.evaluate(
            "window.opened = 0; new MutationObserver((r, o) => { if (document.querySelector('remitlens-tip'))"
            "{ window.opened = performance.timeOrigin + performance.now(); o.disconnect(); } })"
            ".observe(document.documentElement, { childList: true })"
        )
        view.own.evaluate(
            "(() => { const show = RemitlensTip.show; globalThis.answered = 0; RemitlensTip.show = (m, c, a) => {"
            " show(m, c, a); if (c.state) globalThis.answered ||= performance.timeOrigin + performance.now(); }; })()"
        )
        hover(page, "#code")
        wait_part(view, "missing")
        took.append(view.own.evaluate("globalThis.answered") - page.evaluate("window.opened"))
        page.keyboard.press("Escape")
        page.mouse.move(2, 2)
        view.own.wait_no_tip()
    assert sorted(took)[2] < 100, took


def test_the_list_is_fetched_once_and_kept_by_its_etag(browser: Chromium, api_at: Server) -> None:
    api_at.seen.clear()
    browser.message({"type": "refresh"})
    asked = [seen for seen in api_at.seen if seen.path.endswith("codes/bundle")]
    assert len(asked) == 1
    assert asked[0].headers.get("If-None-Match")
    status = browser.message({"type": "status"})
    assert isinstance(status, dict)
    assert status["list"]["shipped"] is False
    assert status["counts"][0] == {"state": "ready", "lines": 3, "amount": "$3,450.00"}


@pytest.mark.parametrize("mode", ["html", "redirect", "huge", "error", "garbage", "types"])
def test_wrong_servers(view: View, api: Api, mode: str) -> None:
    page = view.open("plain.html")
    page.wait_for_timeout(200)
    api.mode = mode
    # A claim not asked about before, so that nothing remembered can answer.
    page.evaluate(f"document.querySelector('tr[data-claim]').dataset.claim = 'OTHER-{mode}'")
    hover(page, "#code")
    started = time.monotonic()
    view.own.wait_tip("CO-107")
    assert time.monotonic() - started < 1.5
    tip = wait_part(view, "notice")
    assert part(tip, "next"), "the list still answers"
    assert tip["text"].count("the meaning of the code only") == 1
    assert page.evaluate("document.documentElement.dataset.broken") is None
    api.mode = "well"


def test_a_hanging_server_holds_nothing_up(view: View, api: Api) -> None:
    page = view.open("plain.html")
    api.mode = "hanging"
    page.evaluate("document.querySelector('tr[data-claim]').dataset.claim = 'HANGING-1'")
    hover(page, "#code")
    tip = view.own.wait_tip("CO-107", seconds=1)
    assert part(tip, "next")
    tip = wait_part(view, "notice", seconds=7)
    assert "did not answer in time" in part(tip, "notice")
    api.mode = "well"


def test_a_slow_server_comes_later(view: View, api: Api) -> None:
    page = view.open("plain.html")
    api.lines["SLOW-00001"] = [line()]
    page.evaluate("document.querySelector('tr[data-claim]').dataset.claim = 'SLOW-00001'")
    api.delay = 1.2
    hover(page, "#code")
    tip = view.own.wait_tip("CO-107", seconds=1)
    assert part(tip, "missing") == ""
    assert "22612" in part(wait_part(view, "missing", seconds=4), "missing")


def test_script_in_the_servers_text_stays_text(view: View, api: Api) -> None:
    page = view.open("plain.html")
    api.mode = "script"
    page.evaluate("document.querySelector('tr[data-claim]').dataset.claim = 'SCRIPT-01'")
    hover(page, "#code")
    tip = wait_part(view, "missing")
    assert "<img src=x onerror=" in part(tip, "missing")
    assert len(part(tip, "found")) <= 600
    inside = view.own.evaluate(
        "chrome.dom.openOrClosedShadowRoot(document.querySelector('remitlens-tip'))"
        ".querySelectorAll('img, script').length"
    )
    assert inside == 0
    assert page.evaluate("document.documentElement.dataset.broken") is None


def test_a_silent_server_is_not_asked_again_at_every_hover(
    view: View, api: Api, api_at: Server
) -> None:
    page = view.open("plain.html")
    page.wait_for_timeout(200)
    api.mode = "redirect"
    api_at.seen.clear()
    for number in range(6):
        page.evaluate(f"document.querySelector('tr[data-claim]').dataset.claim = 'SILENT-{number}'")
        hover(page, "#code")
        view.own.wait_tip("CO-107")
        page.wait_for_timeout(100)
        page.keyboard.press("Escape")
        page.mouse.move(2, 2)
        view.own.wait_no_tip()
    asked = [seen for seen in api_at.seen if seen.path.endswith("lines/match")]
    assert len(asked) == 1
    api.mode = "well"


def test_a_token_revoked_at_the_server_says_so(view: View, api: Api) -> None:
    page = view.open("plain.html")
    api.revoked = True
    page.evaluate("document.querySelector('tr[data-claim]').dataset.claim = 'REVOKED-1'")
    hover(page, "#code")
    assert "pair again" in part(wait_part(view, "notice"), "notice")


def test_codes_of_the_payers_own_are_explained_by_the_crosswalk(view: View) -> None:
    page = view.open("patient.html")
    page.wait_for_function("(CSS.highlights.get('remitlens')?.size ?? 0) > 0")
    codes = view.own.evaluate("remitlens.list().map((found) => found.code)")
    assert "XQ410" in codes
    index = view.own.evaluate("remitlens.list().find((found) => found.code === 'XQ410').index")
    view.own.evaluate(f"remitlens.show({index})")
    tip = view.own.wait_tip()
    assert tip["code"] == "XQ410 = CO-107"
    assert tip["title"].startswith("Related or qualifying service")


def test_a_payers_own_code_tells_this_line_too(view: View) -> None:
    page = view.open("plain.html")
    page.evaluate("document.querySelector('#code').textContent = 'XQ410'")
    hover(page, "#code")
    tip = wait_part(view, "missing")
    assert tip["code"] == "XQ410 = CO-107"
    assert tip["state"] == "Ready"
    assert "22612" in part(tip, "missing")


def test_the_copied_note_names_the_line(view: View) -> None:
    page = view.open("plain.html")
    page.context.grant_permissions(["clipboard-read"], origin=view.site.address)
    hover(page, "#code")
    box = wait_part(view, "missing")["box"]
    page.mouse.move(box[0] + 40, box[1] + 30, steps=3)
    page.mouse.click(box[2] - 60, box[3] - 20)
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.includes('CO-107'))")
    note = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert note[0].startswith("CO-107, 22614, Oct 5, 2026: Related or qualifying service")
    assert "Next: Release the replacement claim: both lines are in it" in note
    assert note[-1].startswith("Your server")


def test_the_token_is_out_of_the_pages_reach(view: View, browser: Chromium) -> None:
    view.open("plain.html")
    said = view.own.evaluate(
        "chrome.storage.local.get().then((all) => JSON.stringify(all), (error) => 'refused')"
    )
    assert said == "refused" or TOKEN not in said
    stored = browser.worker.evaluate("chrome.storage.local.get().then(JSON.stringify)")
    assert TOKEN not in stored
    exported = browser.worker.evaluate(
        """async () => {
          const open = indexedDB.open("remitlens", 1);
          await new Promise((resolve) => { open.onsuccess = resolve; });
          const get = open.result.transaction("kept").objectStore("kept").get("pairing");
          await new Promise((resolve) => { get.onsuccess = resolve; });
          return crypto.subtle.exportKey("raw", get.result.keys[0]).then(() => "exported", (e) => e.name);
        }"""
    )
    assert exported == "InvalidAccessError"


def test_messages_of_a_page_are_the_tables_only(view: View) -> None:
    view.open("plain.html")
    refused = view.own.evaluate(
        """Promise.all([
          { type: "status" }, { type: "unpair" }, { type: "pair", address: "https://evil.example", code: "x" },
          { type: "explain", codes: ["Zebedee Quillfeather"] }, { type: "explain", codes: ["CO-107"], note: "x" },
          { type: "explain", codes: Array(201).fill("CO-107") }, { type: "constructor" }, "hello", null,
          { type: "line", claim: "x".repeat(65) }, { type: "hello", extra: 1 },
        ].map((message) => chrome.runtime.sendMessage(message).then((r) => r ?? null, () => null)))"""
    )
    assert refused == [None] * 11
    assert view.own.evaluate('chrome.runtime.sendMessage({ type: "explain", codes: ["CO-107"] })')


def test_wrong_codes_and_addresses_at_pairing(browser: Chromium, api_at: Server) -> None:
    def pair(address: str, code: str) -> object:
        return browser.message({"type": "pair", "address": address, "code": code})

    assert pair(api_at.address, "WRONG") == {"paired": False, "trouble": "pair_wrong"}
    for address in ("http://portal.example", "javascript:alert(1)", "https://a.example/path", ""):
        assert pair(address, "X") == {"paired": False, "trouble": "pair_address"}
    nobody = f"http://127.0.0.1:{free_port()}"
    assert pair(nobody, "X") == {"paired": False, "trouble": "trouble_unreachable"}
    status = browser.message({"type": "status"})
    assert isinstance(status, dict)
    assert status["paired"], "a failed pairing leaves the old one"


def test_unpairing_wipes_everything(playwright_: Playwright, site: Server) -> None:
    api = Api(portals=[portal(site.address)])
    with (
        api_server(api) as server,
        chromium(["http://127.0.0.1/*"], playwright=playwright_) as browser,
    ):
        browser.message({"type": "pair", "address": server.address, "code": api.code})
        browser.add_site(site.address, "meridian", lookup=True)
        browser.message({"type": "unpair"})
        assert api.revoked, "the server forgot the token"
        kept = browser.worker.evaluate(
            """async () => {
              const open = indexedDB.open("remitlens", 1);
              await new Promise((resolve) => { open.onsuccess = resolve; });
              const get = open.result.transaction("kept").objectStore("kept").getAll();
              await new Promise((resolve) => { get.onsuccess = resolve; });
              return get.result.length;
            }"""
        )
        assert kept == 0
        status = browser.message({"type": "status"})
        assert isinstance(status, dict)
        assert (status["paired"], status["portals"], status["list"]["shipped"]) == (False, [], True)


def test_a_forbidden_portal_stays_off_and_says_why(playwright_: Playwright, site: Server) -> None:
    reason = "its terms forbid any automated tool"
    api = Api(portals=[portal(site.address, permission="forbidden", permission_reason=reason)])
    with (
        api_server(api) as server,
        chromium(["http://127.0.0.1/*"], playwright=playwright_) as browser,
    ):
        browser.message({"type": "pair", "address": server.address, "code": api.code})
        browser.add_site(site.address, "meridian", lookup=True)
        assert browser.worker.evaluate("chrome.scripting.getRegisteredContentScripts()") == []
        page = browser.page(f"{site.address}/plain.html")
        page.wait_for_timeout(600)
        assert page.evaluate("CSS.highlights.size") == 0
