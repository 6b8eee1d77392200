"""Finding denial codes in any text: group with CARC, bare CARC, RARC, a payer's own.

Answers are `Found` records in the order they stand. Offsets are character offsets (code points)
of the text given; for HTML, of its text content: what `BeautifulSoup(html, "lxml").get_text()`
gives, that is every text node in order, without `script`, `style`, `template`, `rt` and `rp`, a
text node of nothing but blanks as one character. `html_text` returns it.

Kinds: `carc` for a reason with its group (`CO-107`) or without (`107`), `rarc` for a remark
(`N122`), `payer` for a code that only a portal's crosswalk knows. Spans cover group and number,
never the label; a code whose group and number stand in two cells has a span in each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from server.codes.finder_columns import TextTables
from server.codes.finder_flow import Flow, Span, visible
from server.codes.finder_pages import read_page
from server.codes.finder_rules import rules
from server.codes.finder_scan import Hit, Kind, Scan

__all__ = ["Found", "find_in_html", "find_in_text", "html_text"]


@dataclass(frozen=True, slots=True)
class Found:
    """One code at one place."""

    code: str
    """`CO-107`, `107`, `N122`, `MA130`, or the payer's own as it stands."""
    kind: Kind
    known: bool
    """Whether a list names its number (ended ones included), or the crosswalk names the code."""
    spans: tuple[Span, ...]
    """Start and end (exclusive) of each part, in the caller's offsets."""


def find_in_text(text: str, crosswalk: Mapping[str, str] | None = None) -> list[Found]:
    """Every denial code in plain text.

    `crosswalk` maps a payer's own codes to ours (`{"ABC12": "CO-107"}`); only those it names are
    found. Time grows with the text's length, whatever it holds.
    """
    seen, starts, outer = visible(text)
    return _answer(Flow(seen, starts, outer, TextTables(seen)), crosswalk)


def find_in_html(html: str, crosswalk: Mapping[str, str] | None = None) -> list[Found]:
    """Every denial code in a page or a piece of one, tables and their headers understood."""
    return _answer(read_page(html)[0], crosswalk)


def html_text(html: str) -> str:
    """The text content in whose offsets `find_in_html` answers."""
    return read_page(html, keep_content=True)[1]


def _answer(flow: Flow, crosswalk: Mapping[str, str] | None) -> list[Found]:
    hits = Scan(flow).run()
    if crosswalk:
        hits = _with_payers(flow, hits, crosswalk)
    found = [Found(hit.code, hit.kind, hit.known, _spans(flow, hit)) for hit in hits]
    found.sort(key=lambda one: (one.spans[0][0], one.spans[-1]))
    return found


def _spans(flow: Flow, hit: Hit) -> tuple[Span, ...]:
    """A hit's parts outside, in order; cells that touch there are two parts still."""
    return tuple(sorted(flow.outside(*part) for part in hit.parts))


def _with_payers(flow: Flow, hits: list[Hit], crosswalk: Mapping[str, str]) -> list[Hit]:
    """The hits with the payer's own codes; where both claim a place, a group or label wins."""
    taken = sorted(part for hit in hits for part in hit.parts)
    own = [hit for hit in _payer_hits(flow, crosswalk) if not _overlaps(hit.parts[0], taken)]
    return [*hits, *own]


def _overlaps(span: Span, taken: list[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)


def _payer_hits(flow: Flow, crosswalk: Mapping[str, str]) -> list[Hit]:
    codes = {code for code in crosswalk if code.strip()}
    if not codes:
        return []
    odd = sorted((code for code in codes if not code.isalnum()), key=len, reverse=True)
    longest = max(map(len, codes))
    whole = [f"[A-Za-z0-9]{{1,{longest}}}"] if len(odd) < len(codes) else []
    body = "|".join([*map(re.escape, odd), *whole])
    token = re.compile(rf"(?<![A-Za-z0-9_#$])(?:{body})(?![A-Za-z0-9_%]|[.,-][0-9])")
    identity = rules().pattern["identity_before"]
    found: list[Hit] = []
    for match in token.finditer(flow.text):
        if match[0] not in codes:
            continue
        start, end = match.span()
        line = flow.text[max(0, start - 72) : start]
        line = re.split(r"[\n\t|]", line)[-1]
        if line[-1:] in ("-", ".") and line[-2:-1].isalnum():
            continue
        cell = flow.tables.cell(start) if flow.tables else None
        if identity.search(line) or (cell and cell.kind in ("identity", "other", "state")):
            continue
        found.append(Hit(match[0], "payer", True, ((start, end),)))
    return found
