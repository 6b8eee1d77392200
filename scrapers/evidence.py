"""A page's redacted skeleton: its structure and codes, and the labels everybody's page bears.

Kept beside the page's hash so that a decision can be explained later without keeping what a patient
would not want kept. Text stays only where it is a known label or a denial code; every attribute but
structure goes.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Comment, Doctype, NavigableString, Tag

from scrapers.capture import Capture
from scrapers.portal import Portal

_KEPT_ATTRIBUTES = frozenset({"role", "scope", "colspan", "rowspan"})
_DROPPED = ("script", "style", "noscript", "template", "link", "meta", "svg", "img", "input")
_CODE = re.compile(r"(?:(?:CO|PR|OA|PI|CR)[ *-]?)?[A-Z]?\d{1,3}|MA\d{1,3}|[MN]\d{1,3}")
_LABELS = frozenset(
    re.findall(
        r"[a-z]+",
        """
claim claims number status line lines service date of dos from to procedure code codes
modifier modifiers mod units qty charge charges billed allowed paid deductible coinsurance copay
adjustment adjustments amount adj amt group carc rarc remark remarks reason rmk remittance check
payment total subtotal payer provider patient member legend description show more details found
denied pending in process reversed processed not proc svc control page next previous remit no
""",
    )
)
_MASK = "\u2591"


def labels_of(portal: Portal) -> frozenset[str]:
    """Words that may stay: the common ones, the portal's own headers and its status words."""
    texts = [*portal.statuses, *(name for names in portal.columns.values() for name in names)]
    return _LABELS | {word for text in texts for word in _words(text)}


def skeleton(html: str, labels: frozenset[str]) -> str:
    """The page's elements with only known labels and codes as text; everything else masked."""
    soup = BeautifulSoup(html, "lxml")
    for element in soup.find_all(_DROPPED):
        element.decompose()
    for element in soup.find_all(True):
        if isinstance(element, Tag):
            element.attrs = {
                name: value for name, value in element.attrs.items() if name in _KEPT_ATTRIBUTES
            }
    for text in list(soup.find_all(string=True)):
        if isinstance(text, Comment | Doctype):
            text.extract()
        else:
            text.replace_with(NavigableString(_redacted(str(text), labels)))
    return str(soup)


def skeleton_of(capture: Capture, portal: Portal) -> str:
    """All pages of a capture, one after another, each under its kind; files are named only."""
    labels = labels_of(portal)
    parts = []
    for page in capture.pages:
        body = skeleton(page.text, labels) if page.text.lstrip().startswith("<") else _MASK
        parts.append(f"<!-- {page.kind} -->\n{body}")
    return "\n".join(parts)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", text.lower())


def _redacted(text: str, labels: frozenset[str]) -> str:
    stripped = text.strip()
    if not stripped:
        return " " if text else ""
    if _CODE.fullmatch(stripped):
        return stripped
    words = _words(stripped)
    # A label is words alone, all of them known: "Claim number", never "Claim 4711" or a name.
    if words and all(word in labels for word in words) and not re.search(r"\d", stripped):
        return stripped
    return _MASK
