"""Make the pictures of the tooltip on the sandbox portals: real Chromium, real server, real pages.

    .venv/bin/python docs/make_tooltip_screenshots.py [PORTAL...]

Writes docs/images/tooltip-PORTAL-light.png and -dark.png. The patients are invented. Where the
portal forbids the extension there is no tooltip: the popup that says why is shown in its place.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.async_api import BrowserContext, Frame, Page, async_playwright  # noqa: E402

from scrapers.login import sign_in  # noqa: E402
from scrapers.portal import Portal, load_portals  # noqa: E402
from scrapers.sandbox.practice import write_practice  # noqa: E402
from scrapers.sandbox.serve import RunningSandbox, running_sandbox  # noqa: E402
from tests.browser import chromium  # noqa: E402
from tests.browser.servers import free_port  # noqa: E402
from tests.browser.test_whole import TODAY, House  # noqa: E402

IMAGES = ROOT / "docs/images"
PORTALS = ("meridian", "clearview", "harbor", "northgate", "bluestem", "thicket", "fedcontract")
SIZE = {"width": 1100, "height": 900}


def house_at(folder: Path, sandbox: RunningSandbox) -> House:
    """A server with every portal's practice, its portals at the sandbox's own ports."""
    shutil.copytree(ROOT / "config", folder / "config")
    for name in PORTALS:
        file = folder / f"config/portals/{name}.toml"
        moved = f'base_address = "{sandbox.base(name)}"'
        file.write_text(re.sub(r'base_address = "[^"]+"', moved, file.read_text()))
    port = free_port()
    told = {
        **os.environ,
        "REMITLENS_HOME": str(folder / "home"),
        "REMITLENS_CONFIG": str(folder / "config"),
        "REMITLENS_KEYS__SOURCE": "file",
        "REMITLENS_SERVER__PORT": str(port),
    }
    house = House(told, f"http://127.0.0.1:{port}")
    house.run("keys", "init")
    files = write_practice(folder / "files", TODAY, seed=107, portals=PORTALS)
    house.run("import", *map(str, files))
    house.start()
    return house


async def launch(playwright, profile: Path) -> BrowserContext:
    flags = [
        *chromium._FLAGS,
        f"--disable-extensions-except={chromium.EXTENSION}",
        f"--load-extension={chromium.EXTENSION}",
    ]
    return await playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=chromium.CHROMIUM,
        headless=True,
        args=flags,
        ignore_default_args=["--disable-extensions"],
        viewport=SIZE,
    )


async def own_page(context: BrowserContext) -> Page:
    if not context.service_workers:
        await context.wait_for_event("serviceworker", timeout=20_000)
    page = await context.new_page()
    origin = context.service_workers[0].url.rsplit("/", 1)[0]
    await page.goto(f"{origin}/popup/popup.html?still")
    return page


async def hover(page: Page) -> bool:
    """Put the pointer on the first CO-107 (or its like) that any frame shows; whether one did."""
    for frame in page.frames:
        place = await _code(frame)
        if place:
            # Room below: the tooltip stands beside the code.
            await place.evaluate("(code) => code.scrollIntoView({ block: 'center' })")
            box = await place.bounding_box()
            for step in range(4):
                x = box["x"] + min(18, box["width"] / 3)
                await page.mouse.move(x + step, box["y"] + box["height"] / 2)
                await page.wait_for_timeout(120)
            await page.wait_for_timeout(2500)
            return True
    return False


async def _code(frame: Frame):
    for text in ("CO-107", "CO107", "CO 107", "A0107", "107"):
        found = frame.get_by_text(text, exact=True)
        for number in range(await found.count()):
            if await found.nth(number).is_visible():
                return found.nth(number)
    return None


def claim_of(sandbox: RunningSandbox, name: str):
    """A claim of the portal's with a 107 that it answers."""
    return next(
        one for one in sandbox.world.of(name)
        if one.outcome == "found" and "107" in str(one.answer)
    )  # fmt: skip


