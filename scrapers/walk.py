"""Walking a portal with a browser: go, wait, press, freeze, each with typed errors.

Navigation and reading may be repeated by whoever calls; nothing here submits a login.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapers.capture import Capture, ClaimRef, FrozenPage
from scrapers.errors import Blocked, PortalError, SessionExpired, SiteChanged, SiteDown, SlowDown
from scrapers.read import ERROR_OF_OUTCOME
from scrapers.sign import Sign, signs_shown

if TYPE_CHECKING:
    from playwright.async_api import Frame, FrameLocator, Locator, Page, Response

    from scrapers.portal import Portal

_SLICE_SECONDS = 0.75
"""How long to wait for the expected before looking whether something else came."""
_LARGEST_FILE = 16 * 2**20
_WATCHED = frozenset({"document", "xhr", "fetch"})


@asynccontextmanager
async def weather(portal: Portal, kind: str) -> AsyncIterator[None]:
    """Turn what Playwright raises into our errors: no connection and time-outs are `SiteDown`."""
    from playwright.async_api import Error, TimeoutError

    try:
        yield
    except TimeoutError:
        raise SiteDown(portal.id, kind, what="no answer in time") from None
    except Error as error:
        known = re.search(r"net::(ERR_[A-Z_]+)", error.message)
        if known and known[1] != "ERR_ABORTED":
            raise SiteDown(portal.id, kind, what=known[1].lower()) from None
        raise SiteChanged(portal.id, kind, what="the browser could not do the step") from None


class Walk:
    """One page on its way through one portal; remembers the last refusal of the server."""

    def __init__(self, page: Page, portal: Portal) -> None:
        self.page, self.portal = page, portal
        self._refusal: PortalError | None = None
        self.expected: frozenset[str] = frozenset()
        """Outcomes that are no surprise here: at a sign-in, its own page."""
        self.heard = 0
        """How many documents and fetched answers came so far."""
        page.on("response", self._watch)

    def __enter__(self) -> Walk:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop watching; the page stays open."""
        self.page.remove_listener("response", self._watch)

    @property
    def patience(self) -> float:
        """Milliseconds to wait for anything."""
        return self.portal.pacing.seconds_to_wait * 1000

    def _watch(self, response: Response) -> None:
        if response.request.resource_type in _WATCHED:
            self.heard += 1
            self._refusal = _refusal(response, self.portal) or self._refusal

    def raise_refusal(self, kind: str) -> None:
        """Raise, once, what the server last refused."""
        if self._refusal:
            refusal, self._refusal = self._refusal, None
            if isinstance(refusal, SessionExpired) and "login_page" in self.expected:
                return  # A sign-in page may well come with status 401.
            raise type(refusal)(
                refusal.portal, kind, what=refusal.what, retry_after=refusal.retry_after
            )

    async def go(self, path: str, kind: str) -> None:
        """Open an address of the portal; raises SiteDown, SlowDown, Blocked."""
        self._refusal = None
        async with weather(self.portal, kind):
            await self.page.goto(
                self.portal.address(path), wait_until="domcontentloaded", timeout=self.patience
            )
        self.raise_refusal(kind)

    async def shown(
        self, where: Page | Frame | FrameLocator, selector: str, kind: str, text: str = ""
    ) -> Locator:
        """Wait until the selector shows, `text` in it as whole words; raises what came instead."""
        locator = where.locator(selector)
        if text:
            locator = locator.filter(has_text=whole(text))
        locator = locator.first
        await self._once_there(
            selector, kind, lambda time: locator.wait_for(state="visible", timeout=time)
        )
        return locator

    async def _once_there(
        self, selector: str, kind: str, act: Callable[[float], Awaitable[None]]
    ) -> None:
        """Try what needs the selector, some milliseconds at a time; raises what came instead."""
        from playwright.async_api import TimeoutError

        waited = 0.0
        while True:
            pause = min(_SLICE_SECONDS, max(0.05, self.patience / 1000 - waited))
            try:
                async with _unnamed_weather(self.portal, kind):
                    await act(pause * 1000)
            except TimeoutError:
                waited += pause
                last = waited * 1000 >= self.patience
                await self.refuse_other_pages(kind, stuck=last)
                if last:
                    raise SiteChanged(
                        self.portal.id, kind, selector=selector, found=0, expected="1"
                    ) from None
                continue
            self.raise_refusal(kind)
            return

    async def refuse_other_pages(self, kind: str, *, stuck: bool = False) -> None:
        """Raise what the page means if it is no result: an outcome's sign, or a refused request."""
        self.raise_refusal(kind)
        wanted = [
            Sign(outcome, marker.selector, marker.text)
            for outcome in ERROR_OF_OUTCOME
            if outcome not in self.expected and (stuck or outcome != "loading")
            for marker in getattr(self.portal.outcomes, outcome)
        ]
        found = await signs_shown(self.page, wanted)
        for outcome, (error, what) in ERROR_OF_OUTCOME.items():
            if outcome in found:
                raise error(self.portal.id, kind, what=what)
        if stuck:
            async with weather(self.portal, kind):
                state = await self.page.evaluate("document.readyState")
            if state == "loading":
                raise SiteDown(self.portal.id, kind, what="the page never finished loading")

    async def press(self, target: Locator, kind: str) -> None:
        """Click; raises SiteDown where the page does not take it in time."""
        async with weather(self.portal, kind):
            await target.click(timeout=self.patience)

    async def fill(self, target: Locator, text: str, kind: str) -> None:
        async with weather(self.portal, kind):
            await target.fill(text, timeout=self.patience)

    async def search(
        self, where: Page | Frame, field: str, button: str, text: str, kind: str
    ) -> None:
        """Fill a search field and press its button."""
        there = where.locator(field).first
        # Filling waits for the field as `shown` would: one message to the browser, not two.
        await self._once_there(field, kind, lambda time: there.fill(text, timeout=time))
        await self.press(await self.shown(where, button, kind), kind)

    async def press_all(self, where: Page | Frame, selector: str, kind: str) -> None:
        """Press what matches, again and again, as often as there were matches at first."""
        targets = where.locator(selector)
        for _ in range(await targets.count()):
            await self.press(targets.first, kind)

    async def freeze(self, where: Page | Frame, kind: str) -> FrozenPage:
        """The document's HTML as it stands."""
        async with weather(self.portal, kind):
            return FrozenPage(kind, await where.content())

    async def fetch(self, link: Locator, kind: str) -> FrozenPage:
        """The text file a link offers, fetched with the session's cookies; at most 16 MiB."""
        async with weather(self.portal, kind):
            address = await link.evaluate("node => node.href", timeout=self.patience)
            if urlsplit(str(address)).netloc != urlsplit(self.page.url).netloc:
                raise SiteChanged(self.portal.id, kind, what="the file lies on another host")
            answer = await self.page.context.request.get(
                str(address), timeout=self.patience, max_redirects=0
            )
            body = await answer.body()
        if answer.status != 200 or len(body) > _LARGEST_FILE:
            raise SiteChanged(self.portal.id, kind, what=f"the file came with {answer.status}")
        return FrozenPage(kind, body.decode("utf-8", "replace"))

    async def frame(self, selector: str, kind: str) -> Frame:
        """The frame of an iframe element, waited for."""
        element = await self.shown(self.page, selector, kind)
        async with weather(self.portal, kind):
            handle = await element.element_handle(timeout=self.patience)
            frame = await handle.content_frame()
        if frame is None:
            raise SiteChanged(self.portal.id, kind, selector=selector, found=0, expected="1")
        return frame

    def capture(self, ref: ClaimRef, *pages: FrozenPage) -> Capture:
        return Capture(self.portal.id, ref, pages, datetime.now(UTC))


