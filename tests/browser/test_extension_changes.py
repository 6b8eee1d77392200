"""Pages that change: what is shown is what stands there, and the page works as it would alone."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Playwright

from tests.browser.chromium import chromium
from tests.browser.conftest import View
from tests.browser.looking import hover, wait_marks
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

FOLLOWED = 0.5
"""Seconds within which a change is followed."""


def test_react_goes_on_rendering_and_no_stale_code_stays(view: View) -> None:
    page = view.open("react.html", watch=False)
    wait_marks(page, ["CO-107", "N122", "CO-45", "CO-97", "M15"])
    page.evaluate("set(1, { code: 'PR-1', remark: '' })")
    wait_marks(page, ["PR-1", "CO-45", "CO-97", "M15"], FOLLOWED)
    page.evaluate("set(1, { code: 'CO-16', note: 'again' }); set(2, { remark: 'MA130' })")
    wait_marks(page, ["CO-16", "CO-45", "MA130", "CO-97", "M15"], FOLLOWED)
    page.evaluate("shuffle()")
    page.evaluate("set(1, { note: '' }); set(3, { code: 'CO-18' })")
    wait_marks(page, ["CO-16", "CO-45", "MA130", "CO-18", "M15"], FOLLOWED)
    page.evaluate("replace([])")
    wait_marks(page, [], FOLLOWED)
    page.evaluate("replace(first)")
    wait_marks(page, ["CO-107", "N122", "CO-45", "CO-97", "M15"], FOLLOWED)
    assert page.evaluate("window.failures") == []
    assert page.inner_text("#line1") == "22614\tDenied: CO-107\tN122"
    assert view.failures == []


def test_react_rendering_a_thousand_times_leaves_no_underline_behind(view: View) -> None:
    page = view.open("react.html", watch=False)
    wait_marks(page, ["CO-107", "N122", "CO-45", "CO-97", "M15"])
    page.evaluate(
        """async () => {
          for (let turn = 0; turn < 1000; turn += 1) {
            replace(first.map((line) => ({ ...line, id: line.id + turn * 10, code: "CO-" + (turn % 2 ? 16 : 18) })));
            if (turn % 50 === 0) await new Promise(requestAnimationFrame);
          }
        }"""
    )
    wait_marks(page, ["CO-16"] * 3 + ["N122", "M15"])
    assert page.evaluate("CSS.highlights.get('remitlens').size") == 5


def test_text_rewritten_in_place_and_rows_moved_as_angular_does(view: View) -> None:
    page = view.open("angular.html", watch=False)
    wait_marks(page, ["CO-107", "N122", "CO-45"])
    page.evaluate(
        "render([['22614', ' PR-1 ', ''], ['99213', ' CO-45 ', 'N122'], ['1', 'CO-18', '']])"
    )
    wait_marks(page, ["PR-1", "CO-45", "N122", "CO-18"], FOLLOWED)
    page.evaluate("rotate(); rotate()")
    page.evaluate("render([['1', 'OA-23', '']])")
    wait_marks(page, ["OA-23"], FOLLOWED)


def test_full_and_partial_postbacks(view: View) -> None:
    page = view.open("postback.html", watch=False)
    wait_marks(page, ["CO-107"])
    page.evaluate("partial('CO-16')")
    wait_marks(page, ["CO-16"], FOLLOWED)
    page.click("#submit")
    page.wait_for_load_state()
    assert "posted back" in page.inner_text("body")
    wait_marks(page, ["PR-1"])


def test_a_code_that_changes_under_the_pointer_is_never_explained_as_it_was(view: View) -> None:
    page = view.open("changing.html", watch=False)
    wait_marks(page, ["CO-107"])
    hover(page, "#code")
    view.own.wait_tip("CO-107")
    page.evaluate("become('PR-1')")
    tip = view.own.tip()
    assert tip is None or tip["code"] == "PR-1"
    view.own.wait_tip("PR-1", FOLLOWED)
    page.evaluate("replace('nothing')")
    view.own.wait_no_tip(FOLLOWED)
    wait_marks(page, [], FOLLOWED)


def test_what_grows_into_something_else_is_no_code_any_more(view: View) -> None:
    page = view.open("changing.html", watch=False)
    wait_marks(page, ["CO-107"])
    page.evaluate("become('CO-107A')")
    wait_marks(page, [], FOLLOWED)
    page.evaluate("become('denied CO-45 and CO-97')")
    wait_marks(page, ["CO-45", "CO-97"], FOLLOWED)


def test_a_burst_of_three_hundred_edits_is_one_scan(view: View) -> None:
    page = view.open("changing.html", watch=False)
    wait_marks(page, ["CO-107"])
    view.own.evaluate(
        "(() => { globalThis.scans = 0; const draw = RemitlensMarks.sweep;"
        "RemitlensMarks.sweep = () => { globalThis.scans += 1; draw(); }; })()"
    )
    page.evaluate("burst(300)")
    wait_marks(page, ["PR-1"], FOLLOWED)
    assert view.own.evaluate("globalThis.scans") == 1
    page.evaluate("rows(300)")
    wait_marks(page, ["PR-1", *["CO-97"] * 300], FOLLOWED)
    assert view.own.evaluate("globalThis.scans") == 2


def test_a_change_is_followed_within_half_a_second_on_a_busy_page(view: View) -> None:
    page = view.open("changing.html", watch=False)
    wait_marks(page, ["CO-107"])
    page.evaluate(
        "setInterval(() => { document.getElementById('clock').textContent = performance.now(); }, 5)"
    )
    for code in ("CO-45", "PR-2", "CO-18"):
        page.evaluate(f"become('{code}')")
        started = time.monotonic()
        wait_marks(page, [code], FOLLOWED)
        assert time.monotonic() - started < FOLLOWED


def test_a_page_written_anew_by_document_open_is_followed_and_answers(view: View) -> None:
    page = view.open("changing.html", watch=False)
    wait_marks(page, ["CO-107"])
    page.evaluate(
        "document.open(); document.write('<!doctype html><p>now <span id=code>CO-16</span></p>');"
        " document.close()"
    )
    wait_marks(page, ["CO-16"])
    hover(page, "#code")
    view.own.wait_tip("CO-16")
    page.keyboard.press("Escape")
    view.own.wait_no_tip()


def test_one_text_of_many_pages_is_read_in_stretches(view: View) -> None:
    page = view.open("changing.html", watch=False)
    wait_marks(page, ["CO-107"])
    page.evaluate(
        """() => {
          const raw = document.body.appendChild(document.createElement("pre"));
          raw.append("Line of a claim, adjusted as CO-45, and many words after it.\\n".repeat(3000),
            document.createElement("br"), "short, CO-97");
        }"""
    )
    end = time.monotonic() + 10
    while view.own.evaluate("RemitlensMarks.size()") != 3002:
        assert time.monotonic() < end
        page.wait_for_timeout(50)
    assert {"CO-45", "CO-97"} <= set(view.own.evaluate("[...RemitlensMarks.codes]"))


def test_after_an_update_open_pages_go_on_with_the_new_copy(
    playwright_: Playwright, site: Server
) -> None:
    with chromium(["http://127.0.0.1/*"], playwright=playwright_) as browser:
        browser.add_site(site.address)
        page = browser.page(f"{site.address}/changing.html")
        wait_marks(page, ["CO-107"])
        browser.worker.evaluate("setTimeout(() => chrome.runtime.reload(), 50)")
        page.wait_for_timeout(300)
        page.evaluate("become('CO-16')")
        wait_marks(page, ["CO-16"], seconds=15)
        hover(page, "#code")
        page.wait_for_selector("remitlens-tip", state="attached")
        assert page.locator("remitlens-tip").count() == 1
