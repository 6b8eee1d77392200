"""The table of X12's own code list page: `tr.prod-set` with `td.code` and `td.description`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lxml import etree, html

from server.codes.official_text import OfficialText, split_text

_ROWS = "//tr[contains(concat(' ', normalize-space(@class), ' '), ' prod-set ')]"
_CELL = "./td[contains(concat(' ', normalize-space(@class), ' '), ' {} ')]"


def page_rows(page: str) -> Iterator[OfficialText]:
    """The rows of a saved page, in its order; none where it has no such table.

    The page lists a code once for each status; the first one is the current one.
    """
    try:
        root = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):
        return
    for row in _found(root, _ROWS):
        code = _text(row, "code")
        yield split_text(code.upper(), _text(row, "description"))


def _text(row: html.HtmlElement, kind: str) -> str:
    cells = _found(row, _CELL.format(kind))
    return " ".join(" ".join(cells[0].itertext()).split()) if cells else ""


def _found(element: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    return cast("list[html.HtmlElement]", element.xpath(path))
