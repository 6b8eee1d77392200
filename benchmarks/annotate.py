"""Annotating a page, beside mark.js and findAndReplaceDOMText: the same page, in the same run.

Time until the codes on the screen are painted and until all are found, processor time of the page's
process, longest own task, added JS heap; heap after 1,000 re-renders; the tooltip's delay from the
list at hand and with the server's answer; Firefox at 10,000 rows.

    python benchmarks/annotate.py [--rows 1000 10000 50000] [--write]

The extension is the real one, loaded unpacked, working in its own world; the peers run in the page,
with a pattern that finds the same codes. A peer's page is fresh, as they change it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser.chromium import EXTENSION, Chromium, chromium
from tests.browser.firefox import Firefox
from tests.browser.looking import Isolated, middle
from tests.browser.servers import Api, api_server, line, page_server, portal

RESULTS = Path(__file__).parent / "RESULTS.md"
HEADING = "## annotate"
RUNS = 3
PATTERN = r"/\b(?:CO|PR|OA|PI)-[A-Z]?\d{1,3}\b|\b(?:MA|M|N)\d{1,4}\b/g"

PAINTED = (
    "() => new Promise((done) => requestAnimationFrame(() => { const c = new MessageChannel();"
    " c.port1.onmessage = () => done(performance.now()); c.port2.postMessage(0); }))"
)
OURS = f"""(async () => {{
  const painted = {PAINTED};
  RemitlensScan.stop();
  await painted();
  const from = performance.now();
  const whole = new Promise((done) => RemitlensScan.start({{ onEdit() {{}}, afterScan: done }}));
  let first = 0;
  void (async () => {{
    while (!(CSS.highlights.get("remitlens")?.size > 0)) await painted();
    first = (await painted()) - from;
  }})();
  await whole;
  const until = await painted();
  while (!first) await painted();
  return {{ first, paint: until - from, found: RemitlensMarks.size() }};
}})()"""
MARK = f"""async () => {{
  const painted = {PAINTED};
  await painted();
  const from = performance.now();
  const found = await new Promise((done) =>
    new Mark(document.querySelector("#lines")).markRegExp({PATTERN}, {{ done }}));
  const scan = performance.now() - from;
  const until = await painted();
  return {{ first: until - from, paint: until - from, scan, found }};
}}"""
REPLACE = f"""async () => {{
  const painted = {PAINTED};
  await painted();
  const from = performance.now();
  let found = 0;
  findAndReplaceDOMText(document.querySelector("#lines"), {{
    preset: "prose",
    find: {PATTERN},
    replace: (portion, match) => {{
      found += 1;
      const mark = document.createElement("mark");
      mark.textContent = portion.text;
      return mark;
    }},
  }});
  const scan = performance.now() - from;
  const until = await painted();
  return {{ first: until - from, paint: until - from, scan, found }};
}}"""
ASKING = """(() => {
  const button = document.body.appendChild(document.createElement("button"));
  button.id = button.textContent = "ask";
  button.onclick = () => browser.permissions.request({ origins: ["http://127.0.0.1/*"] })
    .then((given) => { document.title = String(given); });
  return 1;
})()"""
DRAWN = """(() => {
  window.drawn = 0;
  const look = () => {
    if (!(CSS.highlights.get("remitlens")?.size > 0)) requestAnimationFrame(look);
    else requestAnimationFrame(() => { window.drawn = performance.now(); });
  };
  look();
  return 1;
})()"""
PEERS = {
    "mark.js": ("mark.js/dist/mark.min.js", MARK),
    "findAndReplaceDOMText": ("findandreplacedomtext/src/findAndReplaceDOMText.js", REPLACE),
}


def heap(session: CDPSession) -> float:
    """Live JS heap of the page's isolate, all its worlds, in MiB."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / (1 << 20)


def longest(session: CDPSession, work: Callable[[], Any], wanted: str) -> tuple[Any, float]:
    """What `work` gives, and the longest single run of a script whose address holds `wanted`."""
    events: list[dict[str, Any]] = []
    done: list[bool] = []
    session.on("Tracing.dataCollected", lambda event: events.extend(event["value"]))
    session.on("Tracing.tracingComplete", lambda _: done.append(True))
    categories = "devtools.timeline,disabled-by-default-devtools.timeline"
    session.send("Tracing.start", {"categories": categories, "transferMode": "ReportEvents"})
    result = work()
    session.send("Tracing.end")
    end = time.monotonic() + 20
    while not done and time.monotonic() < end:
        session.send("Runtime.getHeapUsage")
        time.sleep(0.05)
    return result, max(_own_tasks(events, wanted), default=0.0)


def _own_tasks(events: list[dict[str, Any]], wanted: str) -> Iterator[float]:
    for event in events:
        if event.get("ph") != "X" or event["name"] not in ("FunctionCall", "EvaluateScript"):
            continue
        data = event.get("args", {}).get("data", {})
        if wanted in str(data.get("url", "")):
            yield event["dur"] / 1000


