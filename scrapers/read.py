"""Reading frozen pages: counted selectors, tables by their headers, money, dates and codes.

Pure: HTML in, records out. What is not as expected raises `SiteChanged` (the page is another page)
or `BadRecord` (the page contradicts itself); nothing is guessed and nothing read gets into a
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag

from scrapers.capture import FrozenPage
from scrapers.errors import (
    ActionNeeded,
    BadRecord,
    Blocked,
    CaptchaShown,
    PortalError,
    SessionExpired,
    SiteChanged,
    SiteDown,
)

if TYPE_CHECKING:
    from scrapers.portal import Marker, Portal

EMPTY = frozenset({"", "-", "--", "—", "–", "n/a"})
_MONEY = re.compile(
    r"(?P<open>\()?(?P<sign>-\$?|\$-?)?(?P<whole>\d{1,3}(?:,\d{3})+|\d+)\.(?P<cents>\d\d)"
    r"(?P<close>\))?",
    re.ASCII,
)
_CARC = re.compile(r"(?:(?P<group>CO|PR|OA|PI|CR)[\s-]+)?(?P<carc>[A-Z]?\d{1,3})", re.ASCII)
_REMARK = re.compile(r"(?:MA|M|N)\d{1,3}", re.ASCII)
_PROCEDURE = re.compile(r"[A-Z0-9]{5}")
_MODIFIER = re.compile(r"[A-Z0-9]{2}")
_DATES = ("%m/%d/%Y", "%Y-%m-%d", "%b %d, %Y", "%m/%d/%y", "%d %b %Y")
_SORT_MARKS = " \u25b2\u25bc\u2195\u21c5:*"

ERROR_OF_OUTCOME: dict[str, tuple[type[PortalError], str]] = {
    "challenge": (CaptchaShown, "a challenge for humans"),
    "blocked": (Blocked, "access refused"),
    "maintenance": (SiteDown, "maintenance page"),
    "session_expired": (SessionExpired, "the session has ended"),
    "login_page": (SessionExpired, "a login page stands where a result was expected"),
    "terms": (ActionNeeded, "terms to accept"),
    "action_needed": (ActionNeeded, "the site asks something of a person"),
    "loading": (SiteDown, "the page never finished loading"),
}
"""What an outcome means where a result was expected, most telling first."""


def parse(html: str) -> BeautifulSoup:
    """The document; never fails, an empty body is an empty document."""
    return BeautifulSoup(html, "lxml")


def text_of(node: Tag) -> str:
    """All text below, white space (also non-breaking) collapsed."""
    return " ".join(node.get_text(" ").split())


def _hidden(node: Tag) -> bool:
    for one in (node, *node.parents):
        style = str(one.get("style") or "").replace(" ", "").casefold()
        if one.has_attr("hidden") or "display:none" in style:
            return True
    return False


def shows(soup: Tag, markers: Iterable[Marker]) -> bool:
    """Whether any marker stands on the page, visibly as far as the markup says."""
    for marker in markers:
        for node in soup.select(marker.selector):
            if marker.text.casefold() in text_of(node).casefold() and not _hidden(node):
                return True
    return False


def refuse_other_pages(soup: Tag, portal: Portal, kind: str) -> None:
    """Raise what a page means that is no result at all: login, challenge, maintenance, terms."""
    for outcome, (error, what) in ERROR_OF_OUTCOME.items():
        if shows(soup, getattr(portal.outcomes, outcome)):
            raise error(portal.id, kind, what=what)


class PageReader:
    """One frozen page, read with counts."""

    def __init__(self, page: FrozenPage, portal: Portal) -> None:
        self.kind, self.portal = page.kind, portal
        self.soup = parse(page.text)
        refuse_other_pages(self.soup, portal, page.kind)

    def changed(self, selector: str, found: int | None = None, expected: str = "1") -> SiteChanged:
        """The error to raise where a count is not met."""
        return SiteChanged(
            self.portal.id, self.kind, selector=selector, found=found,
            expected=expected if found is not None else "",
        )  # fmt: skip

    def bad(self, what: str) -> BadRecord:
        """The error to raise where the page contradicts itself."""
        return BadRecord(self.portal.id, self.kind, what=what)

    def many(
        self, selector: str, least: int = 1, most: int | None = None, within: Tag | None = None
    ) -> list[Tag]:
        """Every match; raises SiteChanged unless their number is within bounds."""
        found = (within or self.soup).select(selector)
        if len(found) < least or (most is not None and len(found) > most):
            expected = f"{least}" if most == least else f"{least} to {most or 'any'}"
            raise self.changed(selector, len(found), expected)
        return found

    def one(self, selector: str, within: Tag | None = None) -> Tag:
        return self.many(selector, 1, 1, within)[0]

    def text(self, selector: str, within: Tag | None = None) -> str:
        return text_of(self.one(selector, within))

    def labelled(self, within: Tag, labels: Mapping[str, str]) -> dict[str, str]:
        """A definition list by `labels` (field to text): each label exactly once, and no other."""
        terms = [_label(text_of(node)) for node in within.select("dt")]
        values = [text_of(node) for node in within.select("dd")]
        wanted = {_label(text): key for key, text in labels.items()}
        if len(terms) != len(values) or sorted(terms) != sorted(wanted):
            raise self.changed("dt", len(terms), f"the {len(wanted)} known labels, a value each")
        return {wanted[term]: value for term, value in zip(terms, values, strict=True)}

    def table(
        self,
        table: Tag,
        columns: Mapping[str, str],
        *,
        rows: str = ":scope > tbody > tr",
        headers: str = ":scope > thead > tr",
        name: str = "table",
    ) -> list[Row]:
        """Rows by header text, whatever the order of the columns.

        `columns` gives each field its header (the TOML's `columns` may name others); every column
        of the page must be one of them, every field must have its column. Two header rows are read
        as one: a column answers to its lowest text, and to `upper / lower`. Raises SiteChanged.
        """
        grid = _grid(self, table.select(headers), name)
        places = self._places(grid, columns, name)
        found = []
        for row in table.select(rows):
            cells = row.find_all(["td", "th"], recursive=False)
            if len(cells) != len(grid):
                raise self.changed(f"{name} cells", len(cells), str(len(grid)))
            if any(cell.get("colspan", "1") != "1" for cell in cells):
                raise self.changed(f"{name} cells", len(cells), "cells of one column each")
            found.append(Row(self, row, {key: cells[at] for key, at in places.items()}))
        return found

    def _places(
        self, grid: list[tuple[str, ...]], columns: Mapping[str, str], name: str
    ) -> dict[str, int]:
        places: dict[str, int] = {}
        for key, header in columns.items():
            wanted = {_label(text) for text in (header, *self.portal.columns.get(key, ()))}
            at = [
                place
                for place, labels in enumerate(grid)
                if labels[-1] in wanted or " / ".join(labels) in wanted
            ]
            if len(at) != 1:
                raise self.changed(f"{name} header {key}", len(at), "1")
            places[key] = at[0]
        if len(set(places.values())) != len(grid):
            raise self.changed(f"{name} headers", len(grid), str(len(columns)))
        return places

    # -- single values ---------------------------------------------------------------------------

    def money(self, text: str, what: str) -> Decimal | None:
        """`$1,150.00`, `-12.50`, `($12.50)`; None where nothing is shown. Raises BadRecord."""
        if text.strip().casefold() in EMPTY:
            return None
        match = _MONEY.fullmatch(text.strip().replace("$ ", "$"))
        sign = (match["sign"] or "") if match else ""
        if (
            not match
            or bool(match["open"]) != bool(match["close"])
            or (match["open"] and "-" in sign)
        ):
            raise self.bad(f"{what}: no amount of money")
        value = Decimal(match["whole"].replace(",", "") + "." + match["cents"])
        return -value if "-" in sign or match["open"] else value

    def amount(self, text: str, what: str) -> Decimal:
        """As `money`, but it must be there."""
        value = self.money(text, what)
        if value is None:
            raise self.bad(f"{what}: no amount")
        return value

    def day(self, text: str, what: str) -> date | None:
        """A date as portals write it; None where nothing is shown. Raises BadRecord."""
        if text.strip().casefold() in EMPTY:
            return None
        for form in _DATES:
            try:
                return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007 a day, no time
            except ValueError:
                continue
        raise self.bad(f"{what}: no date")

    def days(self, text: str, what: str) -> tuple[date | None, date | None]:
        """`01/02/2026`, or `01/02/2026 - 01/03/2026`; a single day is both first and last."""
        parts = re.split(r"\s+(?:-|–|to)\s+", text.strip())
        if len(parts) > 2:
            raise self.bad(f"{what}: no span of days")
        first = self.day(parts[0], what)
        return first, self.day(parts[-1], what)

    def number(self, text: str, what: str) -> Decimal | None:
        """Units; None where nothing is shown. Raises BadRecord."""
        if text.strip().casefold() in EMPTY:
            return None
        if not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,3})?", text.strip()):
            raise self.bad(f"{what}: no number")
        value = Decimal(text.strip())
        return value.to_integral_value() if value == value.to_integral_value() else value

    def ident(self, text: str, what: str) -> str:
        """An id of one word; "" where nothing is shown. Raises BadRecord."""
        value = text.strip()
        if value.casefold() in EMPTY:
            return ""
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]*", value):
            raise self.bad(f"{what}: no number or id")
        return value

    def procedure(self, text: str) -> str:
        value = text.strip().upper()
        if not _PROCEDURE.fullmatch(value):
            raise self.bad("procedure: no procedure code")
        return value

    def modifiers(self, text: str) -> tuple[str, ...]:
        if text.strip().casefold() in EMPTY:
            return ()
        parts = tuple(re.split(r"[\s,:]+", text.strip().upper()))
        if not all(_MODIFIER.fullmatch(part) for part in parts):
            raise self.bad("modifier: no modifier")
        return parts

    def carc(self, text: str, *, grouped: bool = True) -> tuple[str, str]:
        """`CO-107` or `CO 107` as (group, CARC); bare `107` where the portal shows no groups."""
        match = _CARC.fullmatch(text.strip().upper())
        if not match or bool(match["group"]) != grouped:
            raise self.bad("adjustment: no reason code")
        return match["group"] or "", match["carc"]

    def remarks(self, text: str) -> tuple[str, ...]:
        if text.strip().casefold() in EMPTY:
            return ()
        parts = tuple(re.split(r"[\s,;/]+", text.strip().upper()))
        if not all(_REMARK.fullmatch(part) for part in parts):
            raise self.bad("remark: no remark code")
        return parts

    def name(self, text: str) -> tuple[str, str]:
        """`LAST, First` as (last, first), as shown."""
        last, comma, first = text.partition(",")
        if not comma or not last.strip() or not first.strip():
            raise self.bad("patient: no name")
        return last.strip(), first.strip()

    def status(self, text: str) -> str:
        """`CLP02`, or `pending`, of the portal's status word; an unknown word is SiteChanged."""
        word = re.sub(r"[\s-]+", " ", text).strip().casefold()
        for shown, meaning in self.portal.statuses.items():
            if re.sub(r"[\s-]+", " ", shown).strip().casefold() == word:
                return meaning
        raise self.changed("status word", 0, "1 known")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, its cells by field."""

    reader: PageReader
    tag: Tag
    cells: dict[str, Tag]

    def text(self, key: str) -> str:
        return text_of(self.cells[key])

    def texts(self) -> dict[str, str]:
        """Every cell's text by field."""
        return {key: text_of(cell) for key, cell in self.cells.items()}

    def amount(self, key: str) -> Decimal:
        return self.reader.amount(self.text(key), key)

    def money(self, key: str) -> Decimal | None:
        return self.reader.money(self.text(key), key)

    def parts(self, key: str, selector: str = "div") -> list[str]:
        """A cell's stacked texts; SiteChanged where it holds any text beside them."""
        cell = self.cells[key]
        found = [text_of(part) for part in cell.select(f":scope > {selector}")]
        if " ".join(found) != text_of(cell):
            raise self.reader.changed(f"parts of {key}", len(found), "all of the cell's text")
        return found


def _label(text: str) -> str:
    return " ".join(text.split()).strip(_SORT_MARKS).casefold()


def _grid(reader: PageReader, rows: list[Tag], name: str) -> list[tuple[str, ...]]:
    """Header texts of each column, from the top row down, empty ones and repeats left out."""
    if not rows:
        raise reader.changed(f"{name} header row", 0, "1 or more")
    columns: dict[int, dict[int, str]] = {}
    for depth, row in enumerate(rows):
        at = 0
        for cell in row.find_all(["th", "td"], recursive=False):
            while depth in columns.get(at, {}):
                at += 1
            wide, deep = (_span(cell, side) for side in ("colspan", "rowspan"))
            for across in range(at, at + wide):
                for down in range(depth, min(depth + deep, len(rows))):
                    columns.setdefault(across, {})[down] = _label(text_of(cell))
            at += wide
    grid = []
    for at in range(len(columns)):
        if at not in columns:
            raise reader.changed(f"{name} header row", len(rows), "headers without gaps")
        labels: list[str] = []
        for depth in sorted(columns[at]):
            label = columns[at][depth]
            if label and (not labels or labels[-1] != label):
                labels.append(label)
        grid.append(tuple(labels) or ("",))
    return grid


def _span(cell: Tag, side: str) -> int:
    value = str(cell.get(side) or "1")
    return min(int(value), 50) if value.isdigit() and int(value) else 1
