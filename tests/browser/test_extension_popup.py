"""The popup and the options page: used by hand and by keyboard, and checked with axe-core."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.chromium import Chromium, chromium
from tests.browser.servers import MODULES, Api, Server, free_port, portal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser(playwright_: Playwright) -> Iterator[Chromium]:
    with chromium(["http://127.0.0.1/*"], playwright=playwright_) as started:
        yield started


def popup_over(browser: Chromium, page: Page) -> Page:
    """The popup as it opens over a page: that page is the active tab when it starts."""
    popup = browser.own_page("popup/popup.html")
    page.bring_to_front()
    popup.reload()
    expect(popup.locator("#server")).not_to_be_empty()
    expect(popup.locator("#place")).not_to_be_empty()
    return popup


def axe(page: Page) -> list[str]:
    page.evaluate((MODULES / "axe-core/axe.min.js").read_text())
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    return [f"{each['id']}: {each['nodes'][0]['html'][:100]}" for each in found["violations"]]


def test_a_page_is_turned_on_and_its_codes_are_listed(browser: Chromium, site: Server) -> None:
    page = browser.page(f"{site.address}/plain.html")
    popup = popup_over(browser, page)
    expect(popup.locator("#place")).to_have_text(f"Off for {site.address[7:]}.")
    # The host is granted already, so the browser answers without a question.
    popup.click("#place-actions button.main")
    page.wait_for_function("(CSS.highlights.get('remitlens')?.size ?? 0) > 0")
    expect(popup.locator("#place")).to_contain_text("On for")
    popup.reload()
    rows = popup.locator("#codes .code")
    expect(rows.first).to_have_text("CO-107")
    assert set(rows.all_inner_texts()) == {"CO-107", "PR-1", "N122", "CO-45", "CO-999", "107"}
    expect(popup.locator("#codes li", has_text="CO-107").first).to_contain_text("×2")
    popup.locator("#codes button").first.click()
    page.wait_for_selector("remitlens-tip", state="attached")
    popup.close()
    page.close()


def test_the_grant_goes_on_where_the_browsers_question_closed_the_popup(
    browser: Chromium, site: Server
) -> None:
    host = site.address.replace("127.0.0.1", "localhost")
    plan = {"type": "planned", "site": host, "portal": "", "lookup": False, "tab": 0}
    browser.message(plan)
    status = browser.message({"type": "status"})
    assert isinstance(status, dict)
    assert host not in [each["site"] for each in status["sites"]]
    plan["site"] = "http://127.0.0.1:5"
    browser.message(plan)
    browser.worker.evaluate(
        "chrome.permissions.onAdded.dispatch({ origins: ['http://127.0.0.1/*'] })"
    )
    page = browser.own_page("popup/popup.html")
    page.wait_for_timeout(300)
    status = browser.message({"type": "status"})
    assert isinstance(status, dict)
    assert "http://127.0.0.1:5" in [each["site"] for each in status["sites"]]
    browser.message({"type": "forget", "site": "http://127.0.0.1:5"})
    page.close()


def test_any_code_is_found_by_number_and_by_words(browser: Chromium) -> None:
    popup = browser.own_page("popup/popup.html")
    popup.fill("#query", "co 107")
    expect(popup.locator("#card .code")).to_have_text("CO-107")
    popup.fill("#query", "timely filing")
    expect(popup.locator("#found .code").first).to_be_visible()
    assert popup.locator("#found li").count() > 1
    popup.locator("#found button").first.press("Enter")
    expect(popup.locator("#card .title")).to_be_visible()
    popup.fill("#query", "zzzz")
    expect(popup.locator("#none")).to_have_text("No code fits.")
    popup.close()


def test_pairing_counts_and_unpairing_by_hand(
    browser: Chromium, site: Server, api: Api, api_at: Server
) -> None:
    api.portals = [
        portal(site.address),
        portal("https://fed.example", id="fedcontract", name="Fed Contract", permission="forbidden",
               permission_reason="Its terms forbid automated tools."),
    ]  # fmt: skip
    options = browser.own_page("options/options.html")
    options.fill("#address", f"http://127.0.0.1:{free_port()}")
    options.fill("#code", api.code)
    options.keyboard.press("Enter")
    expect(options.locator("#trouble")).to_contain_text("cannot be reached")
    options.fill("#address", api_at.address)
    options.fill("#code", "NOT-IT")
    options.click("#pair button")
    expect(options.locator("#trouble")).to_contain_text("does not know this code")
    options.fill("#code", api.code)
    options.click("#pair button")
    expect(options.locator("#state")).to_contain_text("Test Practice")
    expect(options.locator("#portals li").nth(1)).to_contain_text("terms forbid")
    popup = browser.own_page("popup/popup.html")
    expect(popup.locator("#server")).to_have_text("Paired: Test Practice, other")
    expect(popup.locator("#counts li").first).to_have_text("3Ready · $3,450.00")
    assert popup.get_attribute("#worklist", "href") == api_at.address
    popup.close()
    api.mode = "html"
    options.click("#refresh")
    expect(options.locator("#state")).to_contain_text("answers wrongly")
    api.mode = "well"
    options.click("#refresh")
    expect(options.locator("#state")).to_contain_text("Test Practice")
    options.click("#unpair")
    expect(options.locator("#pair")).to_be_visible()
    options.close()


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("name", ["popup/popup.html", "options/options.html"])
def test_axe_finds_nothing(browser: Chromium, site: Server, name: str, look: str) -> None:
    page = browser.page(f"{site.address}/plain.html")
    shown = browser.own_page(name)
    shown.emulate_media(color_scheme="dark" if look == "dark" else "light")
    page.bring_to_front()
    shown.reload()
    shown.wait_for_timeout(400)
    assert axe(shown) == []
    if "popup" in name:
        shown.fill("#query", "CO-107")
        expect(shown.locator("#card .code")).to_be_visible()
        shown.click("#card summary")
        assert axe(shown) == []
        shown.fill("#query", "add-on")
        expect(shown.locator("#found li").first).to_be_visible()
        assert axe(shown) == []
    shown.close()
    page.close()


def test_everything_of_the_popup_is_reached_by_tab(browser: Chromium) -> None:
    popup = browser.own_page("popup/popup.html")
    popup.fill("#query", "CO-107")
    expect(popup.locator("#card .code")).to_be_visible()
    popup.focus("#query")
    seen = []
    for _ in range(6):
        popup.keyboard.press("Tab")
        seen.append(
            popup.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert {"SUMMARY", "copy", "options"} <= set(seen), json.dumps(seen)
    popup.close()


def test_no_words_are_missing(browser: Chromium) -> None:
    for name in ("popup/popup.html", "options/options.html"):
        page = browser.own_page(name)
        page.wait_for_timeout(200)
        empty = page.evaluate(
            "[...document.querySelectorAll('[data-t]')].filter((e) => !e.textContent).map((e) => e.dataset.t)"
        )
        assert empty == []
        page.close()