@asynccontextmanager
async def _unnamed_weather(portal: Portal, kind: str) -> AsyncIterator[None]:
    """As `weather`, but time-outs pass through for the caller to judge."""
    from playwright.async_api import TimeoutError

    try:
        yield
    except TimeoutError:
        raise
    except Exception as error:
        async with weather(portal, kind):
            raise error


def whole(text: str) -> re.Pattern[str]:
    """The text as whole words: `MH-2041` is not found in `MH-20417`."""
    return re.compile(rf"(?<![\w.-]){re.escape(text)}(?![\w-])")


def _refusal(response: Response, portal: Portal) -> PortalError | None:
    status = response.status
    if status == 429:
        named = _retry_after(response.headers)
        return SlowDown(portal.id, what="status 429", retry_after=named)
    if status == 401:
        return SessionExpired(portal.id, what="status 401")
    if status == 403:
        return Blocked(portal.id, what="status 403")
    if status >= 500:
        named = _retry_after(response.headers)
        return SiteDown(portal.id, what=f"status {status}", retry_after=named)
    return None


def _retry_after(headers: dict[str, Any]) -> timedelta | None:
    """`Retry-After`, seconds or an HTTP date (RFC 9110, 10.2.3); None where it is neither."""
    value = str(headers.get("retry-after", "")).strip()
    if value.isdigit():
        return timedelta(seconds=int(value))
    try:
        wait = parsedate_to_datetime(value) - datetime.now(UTC)
    except (ValueError, TypeError):
        return None
    return max(wait, timedelta(0))
