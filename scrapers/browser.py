"""The browser: found, started once a worker, one context an account, recycled before it grows."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from scrapers.errors import BrowserMissing

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright, StorageState

    from scrapers.portal import Portal

FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Neither images nor fonts bear a fact; a flag costs nothing, a request filter costs each visit.
    "--blink-settings=imagesEnabled=false",
    "--disable-remote-fonts",
)
_INSTALLED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Chrome", ("google-chrome", "google-chrome-stable", "chrome")),
    ("Chromium", ("chromium", "chromium-browser")),
    ("Edge", ("microsoft-edge", "microsoft-edge-stable", "msedge")),
)
_PLACES = {
    "darwin": (
        ("Chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
        ("Chromium", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
        ("Edge", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
    ),
    "win32": (
        ("Chrome", r"C:\Program Files\Google\Chrome\Application\chrome.exe"),
        ("Edge", r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe"),
    ),
}


@dataclass(frozen=True, slots=True)
class FoundBrowser:
    """Where a browser is and how it was found."""

    path: str
    how: str


def find_browser(configured: str = "", own: str = "") -> FoundBrowser:
    """The configured one, Playwright's own, then Chrome, Chromium, Edge of the system.

    `own` is where Playwright would keep its browser. Raises BrowserMissing with one line that holds
    the command to install one.
    """
    if configured:
        path = shutil.which(os.path.expanduser(configured))
        if path:
            return FoundBrowser(path, "configured")
        raise BrowserMissing(f"[sweep] browser = {configured!r}: no such program")
    if own and Path(own).is_file():
        return FoundBrowser(own, "Playwright's own")
    for how, names in _INSTALLED:
        for name in names:
            path = shutil.which(name)
            if path:
                return FoundBrowser(path, how)
    for how, place in _PLACES.get(sys.platform, ()):
        if Path(place).is_file():
            return FoundBrowser(place, how)
    raise BrowserMissing(f"no browser found; install one with: {install_command()}")


def install_command(release: str = "/etc/os-release", root: bool | None = None) -> str:
    """The command that installs a browser here: the system's package, or Playwright's own."""
    as_root = os.geteuid() == 0 if root is None and hasattr(os, "geteuid") else bool(root)
    try:
        debian = re.search(r"^ID(_LIKE)?=.*debian", Path(release).read_text(), re.MULTILINE)
    except OSError:
        debian = None
    if debian:
        return f"{'' if as_root else 'sudo '}apt-get install -y chromium"
    return f"{Path(sys.executable).name} -m playwright install chromium"


def flags(root: bool | None = None) -> list[str]:
    """Chromium's switches; its sandbox is given up only as root, where it cannot work."""
    as_root = os.geteuid() == 0 if root is None and hasattr(os, "geteuid") else bool(root)
    return [*FLAGS, *(["--no-sandbox"] if as_root else [])]


class Browsers:
    """One Chromium of a worker; renewed before it grows past its size.

    Use as an async context manager. Contexts are closed by whoever asked for them. Where others are
    still at work in a browser that has grown, it takes no new context and ends with its last one.
    """

    def __init__(
        self,
        configured: str = "",
        *,
        headless: bool = True,
        contexts: int = 100,
        mebibytes: int = 1500,
    ) -> None:
        self.configured, self.headless = configured, headless
        self.contexts, self.mebibytes = contexts, mebibytes
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._grown: Browser | None = None
        """An earlier browser whose last contexts are still in use."""
        self._turn = asyncio.Lock()
        self._ending: asyncio.Future[None] | None = None
        self._made = 0
        self.started = 0
        """How many browsers were started so far."""

    async def __aenter__(self) -> Browsers:
        from playwright.async_api import async_playwright

        self._playwright = await async_playwright().start()
        try:
            await self._start()
        except BaseException:
            await self._playwright.stop()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for browser in (self._grown, self._browser):
            if browser and browser.is_connected():
                await browser.close()
        if self._playwright:
            await self._playwright.stop()

    async def _start(self) -> None:
        from playwright.async_api import Error

        if self._playwright is None:
            raise BrowserMissing("the browser was not opened with `async with`")
        found = find_browser(self.configured, self._playwright.chromium.executable_path)
        try:
            self._browser = await self._playwright.chromium.launch(
                executable_path=found.path, headless=self.headless, args=flags()
            )
        except Error as error:
            first = re.sub(r"[\x00-\x1f].*", "", error.message, flags=re.DOTALL)
            raise BrowserMissing(
                f"{found.path} ({found.how}) does not start: {first[:120]}"
            ) from None
        self._made = 0
        self.started += 1

    async def new_context(
        self, portal: Portal | None = None, state: Mapping[str, Any] | None = None
    ) -> BrowserContext:
        """A context of its own for one account, with the storage state of an earlier sign-in."""
        zone = portal.pacing.time_zone if portal else "America/New_York"
        kept: StorageState | None = dict(state) if state else None  # type: ignore[assignment]
        async with self._turn:
            browser = await self._fit()
            self._made += 1
            context = await browser.new_context(
                storage_state=kept,
                accept_downloads=True,
                service_workers="block",
                locale="en-US",
                timezone_id=zone,
                viewport={"width": 1280, "height": 900},
            )
        context.on("close", self._closed)
        return context

    async def _fit(self) -> Browser:
        """The browser for the next context: another where it died or has grown."""
        await self._end_grown()
        browser = self._browser
        if browser is not None and browser.is_connected():
            # One grown browser at a time: its size counts until it is gone.
            big = self._made >= self.contexts or resident_mebibytes(os.getpid()) > self.mebibytes
            if not big or self._grown is not None:
                return browser
            self._grown = browser
            await self._end_grown()
        await self._start()
        if self._browser is None:
            raise BrowserMissing("the browser did not start")
        return self._browser

    async def _end_grown(self) -> None:
        """Close the grown browser once nobody is at work in it."""
        grown = self._grown
        if grown is not None and not grown.contexts:
            self._grown = None
            await grown.close()

    def _closed(self, _context: BrowserContext) -> None:
        if self._grown is not None:
            self._ending = asyncio.ensure_future(self._end_grown())


def resident_mebibytes(root: int, proc: Path = Path("/proc")) -> int:
    """Memory of a process's descendants (Linux; 0 elsewhere), shared pages counted each time."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for process in _numbered(proc):
        try:
            stat = (process / "stat").read_text()
            pages[int(process.name)] = int((process / "statm").read_text().split()[1])
        except (OSError, IndexError, ValueError):
            continue
        parents[int(process.name)] = int(stat.rpartition(")")[2].split()[1])
    size = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
    return sum(pages[one] for one in pages if _descends(one, root, parents)) * size // 2**20


def _numbered(proc: Path) -> Iterable[Path]:
    return (entry for entry in proc.iterdir() if entry.name.isdigit()) if proc.is_dir() else ()


def _descends(process: int, root: int, parents: Mapping[int, int]) -> bool:
    seen = 0
    while process in parents and seen < 64:
        process = parents[process]
        seen += 1
        if process == root:
            return True
    return False
