"""Make the pictures of the pages: a sandbox night's lines in a store of their own, in Chromium.

    .venv/bin/python docs/make_pages_screenshots.py

Writes docs/images/worklist-light.png, worklist-dark.png, line-light.png, overview-light.png, and
report-mail.png: the morning report as an SMTP server started for it received it.
No real person is shown: the sandbox's patients are invented, and stay masked.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
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
        _take(_received())


class _Inbox:
    """What an SMTP server on loopback was sent."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


def _received() -> str:
    """The HTML of the morning report, sent by the command itself and received."""
    inbox = _Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        told = {
            "REMITLENS_MAIL__SMTP_HOST": "127.0.0.1",
            "REMITLENS_MAIL__SMTP_PORT": str(controller.port),
            "REMITLENS_MAIL__STARTTLS": "false",
            "REMITLENS_MAIL__SENDER": "remitlens@office.example",
            "REMITLENS_MAIL__RECIPIENTS": '["billing@office.example"]',
        }
        subprocess.run(
            [sys.executable, "-m", "server.cli", "report", "night", "--send"],
            cwd=ROOT,
            env=os.environ | told,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    finally:
        controller.stop()
    body = inbox.mails[0].get_body(("html",))
    if body is None:
        raise SystemExit("the mail has no HTML part")
    return str(body.get_content())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _take(mail: str) -> None:
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
            page.emulate_media(color_scheme=scheme)
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
        page.screenshot(path=IMAGES / "overview-light.png", full_page=True)
        page.set_viewport_size({"width": 720, "height": 900})
        page.goto("about:blank")
        page.set_content(mail)
        page.screenshot(path=IMAGES / "report-mail.png", full_page=True)
        browser.close()
    server.shutdown()
    store.close()


if __name__ == "__main__":
    main()
