"""Big tables are read row by row: the answers are those of reading them as a whole."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright

from tests.browser.chromium import CHROMIUM, EXTENSION
from tests.browser.rows import rows_page
from tests.browser.servers import Server

pytestmark = pytest.mark.browser

BOTH = """(size) => {
  const table = document.querySelector("table, [role=table]");
  const rows = table.rows ? [...table.rows] : [...table.querySelectorAll("[role=row]")];
  const told = ({ code, known }, places) => ({ code, known, at: places.map(({ node, start, end }) =>
    [node.data.slice(start, end), start, node.parentNode.id || node.parentNode.textContent]) });
  const whole = RemitlensShared.findInNodes(table, { crosswalk: { XQ410: "CO-107" } });
  const reader = new RemitlensShared.RowsReader({ XQ410: "CO-107" }, () => false);
  const parts = [];
  for (let at = 0; at < rows.length; at += size) parts.push(...reader.read(rows.slice(at, at + size)).found);
  return [whole.map((found) => told(found, found.ranges)), parts.map((found) => told(found, found.places))];
}"""


@pytest.fixture(scope="module")
def page(playwright_: Playwright, site: Server) -> Iterator[Page]:
    """A page without the extension: its modules run as they are."""
    browser = playwright_.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    shown = browser.new_page()
    yield shown
    browser.close()


def both(page: Page, html: str, size: int) -> tuple[list[object], list[object]]:
    """What reading as a whole finds, and reading `size` rows at a time, in one order."""
    page.set_content(html)
    page.add_script_tag(path=str(EXTENSION / "content/shared.js"))
    whole, parts = page.evaluate(BOTH, size)
    return sorted(whole, key=json.dumps), sorted(parts, key=json.dumps)


HEADS = [
    ["#", "Claim", "Service date", "Procedure", "Charge", "Adjustment", "Remarks", "Status"],
    ["Line", "CPT", "Group", "Reason", "RMK Code", "Amount", "Room", "State"],
    ["Proc", "Adj Reason Code", "Remark Code", "Billed", "Diagnosis", "Mod", "Paid", "Note"],
    ["Grp", "Code", "Amount", "Grp", "Code", "Amount", "Remark", "DOB"],
]


def cell(rng: random.Random) -> str:
    kinds = (
        "CO", "PR", "107", "45", "16, 45", "CO-107", "PR-1", "co 45", "N122", "MA130 M15", "XQ410", "",
        "$107.00", "10/05/2026", "22614", "CO 80202", "N95", "room 107", "<b>CO</b>-<i>97</i>",
        "CO<br>45", "<div>CO-16</div><div>N362</div>", " CO-18\n  ", "107\u00ad", "ＣＯ-１０７", "26", "CLM4000001",
        "<span>OA</span> <span>23</span>", "Reason code: 16", "--", "<pre>CO   45</pre>", "M15.9",
    )  # fmt: skip
    return rng.choice(kinds)


def table(seed: int) -> str:
    rng = random.Random(seed)
    spans = rng.random() < 0.4
    head = rng.choice(HEADS)
    tag = rng.choice(["th", "td"])
    rows = ["<tr>" + "".join(f"<{tag}>{text}</{tag}>" for text in head) + "</tr>"]
    if rng.random() < 0.3:
        rows.insert(0, "<tr><th colspan=4>Claim</th><th colspan=4>Adjustment</th></tr>")
    for number in range(60):
        if rng.random() < 0.03:
            rows.append(
                "<tr>" + "".join(f"<th>{text}</th>" for text in rng.choice(HEADS)) + "</tr>"
            )
        cells = []
        for column in range(8):
            more = rng.choice([" rowspan=2", " colspan=2"]) if spans and rng.random() < 0.05 else ""
            label = ' data-label="Reason Code"' if rng.random() < 0.02 else ""
            cells.append(f"<td id=c{number}-{column}{more}{label}>{cell(rng)}</td>")
        rows.append(("\n" if rng.random() < 0.5 else "") + f"<tr>{''.join(cells)}</tr>")
    return f"<!doctype html><meta charset=utf-8><table>{''.join(rows)}</table>"


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("size", [200, 7])
def test_the_same_codes_at_the_same_places(page: Page, seed: int, size: int) -> None:
    whole, parts = both(page, table(seed), size)
    assert len(whole) > 20
    assert parts == whole, json.dumps([each for each in parts if each not in whole][:5])


def test_rows_by_role(page: Page) -> None:
    rows = "".join(
        f"<div role=row><span role=cell>{number}</span><span role=cell>CO</span><span role=cell>107</span></div>"
        for number in range(40)
    )
    head = "<div role=row>" + "".join(
        f"<span role=columnheader>{text}</span>" for text in ("Line", "Group", "Reason")
    )
    html = f"<!doctype html><div role=table>{head}</div>{rows}</div>"
    whole, parts = both(page, html, 9)
    assert len(whole) == 40
    assert parts == whole


def test_the_table_of_the_benchmark(page: Page) -> None:
    whole, parts = both(page, rows_page(400), 40)
    assert len(whole) > 300
    assert parts == whole