def processor(own: int) -> float:
    """Milliseconds of processor time the page processes below `own` have taken so far."""
    total = 0
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if b"--type=renderer" not in (place / "cmdline").read_bytes():
                continue
            fields = (place / "stat").read_text().rpartition(")")[2].split()
            above = int(fields[1])
            while above not in (own, 0, 1):
                stat = (Path("/proc") / str(above) / "stat").read_text()
                above = int(stat.rpartition(")")[2].split()[1])
            if above == own:
                total += int(fields[11]) + int(fields[12])
        except (OSError, IndexError):
            continue
    return total * 1000 / os.sysconf("SC_CLK_TCK")


def on_chromium(browser: Chromium, address: str, rows: int) -> dict[str, dict[str, float]]:
    """Medians of a few runs for one size, ours and the peers' in turn."""
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in ("remitlens", *PEERS)}
    for _ in range(RUNS if rows <= 10_000 else 1):
        for name, done in runs.items():
            done.append(
                ours(browser, address, rows)
                if name == "remitlens"
                else peer(browser, address, rows, name)
            )
    return {
        name: {key: statistics.median(run[key] for run in done) for key in done[0]}
        for name, done in runs.items()
    }


def measured(
    page: Page, session: CDPSession, run: Callable[[], Any], wanted: str
) -> dict[str, float]:
    """One run: what the script says, its processor time, its longest task, the heap it added."""
    before = heap(session)
    taken = processor(os.getpid())
    result = run()
    page.wait_for_timeout(700)
    taken = processor(os.getpid()) - taken
    added = heap(session) - before
    # Tracing costs time of its own: the longest task is of a run by itself.
    _, task = longest(session, run, wanted) if wanted else (None, float("nan"))
    return {**result, "processor": taken, "heap": added, "task": task}


def opened(browser: Chromium, address: str, rows: int) -> tuple[Page, CDPSession]:
    page = browser.context.new_page()
    session = browser.context.new_cdp_session(page)
    page.goto(f"{address}/rows/{rows}", timeout=180_000)
    page.wait_for_timeout(1500)
    return page, session


def ours(browser: Chromium, address: str, rows: int) -> dict[str, float]:
    browser.add_site(address)
    page = browser.context.new_page()
    own = Isolated(page)
    page.goto(f"{address}/rows/{rows}", timeout=180_000)
    wanted = 0.85 * rows
    while own.evaluate("RemitlensMarks.size()") < wanted:
        page.wait_for_timeout(200)
    page.wait_for_timeout(1500)
    own.evaluate("RemitlensScan.stop()")
    result = measured(page, own.session, lambda: own.evaluate(OURS), "chrome-extension://")
    page.close()
    return result


def peer(browser: Chromium, address: str, rows: int, name: str) -> dict[str, float]:
    file, script = PEERS[name]
    browser.message({"type": "forget", "site": address})
    page, session = opened(browser, address, rows)
    page.add_script_tag(url=f"{address}/modules/{file}")
    result = measured(page, session, lambda: page.evaluate(script), "")
    page.close()
    # A peer works in one task: it is as long as its marking takes.
    return {**result, "task": result["scan"]}


def after_renders(browser: Chromium, address: str) -> tuple[float, float]:
    """Heap in MiB before and after 1,000 re-renders of a React table, once what the browser
    compiles and remembers of such a page is there."""
    page = browser.context.new_page()
    session = browser.context.new_cdp_session(page)
    page.goto(f"{address}/react.html")
    render = """async (count) => {
      const rows = (turn) => Array.from({ length: 60 }, (_, at) => ({ id: turn * 100 + at,
        procedure: "22614", code: "CO-" + [107, 16, 45, 97][(turn + at) % 4], remark: "N122" }));
      for (let turn = 0; turn < count; turn += 1) {
        replace(rows(turn));
        await new Promise(requestAnimationFrame);
      }
    }"""
    sizes = []
    for count in (300, 1000):
        page.evaluate(render, count)
        page.wait_for_timeout(600)
        sizes.append(heap(session))
    page.close()
    return sizes[0], sizes[1]


def tooltip(browser: Chromium, address: str) -> dict[str, list[float]]:
    """Milliseconds from the end of the delay to the tooltip, and to the server's answer in it."""
    page = browser.context.new_page()
    own = Isolated(page)
    page.goto(f"{address}/plain.html")
    page.wait_for_function("CSS.highlights.get('remitlens')?.size > 0")
    page.wait_for_timeout(500)
    own.evaluate(
        "(() => { globalThis.times = {}; const show = RemitlensTip.show;"
        " RemitlensTip.show = (mark, card, aloud) => { show(mark, card, aloud);"
        " const now = performance.now(); times.opened ??= now; if (card.state) times.answered ??= now; };"
        " addEventListener('pointermove', () => { times.moved ??= performance.now(); }, true); })()"
    )
    took: dict[str, list[float]] = {"opened": [], "answered": []}
    x, y = middle(page, "#code")
    for _ in range(20):
        own.evaluate("globalThis.times = {}")
        page.mouse.move(x, y)
        page.wait_for_timeout(420)
        times = own.evaluate("globalThis.times")
        took["opened"].append(times["opened"] - times["moved"] - 120)
        if "answered" in times:
            took["answered"].append(times["answered"] - times["moved"] - 120)
        page.keyboard.press("Escape")
        page.mouse.move(2, 2)
        page.wait_for_timeout(60)
    page.close()
    return took


