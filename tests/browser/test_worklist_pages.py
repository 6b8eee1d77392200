"""The pages as a biller drives them in Chromium, from signing in to the payment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from server.store import people
from tests.api.house import PASSWORD
from tests.browser.chromium import CHROMIUM
from tests.browser.office import PAID, Office, office
from tests.browser.servers import MODULES

pytestmark = pytest.mark.browser
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def chrome(playwright_: Playwright) -> Iterator[Browser]:
    started = playwright_.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield started
    started.close()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as built:
        yield built


def sign_in(page: Page, place: Office) -> None:
    page.goto(place.address)
    page.get_by_label("Login").fill("bea")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code of your authenticator").fill(place.code())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="C1", exact=True)).to_be_visible()
    # Deferred scripts hear keys by then.
    page.wait_for_load_state()


class Session:
    """One signed-in page; whatever its console complains of fails the test."""

    def __init__(self, chrome: Browser, place: Office, **more: Any) -> None:
        self.context: BrowserContext = chrome.new_context(accept_downloads=True, **more)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda message: (
                self.complaints.append(message.text) if message.type == "error" else None
            ),
        )
        self.page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(place.address)
                else self.complaints.append(request.url)
            ),
        )
        sign_in(self.page, place)

    def close(self) -> None:
        self.context.close()
        assert self.complaints == []


def test_from_signing_in_to_the_payment(chrome: Browser, place: Office) -> None:
    session = Session(chrome, place)
    page = session.page
    row = page.locator("#rows tr[data-line]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Ready")
    expect(row).to_contain_text("161 days left")
    expect(row).to_contain_text("$1,150.00")
    expect(page.locator("body")).not_to_contain_text("ROE")
    row.get_by_role("button", name="Show the patient").click()
    expect(row).to_contain_text("ROE, ANNA")

    # One click to the packet.
    row.get_by_role("button", name="Packet").click()
    expect(page.get_by_role("status").first).to_contain_text("The packet is built")
    claim = page.locator(".files li").filter(has_text="Corrected claim (837)")
    claim.get_by_text("Look at it").click()
    expect(claim.locator("pre")).to_contain_text("CLM*C1*5150***22:B:7*")
    with page.expect_download() as got:
        claim.get_by_role("link", name=re.compile("Download")).click()
    assert got.value.suggested_filename.endswith("-corrected-claim.837")
    content = Path(got.value.path()).read_bytes()
    assert b"22612" in content
    assert b"REF*F8*PCN1~" in content

    page.get_by_role("button", name="Mark as sent").click()
    expect(page.locator("h1 + .lead")).to_contain_text("Sent again")
    expect(page.locator(".time")).to_contain_text("Corrected claim sent on 2026-03-01")

    # Taken back, and done again.
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.locator("h1 + .lead")).to_contain_text("Ready")
    page.get_by_role("button", name="Mark as sent").click()

    place.clock.forward(days=15)
    place.take_in("later.835", PAID)
    sign_in_again(page, place)
    page.goto(f"{place.address}/?state=resolved&whose=all")
    expect(row).to_contain_text("Paid")
    row.get_by_role("link", name="C1", exact=True).click()
    expect(page.locator(".big")).to_contain_text("$900.00")
    expect(page.get_by_text("Paid $900.00 on a later remittance")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".strip")).to_contain_text("$900")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    session.close()


def sign_in_again(page: Page, place: Office) -> None:
    """The session is old by then."""
    page.goto(place.address)
    page.get_by_label("Login").fill("bea")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Code of your authenticator").fill(place.code())
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_by_keys_alone(chrome: Browser, place: Office) -> None:
    session = Session(chrome, place)
    page = session.page
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="C1", exact=True)).to_be_focused()
    page.keyboard.press("v")
    expect(page.locator("#rows")).to_contain_text("ROE, ANNA")
    page.keyboard.press("x")
    expect(page.locator("#chosen")).to_have_text("1 line chosen")
    page.keyboard.press("a")
    expect(page.get_by_role("status").first).to_contain_text("1 line assigned to bea.")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_role("status").first).to_contain_text("Taken back on 1 line.")
    page.wait_for_load_state()
    page.keyboard.press("j")
    page.keyboard.press("w")
    expect(page.locator(".empty")).to_contain_text("Nothing waits for you.")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.locator("#rows tr")).to_have_count(1)
    page.wait_for_load_state()
    page.keyboard.press("?")
    page.get_by_label("Single keys work").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    page.reload()
    page.keyboard.press("?")
    expect(page.locator("#keys")).not_to_be_visible()
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys work").check()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("roe")
    page.keyboard.press("Enter")
    expect(page.locator("#list")).to_contain_text("1 line, $1,150.00 for what you typed")
    session.close()


def test_keys_on_the_other_pages(chrome: Browser, place: Office) -> None:
    session = Session(chrome, place)
    page = session.page
    page.goto(f"{place.address}/lines/1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("build the packet")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("v")
    expect(page.locator(".facts .patient")).to_contain_text("ROE, ANNA")
    page.keyboard.press("p")
    expect(page.locator(".files")).to_contain_text("Corrected claim (837)")
    page.wait_for_load_state()
    page.keyboard.press("n")
    page.keyboard.type("u is a letter here")
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("status").first).to_contain_text("The note is saved.")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_role("status").first).to_contain_text("Taken back on 1 line.")
    page.wait_for_load_state()
    page.keyboard.press("b")
    expect(page.locator("#rows")).to_be_visible()
    for key, heading in {
        "2": "Overview",
        "3": "Portals and sweeps",
        "4": "Payers",
        "5": "Denial codes",
        "6": "Pair the extension",
        "1": "Worklist",
    }.items():
        page.wait_for_load_state()
        page.keyboard.press(key)
        expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
        page.wait_for_load_state()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_contain_text("undo what was just done")
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    session.close()


def test_without_scripts_everything_still_works(chrome: Browser, place: Office) -> None:
    context = chrome.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, place)
    page.get_by_role("combobox", name="State").select_option("appeal")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator(".empty")).to_contain_text("Nothing fits this filter.")
    page.goto(place.address)
    page.get_by_role("button", name="Packet").click()
    expect(page.locator(".files")).to_contain_text("Corrected claim (837)")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 640, 320])
def test_every_page_is_open_to_everyone(
    chrome: Browser, place: Office, scheme: Any, width: int
) -> None:
    """axe-core finds nothing, and nothing scrolls sideways; 640 is 1280 at 200% zoom."""
    session = Session(chrome, place, color_scheme=scheme, viewport={"width": width, "height": 800})
    page = session.page
    axe = (MODULES / "axe-core/axe.min.js").read_text()
    page.get_by_role("button", name="Packet").click()
    paths = [
        "/",
        "/?patients=1",
        "/?q=nobody",
        "/?view=groups",
        page.url.removeprefix(place.address),
        "/overview",
        "/sweeps",
        "/payers",
        "/codes?q=add-on",
        "/codes/CO-107",
        "/pair",
        "/lines/999",
        "/sign-out",
    ]
    for path in paths:
        if path == "/sign-out":
            page.goto(place.address)
            page.get_by_role("button", name="Sign out").click()
        else:
            page.goto(place.address + path)
        for folded in page.locator("main details").all():
            folded.evaluate("one => { one.open = true; }")
        tools = session.context.new_cdp_session(page)
        # By the debugger: the page's own policy forbids a foreign script, as it should.
        tools.send("Runtime.evaluate", {"expression": axe})
        found = page.evaluate(
            "rules => axe.run({runOnly: rules}).then(done => done.violations.map("
            "one => one.id + ': ' + one.nodes.map(node => node.target.join(' ')).join(', ')))",
            RULES,
        )
        assert found == [], (path, found)
        spare = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert spare <= 0, (path, spare)
    session.complaints = [one for one in session.complaints if "404" not in one]
    session.close()


def test_a_session_that_ended_under_an_open_page(chrome: Browser, place: Office) -> None:
    session = Session(chrome, place)
    page = session.page
    people.disable(place.store, "bea")
    page.get_by_role("button", name="Show the patient").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    session.close()


def test_what_a_file_says_is_never_run(chrome: Browser, place: Office) -> None:
    evil = "<IMG SRC=X ONERROR=DOCUMENT.TITLE=1>"
    denial = (
        PAID.replace(b"CLP*C1*1*5150*4400", b"CLP*C9*4*1150*0")
        .replace(b"NM1*QC*1*ROE*ANNA", b"NM1*QC*1*" + evil.encode() + b"*ANNA")
        .replace(b"SVC*HC:22612*4000*3500**1~\nDTM*472*20260115~\nCAS*CO*45*500~\n", b"")
        .replace(b"SVC*HC:22614*1150*900**1", b"SVC*HC:22614*1150*0**1")
        .replace(b"CAS*CO*45*250", b"CAS*CO*107*1150")
        .replace(b"BPR*I*4400", b"BPR*H*0")
        .replace(b"SE*22*", b"SE*19*")
    )
    place.clock.forward(days=15)
    place.take_in("evil.835", denial)
    session = Session(chrome, place)
    page = session.page
    page.goto(f"{place.address}/?patients=1&whose=all")
    expect(page.locator("#rows")).to_contain_text(evil)
    assert page.locator("img[src=X i]").count() == 0
    assert page.title().startswith("Worklist")
    session.close()
