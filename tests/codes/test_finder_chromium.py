"""The finder on live pages: what Chromium's own DOM holds is found as the server finds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, sync_playwright

from server.codes.finder import find_in_html
from tests.codes.finder_marks import read

HERE = Path(__file__).resolve().parent
EXTENSION = HERE.parents[1] / "extension"
CHROMIUM = Path("/usr/bin/chromium")
HTML = [
    snippet.content
    for file in sorted(HERE.glob("finder_corpus*.jsonl"))
    for snippet in read(file)
    # A cell outside a table is dropped where a browser reads it into a block.
    if snippet.form == "html" and not snippet.content.startswith(("<td", "<tr"))
]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.is_file(), reason="Chromium is not installed"),
]

FIND = """
async (pages) => {
  const { findInNodes, finderScope } = await import("/finder.js");
  const host = document.createElement("main");
  document.body.append(host);
  const answers = [];
  for (const html of pages) {
    host.innerHTML = html;
    const before = host.innerHTML;
    const found = findInNodes(host).map(({ code, kind, known, ranges }) => ({
      code, kind, known,
      shown: ranges.map(({ node, start, end }) => {
        const range = new Range();
        range.setStart(node, start);
        range.setEnd(node, end);
        return range.toString();
      }),
    }));
    if (host.innerHTML !== before) throw new Error("the page was changed");
    answers.push(found);
  }
  host.remove();
  return answers;
}
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    def serve(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        file = EXTENSION / name
        if name.endswith(".js") and file.is_file():
            body = file.read_text(encoding="utf-8")
            route.fulfill(body=body, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html><title>t</title>", content_type="text/html")

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        opened = browser.new_page()
        opened.route("**/*", serve)
        opened.goto("http://finder.test/")
        yield opened
        browser.close()


def test_live_pages_hold_what_the_server_finds(page: Page) -> None:
    answers: list[list[dict[str, Any]]] = page.evaluate(FIND, HTML)
    for html, answer in zip(HTML, answers, strict=True):
        told = [(one["code"], one["kind"], one["known"]) for one in answer]
        assert told == [(one.code, one.kind, one.known) for one in find_in_html(html)], html
        assert all(one["shown"] and all(one["shown"]) for one in answer), html


def test_a_changed_row_is_read_with_its_table(page: Page) -> None:
    found = page.evaluate(
        """async () => {
          const { findInNodes, finderScope } = await import("/finder.js");
          document.body.innerHTML =
            "<table><thead><tr><th>Group<th>Reason</thead><tbody><tr><td>CO<td>45</tbody></table>";
          const row = document.querySelector("tbody").insertRow();
          row.insertCell().textContent = "PR";
          row.insertCell().textContent = "107";
          const scope = finderScope(row.lastChild.firstChild);
          return [scope.nodeName, findInNodes(row).length,
                  findInNodes(scope).map((one) => [one.code, one.ranges.length])];
        }"""
    )
    assert found == ["TABLE", 1, [["CO-45", 2], ["PR-107", 2]]]


def test_what_the_caller_skips_is_not_read(page: Page) -> None:
    found = page.evaluate(
        """async () => {
          const { findInNodes } = await import("/finder.js");
          document.body.innerHTML = "<p>CO-45 <i>CO-97</i></p><textarea>CO-16</textarea>";
          const skip = (element) => element.localName === "textarea" || element.localName === "i";
          return findInNodes(document.body, { skip }).map((one) => one.code);
        }"""
    )
    assert found == ["CO-45"]
