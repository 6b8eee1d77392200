"""The characters an interchange is cut by, told from its own opening segment."""

from __future__ import annotations

import re
from typing import NamedTuple

LAYOUT = " \t\r\n\x00\x1a"
"""What may stand around segments without being content."""
ISA_LENGTH = 106
ISA_NAME = re.compile(
    r"(?<![A-Za-z0-9])I[\r\n]*S[\r\n]*A[\r\n]*(?=[^A-Za-z0-9 \t\r\n])", re.IGNORECASE
)
"""`ISA` before its separator; text wrapped at 80 columns may break even the name."""
_OPENING_GROUP = re.compile(
    r"GS(?P<e>[^A-Za-z0-9 \t\r\n])(?:.{0,40}?(?P=e)){7}[0-9A-Za-z]+(?P<t>[^A-Za-z0-9 ])",
    re.IGNORECASE,
)
_OPENING_TRANSACTION = re.compile(
    r"ST(?P<e>[^A-Za-z0-9 \t\r\n])[0-9]{3}(?:(?P=e)[0-9A-Za-z]+){1,2}(?P<t>[^A-Za-z0-9])",
    re.IGNORECASE,
)


class Separators(NamedTuple):
    """The characters one interchange is cut by."""

    element: str
    component: str
    terminator: str
    repetition: str = ""


def _terminator(text: str, position: int) -> str:
    """The terminator that stands at `position`; a newline there may only be layout before it."""
    found = text[position : position + 1]
    if found and found in "\r\n":
        after = text[position : position + 8].lstrip(" \r\n")[:1]
        if after and not after.isalnum() and after not in LAYOUT:
            return after
    return found


def isa_separators(text: str, at: int = 0) -> tuple[Separators, int] | None:
    """Separators and length (with terminator) of the ISA at `at`; None where it is broken.

    Counted in separators instead of bytes, so that an ISA wrapped or trimmed on its way is read.
    """
    name = ISA_NAME.match(text, at)
    if name is None:
        return None
    head, element = text[at : at + ISA_LENGTH * 2], text[name.end()]
    fields = head.split(element, 16)
    if len(fields) < 17:
        return None
    position = len(head) - len(fields[16].lstrip("\r\n"))
    component, terminator = head[position : position + 1], _terminator(head, position + 1)
    if component.isalnum() or terminator.isalnum() or terminator in " \t":
        return None
    if len({element, component, terminator}) < 3:
        return None
    repetition = fields[11].strip("\r\n")
    if len(repetition) != 1 or repetition.isalnum():
        repetition = ""
    return Separators(element, component, terminator, repetition), position + 2


def opening_separators(text: str, at: int = 0) -> Separators | None:
    """Separators of a file that starts at its GS or ST; None where they cannot be told."""
    match = _OPENING_GROUP.match(text, at) or _OPENING_TRANSACTION.match(text, at)
    if not match:
        return None
    terminator = _terminator(text, match.start("t"))
    return None if terminator == match["e"] else Separators(match["e"], ":", terminator)
