"""What tests ask of a page: its underlines, its own changes, and the tooltip in its closed root."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import CDPSession, Frame, Page

MARKS = """(() => {
  const all = CSS.highlights.get("remitlens");
  return all ? [...all].map((r) => r.startContainer.isConnected
    ? r.startContainer.data.slice(r.startOffset, r.endOffset) : "DETACHED " + r.startContainer.data) : [];
})()"""
"""The underlined texts, as the page itself could list them; read in the page's own world."""

WATCH = """(() => {
  window.hostChanges = [];
  const ours = (node) => node.nodeName === "REMITLENS-TIP" || node.nodeName === "REMITLENS-SIGN";
  new MutationObserver((records) => {
    for (const record of records) {
      if (ours(record.target)) continue;
      const nodes = [...record.addedNodes, ...record.removedNodes];
      if (nodes.length && nodes.every(ours)) continue;
      window.hostChanges.push(record.type + " " + record.target.nodeName + " " + (record.attributeName ?? ""));
    }
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
})()"""
"""Counts every change of the page's own nodes from now on; our one element aside."""

_READ = """(() => {
  const host = document.querySelector("remitlens-tip") ?? globalThis.remitlensTestHost;
  const root = host && (host.openOrClosedShadowRoot ?? chrome.dom.openOrClosedShadowRoot(host));
  if (!root) return null;
  const tip = root.querySelector(".tip");
  const box = tip.getBoundingClientRect();
  const rows = [...root.querySelectorAll(".card > .rows > dd")].map((dd) => ({
    part: dd.className.trim().split(" ")[0],
    label: dd.previousElementSibling?.tagName === "DT" ? dd.previousElementSibling.textContent : "",
    text: dd.textContent,
  }));
  return {
    code: root.querySelector(".code").textContent,
    title: root.querySelector(".title").textContent,
    state: root.querySelector(".chip")?.textContent ?? "",
    rows,
    text: tip.innerText,
    source: root.querySelector(".source").textContent,
    spoken: root.querySelector(".spoken").textContent,
    box: [box.left, box.top, box.right, box.bottom],
    parent: host.parentNode.nodeName,
    focus: root.activeElement?.className ?? "",
    html: tip.outerHTML,
    style: [...root.adoptedStyleSheets[0].cssRules].map((rule) => rule.cssText).join("\\n"),
  };
})()"""


class Isolated:
    """The extension's own world in a page of Chromium, where the content scripts live."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.session: CDPSession = page.context.new_cdp_session(page)
        self._contexts: dict[int, dict[str, Any]] = {}
        self.errors: list[str] = []
        self.session.on("Runtime.executionContextCreated", self._created)
        self.session.on("Runtime.executionContextDestroyed", self._destroyed)
        self.session.on("Runtime.executionContextsCleared", lambda _: self._contexts.clear())
        self.session.on("Runtime.exceptionThrown", self._threw)
        self.session.on("Runtime.consoleAPICalled", self._said)
        self.session.on("Log.entryAdded", self._logged)
        self.session.send("Runtime.enable")
        self.session.send("Log.enable")

    def _created(self, event: dict[str, Any]) -> None:
        context = event["context"]
        self._contexts[context["id"]] = context

    def _destroyed(self, event: dict[str, Any]) -> None:
        self._contexts.pop(event["executionContextId"], None)

    def _threw(self, event: dict[str, Any]) -> None:
        details = event["exceptionDetails"]
        text = details.get("exception", {}).get("description") or details.get("text", "")
        if "chrome-extension://" in json.dumps(details):
            self.errors.append(text)

    def _said(self, event: dict[str, Any]) -> None:
        trace = json.dumps(event.get("stackTrace", {}))
        if event["type"] in ("error", "warning") and "chrome-extension://" in trace:
            self.errors.append(str(event["args"]))

    def _logged(self, event: dict[str, Any]) -> None:
        entry = event["entry"]
        if "chrome-extension://" in json.dumps(entry):
            self.errors.append(entry["text"])

    def _own(self, frame: str | None) -> list[int]:
        return [
            number
            for number, context in self._contexts.items()
            if context.get("auxData", {}).get("type") == "isolated"
            and context.get("origin", "").startswith("chrome-extension://")
            and (frame is None or context["auxData"].get("frameId") == frame)
        ]

    def evaluate(self, expression: str, frame: str | None = None) -> Any:
        """The value of an expression in the content scripts' world; of the main frame first."""
        tree = self.session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        contexts = self._own(frame or tree)
        assert contexts, "no content script here"
        answer = self.session.send(
            "Runtime.evaluate",
            {
                "expression": expression,
                "contextId": contexts[-1],
                "returnByValue": True,
                "awaitPromise": True,
                "includeCommandLineAPI": False,
            },
        )
        if "exceptionDetails" in answer:
            raise AssertionError(json.dumps(answer["exceptionDetails"])[:800])
        return answer["result"].get("value")

    def tip(self) -> dict[str, Any] | None:
        """What the tooltip shows now; None where there is none."""
        value: dict[str, Any] | None = self.evaluate(_READ)
        return value

    def wait_tip(
        self, code: str | None = None, seconds: float = 5, told: str = ""
    ) -> dict[str, Any]:
        """Wait until a tooltip (of `code`, with `told` in its text) is shown."""
        end = time.monotonic() + seconds
        while True:
            tip = self.tip()
            if tip and (code is None or tip["code"] == code) and told in tip["text"]:
                return tip
            assert time.monotonic() < end, f"no tooltip of {code}: {tip and tip['text']}"
            time.sleep(0.02)

    def wait_no_tip(self, seconds: float = 3) -> None:
        end = time.monotonic() + seconds
        while self.tip():
            assert time.monotonic() < end, "the tooltip stays"
            time.sleep(0.02)


def middle(place: Page | Frame, selector: str) -> tuple[float, float]:
    """The middle of an element's text in the viewport of the top page."""
    box = place.locator(selector).bounding_box()
    assert box, f"{selector} has no box"
    text = place.locator(selector).evaluate(
        """(element) => { const range = document.createRange(); range.selectNodeContents(element);
           const own = element.getBoundingClientRect(); const box = range.getBoundingClientRect();
           return [box.x - own.x + Math.min(box.width / 2, 20), box.y - own.y + box.height / 2]; }"""
    )
    return box["x"] + text[0], box["y"] + text[1]


def hover(page: Page, selector: str, place: Frame | None = None) -> None:
    """Move the pointer onto the text of an element, as a hand does."""
    x, y = middle(place or page, selector)
    page.mouse.move(x - 3, y - 1)
    page.mouse.move(x, y)


def marks(place: Page | Frame) -> list[str]:
    """The underlined texts now."""
    found: list[str] = place.evaluate(MARKS)
    return found


def wait_marks(place: Page | Frame, wanted: list[str], seconds: float = 5) -> None:
    """Wait until exactly these texts are underlined, in any order."""
    end = time.monotonic() + seconds
    while True:
        found = sorted(marks(place))
        if found == sorted(wanted):
            return
        assert time.monotonic() < end, f"underlined: {found}, wanted: {sorted(wanted)}"
        time.sleep(0.02)
