"""Chromium with the extension loaded unpacked as it stands, and the hosts a test needs granted.

The permission bubble cannot be clicked headless, so a first start lets the profile be made and the
grant is written where the browser keeps what a user granted.
"""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright, Worker, sync_playwright

CHROMIUM = "/usr/bin/chromium"
EXTENSION = Path(__file__).resolve().parents[2] / "extension"
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Chromium:
    """One browser with the extension in it. `context` is Playwright's; `worker` the extension's."""

    def __init__(self, context: BrowserContext, worker: Worker) -> None:
        self.context = context
        self.worker = worker
        self.origin = worker.url.rsplit("/", 1)[0]
        self._own: Page | None = None

    def page(self, url: str) -> Page:
        page = self.context.new_page()
        page.goto(url)
        return page

    def own_page(self, path: str) -> Page:
        """One of the extension's own pages in a tab."""
        return self.page(f"{self.origin}/{path}")

    def message(self, message: dict[str, object]) -> object:
        """Send a message as the popup does; the worker's reply."""
        if self._own is None or self._own.is_closed():
            self._own = self.own_page("popup/popup.html?still")
        return self._own.evaluate("message => chrome.runtime.sendMessage(message)", message)

    def add_site(self, site: str, portal: str = "", lookup: bool = False) -> None:
        """Turn a granted place on, as the popup does after the browser's own question."""
        message = {"type": "granted", "site": site, "portal": portal, "lookup": lookup, "tab": 0}
        assert self.message(message) == {"done": True}


def _launch(
    playwright: Playwright,
    profile: Path,
    extension: Path,
    flags: tuple[str, ...] = (),
    **more: object,
) -> Chromium:
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=CHROMIUM,
        headless=True,
        args=[
            *_FLAGS,
            *flags,
            f"--disable-extensions-except={extension}",
            f"--load-extension={extension}",
        ],
        ignore_default_args=["--disable-extensions"],
        **more,  # type: ignore[arg-type]
    )
    workers = context.service_workers
    worker = workers[0] if workers else context.wait_for_event("serviceworker", timeout=20_000)
    return Chromium(context, worker)


def _grant(profile: Path, extension: Path, hosts: list[str]) -> None:
    file = profile / "Default" / "Preferences"
    preferences = json.loads(file.read_text())
    for known in preferences["extensions"]["settings"].values():
        if known.get("path") != str(extension):
            continue
        for name in ("active_permissions", "granted_permissions", "runtime_granted_permissions"):
            held = known.setdefault(
                name, {"api": [], "manifest_permissions": [], "scriptable_host": []}
            )
            held["explicit_host"] = hosts
    file.write_text(json.dumps(preferences))


_profiles: dict[tuple[Path, tuple[str, ...]], Path] = {}


def _granted(playwright: Playwright, extension: Path, hosts: tuple[str, ...]) -> Path:
    """A profile where `hosts` are granted, made once a process and copied for each start."""
    made = _profiles.get((extension, hosts))
    if made is None:
        folder = tempfile.mkdtemp(prefix="chromium-granted-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made = Path(folder) / "profile"
        _launch(playwright, made, extension).context.close()
        _grant(made, extension, list(hosts))
        for lock in made.glob("Singleton*"):
            lock.unlink()
        _profiles[extension, hosts] = made
    return made


@contextmanager
def chromium(
    hosts: list[str],
    extension: Path = EXTENSION,
    playwright: Playwright | None = None,
    **more: object,
) -> Iterator[Chromium]:
    """A Chromium with `hosts` (as `http://127.0.0.1/*`) granted to the extension."""
    if playwright is None:
        with sync_playwright() as started, chromium(hosts, extension, started, **more) as browser:
            yield browser
        return
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        profile = Path(folder) / "profile"
        if hosts:
            shutil.copytree(_granted(playwright, extension, tuple(hosts)), profile)
        browser = _launch(playwright, profile, extension, **more)
        try:
            yield browser
        finally:
            browser.context.close()