def on_firefox(address: str, rows: int) -> float:
    """Milliseconds from the page's being whole to its underlines' frame, a median of loads."""
    took = []
    with Firefox() as firefox:
        origin = firefox.install(EXTENSION)
        own = firefox.new_page()
        firefox.open(f"{origin}/options/options.html", own)
        firefox.command("browsingContext.activate", context=own)
        firefox.evaluate(ASKING, own)
        firefox.click_on("#ask", own)
        firefox.until("document.title === 'true'", own)
        on = {"type": "granted", "site": address, "portal": "", "lookup": False, "tab": 0}
        firefox.evaluate(f"browser.runtime.sendMessage({json.dumps(on)})", own)
        firefox.command("browsingContext.activate", context=firefox.page)
        for _ in range(RUNS + 2):
            firefox.open(f"{address}/rows/{rows}", wait="interactive")
            firefox.evaluate(DRAWN)
            drawn = firefox.until("window.drawn", seconds=60)
            took.append(
                drawn
                - firefox.evaluate(
                    "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
                )
            )
    return float(statistics.median(took))


def table(sizes: dict[int, dict[str, dict[str, float]]]) -> list[str]:
    lines = [
        "| rows | tool | codes | screen painted | all painted | processor time | longest own task"
        " | added JS heap |",
        "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for rows, found in sizes.items():
        base = found["mark.js"]
        for name, run in found.items():
            lines.append(
                f"| {rows:,} | {name} | {run['found']:,.0f} "
                + "".join(
                    f"| {run[key]:,.0f} ms ({base[key] / run[key]:.1f}x) "
                    for key in ("first", "paint", "processor")
                )
                + f"| {run['task']:,.0f} ms | {run['heap']:.1f} MiB |"
            )
    lines += [
        "",
        "In brackets: how many times faster than mark.js. The peers mark everything before anything"
        " is painted; the extension paints the screen's codes, then goes on between the page's own"
        " tasks.",
    ]
    return lines


def growth(before: float, after: float) -> str:
    return f"{before:.2f} MiB before, {after:.2f} MiB after ({(after / before - 1) * 100:+.1f}%)"


def report(alone: tuple[float, float], browser: Chromium, address: str) -> list[str]:
    """What one page at a time tells; `alone` is the re-rendered page without the extension."""
    took = tooltip(browser, address)
    opened_, answered = sorted(took["opened"]), sorted(took["answered"])
    return [
        "",
        f"- Heap over 1,000 re-renders of 60 React rows: {growth(*after_renders(browser, address))};"
        f" the page alone: {growth(*alone)}.",
        f"- Tooltip after its 120 ms delay, list at hand: median {statistics.median(opened_):.0f} ms, slowest"
        f" of {len(opened_)} {opened_[-1]:.0f} ms.",
        f"- The server's answer after that delay: median {statistics.median(answered):.0f} ms, slowest of"
        f" {len(answered)} {answered[-1]:.0f} ms (a loopback server that answers at once).",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, nargs="+", default=[1000, 10_000, 50_000])
    parser.add_argument("--write", action="store_true", help="write the section of RESULTS.md")
    asked = parser.parse_args()
    api = Api(lines={"CLM4000001": [line()]})
    with page_server() as site, api_server(api) as server, sync_playwright() as playwright:
        api.portals = [portal(site.address)]
        with chromium(["http://127.0.0.1/*"], playwright=playwright) as browser:
            alone = after_renders(browser, site.address)
            sizes = {rows: on_chromium(browser, site.address, rows) for rows in asked.rows}
            browser.message({"type": "pair", "address": server.address, "code": api.code})
            browser.add_site(site.address, "meridian", lookup=True)
            lines = table(sizes) + report(alone, browser, site.address)
        lines.append(
            "- Firefox ESR, 10,000 rows, from the page's being whole to its underlines on the screen:"
            f" {on_firefox(site.address, 10_000):.0f} ms."
        )
    text = "\n".join(lines)
    print(text)
    if asked.write:
        write(text)


def write(text: str) -> None:
    head = (
        f"{HEADING}\n\n`python benchmarks/annotate.py --write`, 2026-11-23, 2 cores, Debian 12, Python"
        f" {platform.python_version()}, Chromium and Firefox ESR of Debian, headless. Medians of {RUNS}"
        " runs on fresh pages.\n\n"
    )
    had = RESULTS.read_text() if RESULTS.exists() else "# Results\n"
    before, _, rest = had.partition(f"{HEADING}\n")
    _, mark, after = rest.partition("\n## ")
    RESULTS.write_text(f"{before.rstrip()}\n\n{head}{text}\n" + (f"{mark}{after}" if mark else ""))


if __name__ == "__main__":
    main()
