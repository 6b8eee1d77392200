"""Make the pictures of the pages: a sandbox night's lines in a store of their own, in Chromium.

    .venv/bin/python docs/make_pages_screenshots.py

Writes docs/images/worklist-light.png, worklist-dark.png, line-light.png and overview-light.png.
No real person is shown: the sandbox's patients are invented, and stay masked.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def main() -> None:
    """Fill a store, serve it, and take the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"REMITLENS_HOME": folder, "REMITLENS_KEYS__SOURCE": "file"}
        subprocess.run(
            [sys.executable, "-m", "server.cli", "main-job", "--once"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        _take()


def _take() -> None:
    from server.app import create_app
    from server.entry import entry_address, first_person
    from server.settings import settings
    from server.store import open_store

    chosen = settings()
    store = open_store(chosen)
    server = make_server("127.0.0.1", 0, create_app(chosen, store), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    first_person(store, chosen.practice, "bea", "Bea Biller")
    link = entry_address(store, chosen.server, "bea", "docs")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1360, "height": 850})
        page.goto(address + "/enter/" + link.rpartition("/")[2])
        page.click("main button")
        page.wait_for_load_state()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.goto(address)
            page.screenshot(path=IMAGES / f"worklist-{scheme}.png")
        page.emulate_media(color_scheme="light")
        page.goto(f"{address}/?state=ready")
        page.get_by_role("button", name="Packet").click()
        page.wait_for_load_state()
        page.goto(page.url.partition("#")[0])
        page.screenshot(path=IMAGES / "line-light.png")
        page.goto(f"{address}/overview")
        page.wait_for_load_state("networkidle")
        page.screenshot(path=IMAGES / "overview-light.png")
        browser.close()
    server.shutdown()
    store.close()


if __name__ == "__main__":
    main()
