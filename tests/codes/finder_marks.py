"""Reading a corpus of marked snippets: `Denied ⟦CO-107⟧` says what is to be found, and where.

Between the marks stands the code as the page shows it. `⟦co 45=CO-45⟧` gives the answer where it
is not what stands there; a `?` after the code says no list names it. Parts of one code bear a
letter: `⟦a:CO⟧ ... ⟦a:107⟧`; one part may belong to two codes, `⟦a,b:CO⟧`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bs4 import BeautifulSoup

Answer = tuple[str, str, bool, tuple[tuple[int, int], ...]]

OPEN, CLOSE = "⟦", "⟧"
_MARKED = re.compile(rf"{OPEN}(?:[a-z](?:,[a-z])*:)?([^{CLOSE}]*?)(?:\?|=[A-Z0-9-]+\??)?{CLOSE}")
_REMARK = re.compile(r"(?:MA|M|N)\d+")


@dataclass(frozen=True)
class Snippet:
    """One line of a corpus."""

    number: int
    style: str
    form: str
    """`text` or `html`."""
    content: str
    """Without the marks."""
    plain: str
    """What the offsets count: the text, or the HTML's text content."""
    expected: tuple[Answer, ...]
    crosswalk: dict[str, str] | None = None


def read(file: Path) -> Iterator[Snippet]:
    """Every snippet of a corpus file."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        entry = json.loads(line)
        form = "html" if "html" in entry else "text"
        marked = entry[form]
        bare = _MARKED.sub(r"\1", marked)
        shown = BeautifulSoup(marked, "lxml").get_text() if form == "html" else marked
        plain, expected = _answers(shown)
        yield Snippet(number, entry["style"], form, bare, plain, expected, entry.get("crosswalk"))


def _answers(marked: str) -> tuple[str, tuple[Answer, ...]]:
    plain = ""
    whole: list[Answer] = []
    split: dict[str, list[tuple[str, str, tuple[int, int]]]] = {}
    for piece in re.split(rf"({OPEN}[^{CLOSE}]*{CLOSE})", marked):
        if not piece.startswith(OPEN):
            plain += piece
            continue
        body = piece[1:-1]
        keys = ""
        if found := re.match(r"([a-z](?:,[a-z])*):", body):
            keys, body = found[1], body[found.end() :]
        shown, _, code = (
            body.partition("=") if re.search(r"=[A-Z0-9-]+\??$", body) else (body, "", "")
        )
        if shown.endswith("?") and not code:
            shown, code = shown[:-1], shown
        span = (len(plain), len(plain) + len(shown))
        plain += shown
        for key in filter(None, keys.split(",")):
            split.setdefault(key, []).append((shown, code, span))
        if not keys:
            whole.append(_answer(code or shown, (span,)))
    for parts in split.values():
        # The group's letters come first in the code, wherever they stand.
        ordered = sorted(parts, key=lambda part: not part[0].isalpha())
        code = next((part[1] for part in parts if part[1]), "-".join(part[0] for part in ordered))
        whole.append(_answer(code, tuple(sorted(part[2] for part in parts))))
    return plain, tuple(sorted(whole, key=lambda answer: answer[3]))


def _answer(code: str, spans: tuple[tuple[int, int], ...]) -> Answer:
    known = not code.endswith("?")
    code = code.rstrip("?")
    return code, "rarc" if _REMARK.fullmatch(code) else "carc", known, spans
