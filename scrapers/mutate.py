"""Pages as a portal's next release may show them: a reader must survive them without a wrong word.

Pure: a seeded random source in, another capture out.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bs4 import BeautifulSoup, Tag

from scrapers.capture import Capture, FrozenPage
from scrapers.fixtures import outcome_of
from scrapers.portal import Portal
from scrapers.read import parse

_CHALLENGE = (
    "<html><head><title>Just a moment</title></head><body><h1>Checking your browser</h1>"
    '<div class="captcha">Show that you are human</div></body></html>'
)
Mutation = Callable[[BeautifulSoup, random.Random], str | None]
"""Takes a parsed page it may spoil; returns the new HTML, or None where it does not apply."""


def rename_header(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """One column header, or one label of a list, reads differently."""
    heads = [node for node in soup.select("th, dt") if node.get_text(strip=True)]
    if not heads:
        return None
    head = rate.choice(heads)
    head.string = rate.choice(("Detail", "Value", head.get_text() + " info", "Amt.", "Ref"))
    return str(soup)


def move_column(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """One column, header and cells, stands elsewhere in its table."""
    tables = [table for table in soup.select("table") if len(table.select("thead > tr")) == 1]
    if not tables:
        return None
    table = rate.choice(tables)
    wide = len(table.select("thead > tr > th"))
    if wide < 2:
        return None
    start, end = rate.sample(range(wide), 2)
    for row in table.select(":scope > thead > tr, :scope > tbody > tr"):
        cells = row.find_all(["td", "th"], recursive=False)
        if len(cells) == wide:
            cell = cells[start].extract()
            rest = row.find_all(["td", "th"], recursive=False)
            if end == len(rest):
                rest[-1].insert_after(cell)
            else:
                rest[end].insert_before(cell)
    return str(soup)


def swap_headers(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """Two headers of a table change places, their cells do not."""
    rows = [row for row in soup.select("thead > tr") if len(row.select("th")) > 1]
    if not rows:
        return None
    one, other = rate.sample(rate.choice(rows).select("th"), 2)
    one.string, other.string = other.get_text(), one.get_text()
    return str(soup)


def cut_row(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """One row of a table is missing."""
    return _on_a_row(soup, rate, lambda row: row.decompose())


def double_row(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """One row stands there twice."""
    return _on_a_row(soup, rate, lambda row: row.insert_after(parse(str(row)).tr or ""))


def _on_a_row(
    soup: BeautifulSoup, rate: random.Random, change: Callable[[Tag], object]
) -> str | None:
    rows = soup.select("tbody > tr")
    if not rows:
        return None
    change(rate.choice(rows))
    return str(soup)


def challenge(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """A page that wants a human."""
    return _CHALLENGE


def empty_body(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """Nothing but an envelope."""
    return "<html><head></head><body></body></html>"


def cut_short(soup: BeautifulSoup, rate: random.Random) -> str | None:
    """The page breaks off somewhere."""
    html = str(soup)
    return html[: rate.randrange(len(html) // 10, len(html) * 9 // 10)]


MUTATIONS: dict[str, Mutation] = {
    "header renamed": rename_header,
    "column moved": move_column,
    "headers swapped": swap_headers,
    "row cut": cut_row,
    "row doubled": double_row,
    "challenge page": challenge,
    "empty body": empty_body,
    "page cut short": cut_short,
}


@dataclass(frozen=True)
class Survival:
    """What became of the mutated pages: by mutation, how many ended how."""

    ends: dict[str, Counter[str]]
    """`same` (read right all the same), or the name of the error."""
    wrong: tuple[str, ...]
    """Mutations that gave a wrong record or a wrong "not found": there must be none."""

    @property
    def tried(self) -> int:
        return sum(sum(ends.values()) for ends in self.ends.values())

    @property
    def caught(self) -> int:
        """How many raised an error."""
        return self.tried - sum(ends["same"] for ends in self.ends.values()) - len(self.wrong)


def survive(captures: Sequence[Capture], portal: Portal, count: int, seed: int = 107) -> Survival:
    """Read `count` mutated captures, drawn evenly over the mutations."""
    rate = random.Random(seed)  # noqa: S311 no secret
    ends: dict[str, Counter[str]] = {name: Counter() for name in MUTATIONS}
    right = {id(capture): outcome_of(capture, portal) for capture in captures}
    wrong = []
    names = list(MUTATIONS)
    done = tries = 0
    while done < count and tries < count * 20:
        tries += 1
        name, capture = names[done % len(names)], rate.choice(captures)
        spoiled = _spoil(capture, MUTATIONS[name], rate)
        if spoiled is None:
            continue
        done += 1
        outcome = outcome_of(spoiled, portal)
        if outcome == right[id(capture)]:
            ends[name]["same"] += 1
        elif "error" in outcome:
            ends[name][outcome["error"]] += 1
        else:
            ends[name]["wrong"] += 1
            wrong.append(f"{name} of {capture.ref.claim}")
    return Survival(ends, tuple(wrong))


def _spoil(capture: Capture, mutation: Mutation, rate: random.Random) -> Capture | None:
    places = [at for at, page in enumerate(capture.pages) if page.kind != "835"]
    at = rate.choice(places)
    html = mutation(parse(capture.pages[at].text), rate)
    if html is None:
        return None
    pages = list(capture.pages)
    pages[at] = FrozenPage(pages[at].kind, html)
    return replace(capture, pages=tuple(pages))
