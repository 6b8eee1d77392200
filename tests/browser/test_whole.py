"""The whole: a real portal page, the real extension, the real server, one denied line explained."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Frame, Page, Playwright

from scrapers.sandbox.practice import write_practice
from scrapers.sandbox.serve import RunningSandbox, running_sandbox
from tests.browser import looking
from tests.browser.chromium import Chromium, chromium
from tests.browser.looking import Isolated
from tests.browser.servers import free_port

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ROOT = Path(__file__).resolve().parents[2]
TODAY = datetime.now().astimezone().date()
CLAIM = "MH-20417"
CODE = "#lines tr.more td.code >> text=CO-107"


@dataclass
class House:
    """A server of our own with a practice in it, told by its environment."""

    environment: dict[str, str]
    address: str
    process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "server.cli", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "server.cli", "serve"],
            env=self.environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2):
                    return
            except OSError:
                assert self.process.poll() is None
                time.sleep(0.1)
        raise AssertionError("the server never answered")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(107, TODAY, delay=0.02) as running:
        yield running


@pytest.fixture(scope="module")
def house(sandbox: RunningSandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The practice imported; the portal's definition at the sandbox's own port."""
    folder = tmp_path_factory.mktemp("whole")
    shutil.copytree(ROOT / "config", folder / "config")
    portal = folder / "config/portals/meridian.toml"
    moved = re.sub(
        r'base_address = "[^"]+"',
        f'base_address = "{sandbox.base("meridian")}"',
        portal.read_text(encoding="utf-8"),
    )
    portal.write_text(moved, encoding="utf-8")
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if "REMITLENS" not in name}
    told = {
        **kept,
        "REMITLENS_HOME": str(folder / "home"),
        "REMITLENS_CONFIG": str(folder / "config"),
        "REMITLENS_KEYS__SOURCE": "file",
        "REMITLENS_SERVER__PORT": str(port),
    }
    built = House(told, f"http://127.0.0.1:{port}")
    built.run("keys", "init")
    files = write_practice(folder / "files", TODAY, seed=107, portals=["meridian"])
    built.run("import", *map(str, files))
    built.start()
    yield built
    built.stop()


@pytest.fixture(scope="module")
def paired(playwright_: Playwright, house: House, sandbox: RunningSandbox) -> Iterator[Chromium]:
    code = json.loads(house.run("pair", "--json"))["code"]
    with chromium(["http://127.0.0.1/*"], playwright=playwright_) as browser:
        answer = browser.message({"type": "pair", "address": house.address, "code": code})
        assert answer == {"paired": True, "trouble": ""}
        browser.add_site(sandbox.address, "meridian", lookup=True)
        yield browser


@pytest.fixture
def portal_page(paired: Chromium, sandbox: RunningSandbox) -> Iterator[tuple[Page, Frame]]:
    """Signed in as a person would, the claim searched, opened, its lines expanded."""
    secret = sandbox.credentials("meridian")
    page = paired.context.new_page()
    page.goto(f"{sandbox.base('meridian')}/login")
    if page.locator("#username").count():
        page.fill("#username", secret.username)
        page.fill("#password", secret.password)
        page.click("#signin button")
        page.fill("#code", pyotp.TOTP(secret.totp).now())
        page.click("#otp button")
    page.wait_for_selector("#workspace")
    frame = page.frame_locator("#workspace").locator("#q").element_handle().owner_frame()
    frame.fill("#q", CLAIM)
    frame.click("#search button")
    frame.click("#results button")
    frame.wait_for_selector("#claim .claim-number")
    for toggle in frame.locator("#lines button.toggle").all():
        toggle.click()
    yield page, frame
    page.close()


def tip_in(page: Page, frame: Frame, selector: str, code: str, part: str = "") -> dict:
    """Hover an element of the frame; its tooltip, once it is of the code and has the part."""
    own = Isolated(page)
    tree = own.session.send("Page.getFrameTree")["frameTree"]
    number = next(one["frame"]["id"] for one in tree["childFrames"])
    box = frame.locator(selector).first.bounding_box()
    page.mouse.move(box["x"] - 30, box["y"] - 30)
    end = time.monotonic() + 8
    while True:
        page.mouse.move(box["x"] + 12, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + 13, box["y"] + box["height"] / 2)
        tip = own.evaluate(looking._READ, number)
        if tip and tip["code"] == code and (not part or told(tip, part)):
            return tip
        assert time.monotonic() < end, tip and tip["text"]
        time.sleep(0.1)


def told(tip: dict, part: str) -> str:
    return next((row["text"] for row in tip["rows"] if row["part"] == part), "")


def test_the_portals_codes_are_found(portal_page) -> None:
    _, frame = portal_page
    texts = ["CO-107", "N122"]
    found = frame.locator("#lines").inner_text()
    assert all(text in found for text in texts)
    until = time.monotonic() + 5
    while not set(texts) <= set(looking.marks(frame)):
        assert time.monotonic() < until, looking.marks(frame)
        time.sleep(0.05)


def test_with_the_server_down_the_extensions_own_list_answers(
    portal_page, house: House, paired: Chromium
) -> None:
    page, frame = portal_page
    house.stop()
    try:
        tip = tip_in(page, frame, CODE, "CO-107")
        assert "qualifying" in tip["text"].lower()
        assert "22612" not in told(tip, "missing")
        assert tip_in(page, frame, ".remark-codes", "N122")
    finally:
        house.start()
        # After a failure the extension leaves the server alone for a while; a person may ask again.
        paired.message({"type": "refresh"})


def test_hover_tells_this_lines_state_with_the_server_up(portal_page) -> None:
    page, frame = portal_page
    tip = tip_in(page, frame, CODE, "CO-107", "missing")
    assert tip["state"] == "Ready"
    assert "22612" in told(tip, "missing")
    assert "$1,150.00" in told(tip, "state")
    assert "days left" in told(tip, "deadline")
    assert "Your server" in tip["source"]


def test_a_remark_code_is_explained_in_our_words(portal_page) -> None:
    page, frame = portal_page
    tip = tip_in(page, frame, ".remark-codes", "N122")
    assert "add-on" in tip["text"].lower()
