"""One Chromium with the extension for each module of tests, a fresh page for each test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Playwright, sync_playwright

from tests.browser.chromium import Chromium, chromium
from tests.browser.looking import WATCH, Isolated
from tests.browser.servers import Api, Server, api_server, page_server


@pytest.fixture(scope="module")
def playwright_() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def site() -> Iterator[Server]:
    """The server of the pages."""
    with page_server() as server:
        yield server


@pytest.fixture(scope="module")
def browser(playwright_: Playwright, site: Server) -> Iterator[Chromium]:
    """Unpaired, with the page server's host granted."""
    with chromium(["http://127.0.0.1/*"], playwright=playwright_) as started:
        started.add_site(site.address)
        yield started


@pytest.fixture(scope="module")
def api() -> Api:
    return Api()


@pytest.fixture(scope="module")
def api_at(api: Api) -> Iterator[Server]:
    with api_server(api) as server:
        yield server


class View:
    """A page of the test, with a look into the extension's world beside it."""

    def __init__(self, browser: Chromium, site: Server, **more: object) -> None:
        self.browser = browser
        self.site = site
        self.page: Page = browser.context.new_page()
        self.own = Isolated(self.page)
        self.failures: list[str] = []
        self.page.on("pageerror", lambda error: self.failures.append(str(error)))

    def open(self, name: str, watch: bool = True) -> Page:
        self.page.goto(f"{self.site.address}/{name}")
        if watch:
            self.page.evaluate(WATCH)
        return self.page

    def close(self) -> None:
        errors = self.own.errors
        self.page.close()
        assert errors == [], f"errors of the extension: {errors}"


@pytest.fixture
def view(browser: Chromium, site: Server) -> Iterator[View]:
    """A fresh page; the test fails where the extension logged any error of its own."""
    shown = View(browser, site)
    yield shown
    shown.close()


@pytest.fixture
def views(browser: Chromium, site: Server) -> Iterator[Callable[[], View]]:
    """Several fresh pages."""
    shown: list[View] = []

    def another() -> View:
        shown.append(View(browser, site))
        return shown[-1]

    yield another
    for each in shown:
        each.close()
