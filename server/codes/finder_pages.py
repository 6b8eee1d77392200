"""HTML as a flow: the page's text with its lines and cells, and its tables with their headers.

The text content, in whose offsets everything is answered, is that of
`BeautifulSoup(html, "lxml").get_text()`: every text node in document order, without those of
`script`, `style`, `template`, `rt` and `rp`; a text node of nothing but blanks counts as one
character (outside `pre` and `textarea`). The text of `noscript` counts but is not searched. What
a style sheet hides is text all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree

from server.codes.finder_flow import Flow, visible
from server.codes.finder_grids import Grids

DROPPED: Final = frozenset({"script", "style", "template", "rt", "rp"})
KEPT_SPACE: Final = frozenset({"pre", "textarea"})
LINES: Final = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "button",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "option",
        "p",
        "pre",
        "search",
        "section",
        "select",
        "summary",
        "table",
        "tbody",
        "textarea",
        "tfoot",
        "thead",
        "title",
        "tr",
        "ul",
    }
)
ROLES: Final = {
    "table": "table",
    "grid": "table",
    "treegrid": "table",
    "row": "row",
    "cell": "cell",
    "gridcell": "cell",
    "columnheader": "head",
    "rowheader": "cell",
}
TAGS: Final = {"table": "table", "tr": "row", "td": "cell", "th": "head"}

_BLANKS: Final = re.compile(r"[ \t\n\r\f]{2,}|[\t\n\r\f]")
_ONLY_BLANKS: Final = re.compile(r"[ \t\n\r\f\v]+")


def parse(html: str) -> etree._Element | None:
    """The document's root, or None where there is nothing to parse."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    content = html.encode("utf-8", "replace")
    if not content.strip():
        return None
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None


class _Writer:
    """Collects the flow, piece by piece, and where each piece stands in the text content."""

    def __init__(self, keep_content: bool) -> None:
        self.parts: list[str] = []
        self.length = 0
        self.last = "\n"
        self.starts: list[int] = [0]
        self.outer: list[int] = [0]
        self.place = 0
        self.apart = False
        """Two inline elements met without text between them."""
        self.edge = ""
        """The inline edge right before what comes next: `open`, `close` or none."""
        self.typed = False
        """Some text keeps its own line ends."""
        self.content: list[str] | None = [] if keep_content else None

    def mark(self, sign: str) -> None:
        """A line's or a cell's edge; lines are not doubled."""
        if sign == "\n" and self.last == "\n":
            return
        self._put(sign)
        self.apart, self.edge = False, ""

    def text(self, text: str, kept: bool, silent: bool) -> None:
        """A text node."""
        if not kept and _ONLY_BLANKS.fullmatch(text):
            text = "\n" if "\n" in text else " "
        if self.content is not None:
            self.content.append(text)
        if silent:
            self.place += len(text)
            return
        self._separate(text[0])
        if kept:
            self.typed = True
            self._piece(text)
        else:
            self._collapsed(text)
        self.place += len(text)
        self.apart, self.edge = False, ""

    def _separate(self, first: str) -> None:
        """Elements that meet without a blank are still apart to the eye, mostly.

        Two in a row are (badges, a label and its value); where one begins within a word it is a
        word still, unless a number follows a small letter: `Code<b>107</b>`.
        """
        if not (self.last.isalnum() and first.isalnum()):
            return
        if self.apart or (self.edge and self.last.islower() and first.isdigit()):
            self._put(" ")

    def _collapsed(self, text: str) -> None:
        at = 0
        for gap in _BLANKS.finditer(text):
            if gap.start() > at:
                self._piece(text[at : gap.start()], at)
            if self.last not in " \n\t":
                self._piece(" ", gap.start())
            at = gap.end()
        if at < len(text):
            self._piece(text[at:], at)

    def _piece(self, text: str, offset: int = 0) -> None:
        seen, starts, outer = visible(text, self.place + offset)
        self.starts += [self.length + start for start in starts]
        self.outer += outer
        if seen:
            self._put(seen)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
        self.last = text[-1]


def read_page(html: str, *, keep_content: bool = False) -> tuple[Flow, str]:
    """A page's flow and, where asked for, its text content."""
    writer = _Writer(keep_content)
    grids = Grids()
    root = parse(html)
    if root is not None:
        _walk(root, writer, grids)
    text = "".join(writer.parts)
    grids.close(text, writer.typed)
    content = "".join(writer.content) if writer.content is not None else ""
    return Flow(text, writer.starts, writer.outer, grids), content


def _walk(root: etree._Element, writer: _Writer, grids: Grids) -> None:
    kept = silent = dropped = 0
    for event, node in _events(root):
        tag = node.tag
        if not isinstance(tag, str):
            # A comment has no text of its own; what follows it is a text node.
            if node.tail and not dropped and node.getparent() is not None:
                writer.text(node.tail, bool(kept), bool(silent))
            continue
        if event == "start":
            if tag in DROPPED:
                dropped += 1
            kept += tag in KEPT_SPACE
            silent += tag == "noscript"
            if not dropped:
                _open(node, tag, writer, grids)
                if node.text:
                    writer.text(node.text, bool(kept), bool(silent))
            continue
        if not dropped:
            _close(node, tag, writer, grids)
        if tag in DROPPED:
            dropped -= 1
        kept -= tag in KEPT_SPACE
        silent -= tag == "noscript"
        if node.tail and not dropped and node is not root:
            writer.text(node.tail, bool(kept), bool(silent))


def _events(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    return iter(etree.iterwalk(root, events=("start", "end", "comment")))


def _role(node: etree._Element, tag: str) -> str:
    return ROLES.get(node.get("role") or "") or TAGS.get(tag, "")


def _open(node: etree._Element, tag: str, writer: _Writer, grids: Grids) -> None:
    role = _role(node, tag)
    if tag == "br":
        writer.mark("\n")
    elif role == "cell" or role == "head":
        if grids.in_row_with_cells():
            writer.mark("\t")
        elif not grids.in_row():
            writer.mark("\n")
    elif tag in LINES or role:
        writer.mark("\n")
    elif tag != "wbr":
        # A raised figure after a code is a footnote's.
        writer.apart = writer.apart or writer.edge == "close" or tag == "sup"
        writer.edge = "open"
    grids.open(node, tag, role, writer.length)


def _close(node: etree._Element, tag: str, writer: _Writer, grids: Grids) -> None:
    role = _role(node, tag)
    grids.close_element(role, writer.length)
    if role in ("cell", "head"):
        return
    if tag in LINES or role:
        writer.mark("\n")
    elif tag not in ("br", "wbr"):
        writer.edge = "close"
