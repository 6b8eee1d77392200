"""The tooltip: what it says and in which order, where it stands, keys, and what it leaves alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import Chromium
from tests.browser.conftest import View
from tests.browser.looking import hover, marks, middle, wait_marks
from tests.browser.servers import MODULES, Server

pytestmark = pytest.mark.browser


def parts(tip: dict[str, Any]) -> list[str]:
    return [row["part"] for row in tip["rows"]]


def apart(one: list[float], other: list[float]) -> bool:
    """Whether two boxes (left, top, right, bottom) do not overlap."""
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def cell_box(page: Page, selector: str) -> list[float]:
    box: list[float] = page.evaluate(
        "(s) => { const r = document.querySelector(s).getBoundingClientRect();"
        " return [r.left, r.top, r.right, r.bottom]; }",
        selector,
    )
    return box


def walk(browser: Chromium, page: Page, step: int) -> None:
    """What the command key does; the browser's own keys cannot be pressed headless."""
    page.bring_to_front()
    browser.worker.evaluate(
        "async (step) => { const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });"
        " chrome.commands.onCommand.dispatch(step > 0 ? 'next-code' : 'previous-code', tab); }",
        step,
    )


def test_the_order_is_code_payer_next_why_remarks_source(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#code")
    tip = view.own.wait_tip("CO-107")
    assert tip["title"] == "Related or qualifying service is missing from the claim"
    assert parts(tip) == ["pays", "next", "why", "remark"]
    assert tip["rows"][3]["label"] == "N122"
    assert "2026" in tip["source"]


def test_a_remark_code_says_what_it_asks_and_what_it_changes(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#remark")
    tip = view.own.wait_tip("N122")
    assert "route" in parts(tip)


def test_an_unknown_code_says_so(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#unknown")
    tip = view.own.wait_tip("CO-999")
    assert tip["title"] == "In no published list"
    assert "pays" in parts(tip), "its group still tells who pays"


def test_a_code_without_its_group_names_no_payer(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#bare")
    assert "pays" not in parts(view.own.wait_tip("107"))


@pytest.mark.parametrize("size", [(1280, 720), (500, 420), (380, 300)])
def test_it_does_not_cover_its_cell_and_stays_in_the_window(
    view: View, size: tuple[int, int]
) -> None:
    page = view.open("plain.html")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for selector in ("#code", "#remark", "#unknown"):
        page.locator(selector).scroll_into_view_if_needed()
        page.mouse.move(1, 1)
        hover(page, selector)
        tip = view.own.wait_tip(page.inner_text(selector))
        left, top, right, bottom = tip["box"]
        assert apart(tip["box"], cell_box(page, selector)), selector
        assert left >= 0, selector
        assert top >= 0, selector
        assert right <= size[0] + 0.5, selector
        assert bottom <= size[1] + 0.5, selector
        page.keyboard.press("Escape")


def test_it_may_be_entered_and_stays(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#code")
    box = view.own.wait_tip("CO-107")["box"]
    page.mouse.move(box[0] + 40, box[1] + 30, steps=4)
    page.wait_for_timeout(900)
    assert view.own.tip(), "the pointer is inside"
    page.mouse.move(2, 2)
    view.own.wait_no_tip()


def test_a_neighbouring_code_takes_over_and_stays(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#code")
    view.own.wait_tip("CO-107")
    view.own.evaluate(
        "(() => { globalThis.hidden = 0; const hide = RemitlensTip.hide;"
        " RemitlensTip.hide = () => { globalThis.hidden += 1; hide(); }; })()"
    )
    # The pointer comes to rest on the neighbour: no further movement calls it back.
    page.mouse.move(*middle(page, "#remark"))
    view.own.wait_tip("N122")
    page.wait_for_timeout(400)
    assert view.own.wait_tip("N122")
    assert view.own.evaluate("globalThis.hidden") == 0, "no flicker in between"


def test_what_escape_closed_stays_closed_until_the_pointer_left_it(view: View) -> None:
    page = view.open("plain.html")
    hover(page, "#code")
    view.own.wait_tip("CO-107")
    page.keyboard.press("Escape")
    view.own.wait_no_tip()
    x, y = middle(page, "#code")
    page.mouse.move(x + 1, y)
    page.wait_for_timeout(500)
    assert view.own.tip() is None, "a trembling hand does not call it back"
    page.mouse.move(2, 2)
    hover(page, "#code")
    view.own.wait_tip("CO-107")


def test_escape_in_one_frame_dismisses_the_tooltip_of_another(view: View) -> None:
    page = view.open("frames.html")
    frame = next(frame for frame in page.frames if frame.url.endswith("frame-outer.html"))
    wait_marks(frame, ["CO-22"])
    hover(page, "#code", frame)
    frame.wait_for_selector("remitlens-tip", state="attached")
    assert page.evaluate("document.activeElement === document.body"), "the top frame has the keys"
    page.keyboard.press("Escape")
    frame.wait_for_selector("remitlens-tip", state="detached", timeout=3000)


def test_escape_dismisses_it_and_nothing_else(view: View) -> None:
    page = view.open("dialog.html")
    page.evaluate("modal.showModal()")
    hover(page, "#inside")
    tip = view.own.wait_tip("CO-107")
    assert tip["parent"] == "DIALOG"
    page.keyboard.press("Escape")
    view.own.wait_no_tip()
    assert page.evaluate("modal.open"), "the page's dialog stays open at the first Escape"
    assert page.evaluate("modal.childElementCount") == 2
    page.keyboard.press("Escape")
    assert not page.evaluate("modal.open")


def test_in_a_modal_dialog_it_can_be_used(view: View) -> None:
    page = view.open("dialog.html")
    page.evaluate("modal.showModal()")
    hover(page, "#inside")
    box = view.own.wait_tip("CO-107")["box"]
    page.mouse.move(box[0] + 30, box[1] + 20, steps=3)
    page.mouse.click(box[2] - 60, box[3] - 20)
    view.own.wait_tip(told="Copied")
    assert page.evaluate("modal.open")


def test_the_portals_own_hover_box_works_on(view: View) -> None:
    page = view.open("dialog.html")
    hover(page, "#own")
    view.own.wait_tip("CO-45")
    assert page.evaluate("window.hovers") == 1
    shown = page.evaluate("getComputedStyle(document.querySelector('#own'), '::after').content")
    assert "own words" in shown
    assert page.get_attribute("#own", "title") == "native"
    tip = view.own.wait_tip("CO-45")
    box = page.evaluate(
        "(() => { const e = document.querySelector('#own').getBoundingClientRect();"
        " const s = getComputedStyle(document.querySelector('#own'), '::after');"
        " const [x, y] = [e.left + parseFloat(s.left), e.top + parseFloat(s.top)];"
        " return [x, y, x + parseFloat(s.width) + 8, y + parseFloat(s.height) + 8]; })()"
    )
    assert apart(tip["box"], box), "the portal's own box stays visible"


def test_clicks_inside_do_not_reach_the_page(view: View) -> None:
    page = view.open("plain.html")
    page.evaluate(
        "window.clicks = 0; document.addEventListener('click', () => { window.clicks += 1; })"
    )
    hover(page, "#code")
    box = view.own.wait_tip("CO-107")["box"]
    page.mouse.move(box[0] + 30, box[1] + 20, steps=3)
    page.mouse.click(box[0] + 30, box[1] + 20)
    assert page.evaluate("window.clicks") == 0


def test_copied_note_holds_the_cards_words_only(view: View) -> None:
    page = view.open("patient.html")
    page.context.grant_permissions(["clipboard-read"], origin=view.site.address)
    hover(page, "#code")
    box = view.own.wait_tip("CO-107")["box"]
    page.mouse.move(box[0] + 30, box[1] + 20, steps=3)
    page.mouse.click(box[2] - 60, box[3] - 20)
    view.own.wait_tip(told="Copied")
    note = page.evaluate("navigator.clipboard.readText()")
    assert note.startswith("CO-107: Related or qualifying service is missing")
    assert "Who pays: " in note
    assert "Quillfeather" not in note


def test_keys_walk_from_code_to_code_and_round(view: View, browser: Chromium) -> None:
    page = view.open("plain.html")
    wait_marks(page, ["CO-107", "PR-1", "CO-107", "N122", "CO-45", "CO-999", "107"])
    for code in ("CO-107", "PR-1", "CO-107", "N122", "CO-45", "CO-999", "107", "CO-107"):
        walk(browser, page, 1)
        view.own.wait_tip(code)
    walk(browser, page, -1)
    view.own.wait_tip("107")


def test_keys_walk_through_frames(view: View, browser: Chromium) -> None:
    page = view.open("frames.html")
    # Asked from outside: a frame that is not painted runs no loop of its own.
    end = time.monotonic() + 10
    while not all(marks(frame) for frame in page.frames):
        assert time.monotonic() < end
        page.wait_for_timeout(30)
    walk(browser, page, 1)
    view.own.wait_tip("CO-16")
    walk(browser, page, 1)
    view.own.wait_no_tip()
    end = time.monotonic() + 5
    while not (shown := [each for each in page.frames if each.query_selector("remitlens-tip")]):
        assert time.monotonic() < end
        page.wait_for_timeout(30)
    assert len(shown) == 1
    assert shown[0] is not page.main_frame


def test_a_screen_reader_hears_the_code_walked_to(view: View, browser: Chromium) -> None:
    page = view.open("plain.html")
    wait_marks(page, ["CO-107", "PR-1", "CO-107", "N122", "CO-45", "CO-999", "107"])
    walk(browser, page, 1)
    view.own.wait_tip("CO-107")
    end = time.monotonic() + 5
    while not view.own.wait_tip("CO-107")["spoken"].startswith("CO-107. Related or qualifying"):
        assert time.monotonic() < end
        page.wait_for_timeout(30)


def test_tab_goes_into_the_tooltip_and_escape_back(view: View, browser: Chromium) -> None:
    page = view.open("plain.html")
    wait_marks(page, ["CO-107", "PR-1", "CO-107", "N122", "CO-45", "CO-999", "107"])
    page.focus("#button")
    walk(browser, page, 1)
    view.own.wait_tip("CO-107")
    assert page.evaluate("document.activeElement.id") == "button", "focus is not taken unasked"
    page.keyboard.press("Tab")
    tip = view.own.tip()
    assert tip
    assert tip["focus"] == "copy"
    page.keyboard.press("Enter")
    view.own.wait_tip(told="Copied")
    page.keyboard.press("Escape")
    view.own.wait_no_tip()
    assert page.evaluate("document.activeElement.id") == "button"


def test_keys_of_the_page_are_its_own_while_nothing_is_shown(view: View) -> None:
    page = view.open("plain.html")
    page.evaluate("window.keys = []; addEventListener('keydown', (e) => window.keys.push(e.key))")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    page.keyboard.press("a")
    assert page.evaluate("window.keys") == ["Escape", "Tab", "a"]


def test_it_closes_when_its_code_scrolls_away(view: View) -> None:
    page = view.open("plain.html")
    page.evaluate("document.body.style.paddingBottom = '3000px'")
    hover(page, "#code")
    view.own.wait_tip("CO-107")
    page.mouse.wheel(0, 1500)
    view.own.wait_no_tip()


def test_it_opens_within_thirty_milliseconds_of_its_delay(view: View) -> None:
    page = view.open("plain.html")
    wait_marks(page, ["CO-107", "PR-1", "CO-107", "N122", "CO-45", "CO-999", "107"])
    page.evaluate(
        "window.moved = 0; window.opened = 0;"
        "addEventListener('pointermove', () => { window.moved ||= performance.now(); }, true);"
        "new MutationObserver(() => { if (document.querySelector('remitlens-tip')) window.opened ||= performance.now(); })"
        ".observe(document.documentElement, { childList: true })"
    )
    took = []
    for selector in ("#code", "#paid", "#remark"):
        page.keyboard.press("Escape")
        page.mouse.move(2, 2)
        view.own.wait_no_tip()
        page.wait_for_timeout(100)
        page.evaluate("window.moved = window.opened = 0")
        x, y = middle(page, selector)
        page.mouse.move(x, y)
        page.wait_for_function("window.opened > 0")
        took.append(page.evaluate("window.opened - window.moved"))
    # 120 ms of delay, and a frame until the pointer is looked at.
    assert sorted(took)[1] < 120 + 17 + 30, took


def test_two_hundred_per_cent_zoom(view: View, browser: Chromium) -> None:
    page = view.open("plain.html")
    browser.worker.evaluate(
        "async () => { const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });"
        " await chrome.tabs.setZoom(tab.id, 2); }"
    )
    page.wait_for_function("innerWidth === 640")
    view.own.evaluate("remitlens.show(2)")
    tip = view.own.wait_tip("CO-107")
    assert tip["box"][0] >= 0
    assert tip["box"][2] <= 640
    assert apart(tip["box"], cell_box(page, "#code"))


@pytest.mark.parametrize("look", ["light", "dark", "forced", "still"])
def test_axe_finds_nothing_in_the_tooltip(
    view: View, views: Callable[[], View], browser: Chromium, look: str
) -> None:
    page = view.open("plain.html")
    hover(page, "#code")
    tip = view.own.wait_tip("CO-107")
    bare = browser.context.new_page()
    bare.emulate_media(
        color_scheme="dark" if look == "dark" else "light",
        forced_colors="active" if look == "forced" else "none",
        reduced_motion="reduce" if look == "still" else "no-preference",
    )
    style = tip["style"].replace(":host", ".unused")
    bare.set_content(
        "<!doctype html><html lang=en><title>Tooltip</title><main><h1>Tooltip</h1>"
        f"<style>{style}</style>{tip['html'].replace('<details', '<details open')}</main></html>"
    )
    bare.add_script_tag(content=(MODULES / "axe-core/axe.min.js").read_text())
    found = bare.evaluate("axe.run(document, { resultTypes: ['violations'] })")
    bare.close()
    told = [(each["id"], each["nodes"][0]["html"][:120]) for each in found["violations"]]
    assert told == [], json.dumps(told)


def test_reduced_motion_moves_nothing(view: View) -> None:
    page = view.open("plain.html")
    page.emulate_media(reduced_motion="reduce")
    hover(page, "#code")
    tip = view.own.wait_tip("CO-107")
    assert "prefers-reduced-motion" in tip["style"]
    moving = view.own.evaluate(
        "chrome.dom.openOrClosedShadowRoot(document.querySelector('remitlens-tip'))"
        ".querySelector('.tip').getAnimations().length"
    )
    assert moving == 0


def test_pages_of_one_site_do_not_share_a_tooltip(views: Callable[[], View], site: Server) -> None:
    first, second = views(), views()
    first.open("plain.html")
    page = second.open("changing.html")
    hover(page, "#code")
    second.own.wait_tip("CO-107")
    assert first.own.tip() is None


@pytest.mark.parametrize("selector", ["#group", "#code"])
def test_a_code_split_over_cells_is_explained_from_either(view: View, selector: str) -> None:
    page = view.open("split.html")
    wait_marks(page, ["CO", "107", "N122"])
    hover(page, selector)
    tip = view.own.wait_tip("CO-107")
    assert apart(tip["box"], cell_box(page, selector))
    assert tip["rows"][-1]["label"] == "N122"
