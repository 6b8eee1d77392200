"""Firefox ESR over WebDriver BiDi, with no geckodriver between: install the add-on, click, look."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = "/usr/bin/firefox-esr"
_PREFERENCES: dict[str, Any] = {
    # Nothing but the loopback test servers may be spoken to.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1, localhost, [::1]",
    "network.proxy.allow_hijacking_localhost": False,
    "app.update.enabled": False,
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.aboutwelcome.enabled": False,
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
    "extensions.update.enabled": False,
    # The permission bubble cannot be clicked over BiDi; the request itself stays the real one.
    "extensions.webextOptionalPermissionPrompts": False,
    "extensions.manifestV3.enabled": True,
    "remote.log.level": "Info",
}


class BidiError(Exception):
    """The browser answered a command with an error."""


class Firefox:
    """One Firefox with its own profile. Use `with Firefox() as firefox`."""

    def __init__(self, preferences: dict[str, Any] | None = None) -> None:
        self._preferences = {**_PREFERENCES, **(preferences or {})}
        self._next = 0
        self.events: list[dict[str, Any]] = []

    def __enter__(self) -> Firefox:
        self._stack = contextlib.ExitStack()
        self._folder = tempfile.TemporaryDirectory(prefix="firefox-")
        profile = Path(self._folder.name)
        lines = [
            f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in self._preferences.items()
        ]
        (profile / "user.js").write_text("\n".join(lines))
        self.log = (profile / "firefox.log").open("w+")
        self._process = subprocess.Popen(
            [
                *(FIREFOX, "--headless", "--remote-allow-system-access"),
                *("--remote-debugging-port", "0", "--profile", str(profile), "about:blank"),
            ],
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        try:
            self._socket = self._connect(profile / "firefox.log")
            self.command("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
            self.command("session.subscribe", events=["log.entryAdded"])
            self.page = self.command("browsingContext.getTree")["contexts"][0]["context"]
        except BaseException:
            self._process.kill()
            raise
        return self

    def _connect(self, log: Path) -> ClientConnection:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = re.search(r"BiDi listening on (ws://\S+)", log.read_text())
            if found:
                opened = connect(found[1] + "/session", max_size=None, open_timeout=20)
                return self._stack.enter_context(opened)
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise BidiError(f"Firefox did not start: {log.read_text()[-500:]}")

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            self.command("browser.close", timeout=5)
            self._process.wait(10)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(Exception):
            self._stack.close()
        self.log.close()
        with contextlib.suppress(OSError):
            self._folder.cleanup()

    def command(self, method: str, *, timeout: float = 60, **params: Any) -> dict[str, Any]:
        """Send one command and wait for its answer; events met on the way are kept."""
        self._next += 1
        number = self._next
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        end = time.monotonic() + timeout
        while True:
            message = json.loads(self._socket.recv(timeout=max(0.01, end - time.monotonic())))
            if message.get("id") == number:
                if message["type"] == "error":
                    raise BidiError(f"{method}: {message['error']}: {message['message'][:600]}")
                return dict(message["result"])
            if message.get("type") == "event":
                self.events.append(message)

    def install(self, folder: Path) -> str:
        """Install an unpacked add-on for this session; returns the origin of its own pages."""
        found = {"type": "path", "path": str(folder)}
        name = str(self.command("webExtension.install", extensionData=found)["extension"])
        file = Path(self._folder.name) / "prefs.js"
        end = time.monotonic() + 20
        while time.monotonic() < end:
            text = file.read_text() if file.exists() else ""
            kept = re.search(r'extensions\.webextensions\.uuids", "(.*)"\);', text)
            origins = json.loads(kept[1].replace('\\"', '"')) if kept else {}
            if name in origins:
                return f"moz-extension://{origins[name]}"
            time.sleep(0.1)
        raise BidiError(f"no origin for {name}")

    def open(self, url: str, page: str | None = None, wait: str = "complete") -> None:
        self.command("browsingContext.navigate", context=page or self.page, url=url, wait=wait)

    def new_page(self) -> str:
        return str(self.command("browsingContext.create", type="tab")["context"])

    def evaluate(self, expression: str, page: str | None = None, **more: Any) -> Any:
        """The JSON value of an expression (awaited) in the page's own world."""
        answer = self.command(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then(v => JSON.stringify(v ?? null))",
            target={"context": page or self.page},
            awaitPromise=True,
            userActivation=True,
            **more,
        )
        if answer["type"] == "exception":
            raise BidiError(str(answer["exceptionDetails"]["text"]))
        return json.loads(answer["result"]["value"])

    def move(self, x: float, y: float, page: str | None = None) -> None:
        """Move the pointer to a point of the viewport, in CSS pixels."""
        self._act(page, [{"type": "pointerMove", "x": round(x), "y": round(y)}])

    def click(self, x: float, y: float, page: str | None = None) -> None:
        self._act(
            page,
            [
                {"type": "pointerMove", "x": round(x), "y": round(y)},
                {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0},
            ],
        )

    def click_on(self, selector: str, page: str | None = None) -> None:
        box = self.evaluate(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            "e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2] })()",
            page,
        )
        self.click(box[0], box[1], page)

    def press(self, *keys: str, page: str | None = None) -> None:
        """Press keys together (WebDriver key values), as with Alt+Shift+L."""
        down = [{"type": "keyDown", "value": key} for key in keys]
        up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self.command(
            "input.performActions",
            context=page or self.page,
            actions=[{"type": "key", "id": "keys", "actions": down + up}],
        )

    def _act(self, page: str | None, actions: list[dict[str, Any]]) -> None:
        self.command(
            "input.performActions",
            context=page or self.page,
            actions=[{"type": "pointer", "id": "mouse", "actions": actions}],
        )

    def screenshot(self, page: str | None = None) -> bytes:
        import base64

        answer = self.command("browsingContext.captureScreenshot", context=page or self.page)
        return base64.b64decode(answer["data"])

    def until(self, expression: str, page: str | None = None, seconds: float = 10) -> Any:
        """Evaluate until it is true; raises AssertionError after `seconds`."""
        end = time.monotonic() + seconds
        while True:
            value = self.evaluate(expression, page)
            if value:
                return value
            assert time.monotonic() < end, f"never true: {expression}"
            time.sleep(0.05)

    def tree(self) -> Iterator[dict[str, Any]]:
        """Every browsing context, frames included."""
        stack = list(self.command("browsingContext.getTree")["contexts"])
        while stack:
            context = stack.pop()
            yield context
            stack.extend(context.get("children") or [])