async def opened(
    context: BrowserContext, portal: Portal, name: str, sandbox: RunningSandbox
) -> Page:
    """Signed in as a person would, at the claim; the page that shows it."""
    had = len(context.pages)
    page = await sign_in(context, portal, sandbox.credentials(name))
    await page.set_viewport_size(SIZE)
    await portal.walker().open(page, portal, claim_of(sandbox, name).ref)
    shown = context.pages[-1] if len(context.pages) > had else page
    await shown.set_viewport_size(SIZE)
    return shown


async def tooltip_picture(shown: Page, own: Page, file: Path) -> bool:
    await shown.mouse.move(5, 5)
    await shown.wait_for_timeout(700)
    if not await hover(shown):
        return False
    await shown.screenshot(path=file)
    return True


async def refusal_picture(shown: Page, own: Page, file: Path) -> bool:
    """The page with the popup where the browser shows it: a popup cannot be photographed open."""
    popup = await own.context.new_page()
    dark = "dark" in file.name
    await popup.emulate_media(color_scheme="dark" if dark else "light")
    await popup.set_viewport_size({"width": 380, "height": 560})
    await popup.goto(own.url.split("?")[0])
    await shown.bring_to_front()
    await popup.reload()
    await popup.wait_for_timeout(1500)
    told = base64.b64encode(await popup.locator("body").screenshot()).decode()
    await popup.close()
    page = base64.b64encode(await shown.screenshot()).decode()
    both = await own.context.new_page()
    await both.set_viewport_size(SIZE)
    await both.set_content(
        f'<body style="margin:0"><img src="data:image/png;base64,{page}" style="display:block">'
        f'<img src="data:image/png;base64,{told}" style="position:fixed;top:8px;right:16px;'
        'border-radius:10px;border:1px solid #8888;box-shadow:0 8px 28px #0007">'
    )
    await both.screenshot(path=file)
    await both.close()
    return True


async def take_of(context: BrowserContext, own: Page, portal: Portal, shown: Page) -> None:
    """Both pictures of one portal."""
    refused = portal.permission == "forbidden"
    for scheme in ("light", "dark"):
        await shown.emulate_media(color_scheme=scheme)
        file = IMAGES / f"tooltip-{portal.id}-{scheme}.png"
        taken = await (refusal_picture if refused else tooltip_picture)(shown, own, file)
        print(file.name if taken else f"{portal.id}: no code on {shown.url}")
    for done in context.pages[:]:
        if done is not own:
            await done.close()


async def granted(playwright, profile: Path) -> BrowserContext:
    """The browser with every loopback host granted."""
    context = await launch(playwright, profile)
    await own_page(context)
    await context.close()
    chromium._grant(profile, chromium.EXTENSION, ["http://127.0.0.1/*"])
    return await launch(playwright, profile)


async def take(names: tuple[str, ...], sandbox: RunningSandbox, house: House) -> None:
    portals = load_portals(Path(house.environment["REMITLENS_CONFIG"]))
    code = json.loads(house.run("pair", "--json"))["code"]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        async with async_playwright() as playwright:
            context = await granted(playwright, Path(profile))
            own = await own_page(context)
            say = "message => chrome.runtime.sendMessage(message)"
            await own.evaluate(say, {"type": "pair", "address": house.address, "code": code})
            for name in names:
                site = re.match(r"https?://[^/]+", portals[name].base_address)[0]
                on = {"type": "granted", "site": site, "portal": name, "lookup": True, "tab": 0}
                await own.evaluate(say, on)
                shown = await opened(context, portals[name], name, sandbox)
                await take_of(context, own, portals[name], shown)
            await context.close()


def main() -> None:
    """Serve the payers and a practice, and take the pictures."""
    names = tuple(sys.argv[1:]) or PORTALS
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        running_sandbox(107, TODAY, delay=0.02, apart=True) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        house = house_at(Path(folder), sandbox)
        try:
            asyncio.run(take(names, sandbox, house))
        finally:
            house.stop()


if __name__ == "__main__":
    main()
