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

from server.codes.finder_columns import TextTables
from server.codes.finder_flow import Flow, Span, visible
from server.codes.finder_pages import read_page
from server.codes.finder_rules import rules
from server.codes.finder_runs import Found
from server.codes.finder_scan import Scan

__all__ = ["Found", "find_in_html", "find_in_text", "html_text"]


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
    scan = Scan(flow)
    found = scan.run()
    if crosswalk:
        found = _with_payers(flow, found, crosswalk)
    if not flow.same:
        found = [
            one._replace(spans=tuple([flow.outside(*span) for span in one.spans])) for one in found
        ]
    if scan.unordered or crosswalk:
        found.sort(key=_place)
    return found


def _place(one: Found) -> Span:
    """Where a code stands, for the order of the answers."""
    return one.spans[0][0], one.spans[-1][1]


def _with_payers(flow: Flow, hits: list[Found], crosswalk: Mapping[str, str]) -> list[Found]:
    """The hits with the payer's own codes; where both claim a place, a group or label wins."""
    taken = sorted(part for hit in hits for part in hit.spans)
    own = [hit for hit in _payer_hits(flow, crosswalk) if not _overlaps(hit.spans[0], taken)]
    return [*hits, *own]


def _overlaps(span: Span, taken: list[Span]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in taken)


def _payer_hits(flow: Flow, crosswalk: Mapping[str, str]) -> list[Found]:
    codes = {code for code in crosswalk if code.strip()}
    if not codes:
        return []
    odd = sorted((code for code in codes if not code.isalnum()), key=len, reverse=True)
    longest = max(map(len, codes))
    whole = [f"[A-Za-z0-9]{{1,{longest}}}"] if len(odd) < len(codes) else []
    body = "|".join([*map(re.escape, odd), *whole])
    token = re.compile(rf"(?<![A-Za-z0-9_#$])(?:{body})(?![A-Za-z0-9_%]|[.,-][0-9])")
    identity = rules().pattern["identity_before"]
    found: list[Found] = []
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
        found.append(Found(match[0], "payer", True, ((start, end),)))
    return found
