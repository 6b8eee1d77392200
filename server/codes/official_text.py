"""One row of an official list, and the dates X12 writes inside its texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from server.errors import UserError

_DATED = re.compile(r"\b(Start|Last Modified|Stop):\s*([0-9]{1,4}[/-][0-9]{1,2}[/-][0-9]{1,4})")
_USAGE = re.compile(r"\bUsage:\s*")
_NOTES = re.compile(r"\bNotes?:\s*")
_FORMS = ("%Y-%m-%d", "%m/%d/%Y")


class OfficialListError(UserError):
    """A file that is no usable code list: one line that says what and where."""


@dataclass(frozen=True, slots=True)
class OfficialText:
    """One row of an official list. Empty text and None where the list says nothing."""

    code: str
    text: str
    usage: str = ""
    notes: str = ""
    started: date | None = None
    modified: date | None = None
    ended: date | None = None


def parse_day(text: str) -> date | None:
    """A date as the lists write it, `2017-07-01` or `07/01/2017`; None where it is none."""
    for form in _FORMS:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007  a day has no zone
        except ValueError:
            continue
    return None


def split_text(code: str, raw: str) -> OfficialText:
    """Take a text apart that may hold its usage, its dates and its notes, in X12's order.

    `Description. Usage: ... Start: 01/01/1995 | Last Modified: 07/01/2017 | Stop: ... Notes: ...`
    """
    raw = " ".join(raw.split())
    dates = {match[1]: parse_day(match[2]) for match in _DATED.finditer(raw)}
    spans = [match.span() for match in _DATED.finditer(raw)]
    head = raw[: spans[0][0]] if spans else raw
    tail = raw[spans[-1][1] :] if spans else ""
    text, *usage = _USAGE.split(head, maxsplit=1)
    return OfficialText(
        code=code,
        text=text.strip(),
        usage=usage[0].strip() if usage else "",
        notes=_NOTES.sub("", tail, count=1).strip(" |"),
        started=dates.get("Start"),
        modified=dates.get("Last Modified"),
        ended=dates.get("Stop"),
    )
