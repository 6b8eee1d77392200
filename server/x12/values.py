"""Elements to values: amounts, dates, codes, text.

Remittances repeat themselves (the same dates, codes and amounts on thousands of lines), so each
conversion is remembered, up to a bound.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)\Z")
_LONGEST_NUMBER = 28
"""Digits a Decimal adds without rounding; X12 allows 18."""
_REMEMBERED = 20_000
_FORGOTTEN = 500_000
_BLANK = " \t\r\n\x00"


class _Amounts(dict[str, Decimal | None]):
    _missed = 0

    def __missing__(self, text: str) -> Decimal | None:
        value = number(text)
        if len(self) < _REMEMBERED:
            self[text] = value
        else:
            # What comes first and often stays; now and then all is forgotten for other files' sake.
            self._missed += 1
            if self._missed > _FORGOTTEN:
                self._missed = 0
                self.clear()
        return value


def number(text: str) -> Decimal | None:
    """Text to Decimal; None where it is no plain number (or empty). For what hardly repeats."""
    # Only 0 to 9 are decimal among the 256 characters a file is read with.
    if text.replace(".", "", 1).isdecimal() and len(text) <= _LONGEST_NUMBER:
        return Decimal(text)
    text = text.strip(_BLANK)
    return Decimal(text) if len(text) <= _LONGEST_NUMBER and _NUMBER.match(text) else None


class _Codes(dict[str, str]):
    def __missing__(self, text: str) -> str:
        value = plain(text).upper()
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


class _Days(dict[str, date | None]):
    def __missing__(self, text: str) -> date | None:
        value = _day(text.strip(_BLANK))
        if len(self) >= _REMEMBERED:
            self.clear()
        self[text] = value
        return value


def _day(text: str) -> date | None:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


AMOUNT = _Amounts()
"""Text to Decimal; None where it is no plain number (or empty)."""
CODE = _Codes()
"""Text to code: trimmed, upper case."""
DAY = _Days()
"""CCYYMMDD to date; None where it is none."""


def plain(text: str) -> str:
    """An element's text, trimmed. Bytes were read one to one (Latin-1); UTF-8 is undone here."""
    if not text.isascii():
        with contextlib.suppress(UnicodeError):
            text = text.encode("latin-1").decode("utf-8")
    return text.strip(_BLANK)


def texts(seg: str, separator: str) -> list[str]:
    """A segment's elements as text, its name first."""
    elements = seg.split(separator)
    if not seg.isascii():
        return [plain(text) for text in elements]
    return [text.strip(_BLANK) for text in elements] if " " in seg else elements


def element(elements: list[str], position: int) -> str:
    """Element `position` (1 = first after the segment's name) as text; "" where absent."""
    return plain(elements[position]) if position < len(elements) else ""


def code(elements: list[str], position: int) -> str:
    """Element `position` as a code: trimmed, upper case; "" where absent."""
    return CODE[elements[position]] if position < len(elements) else ""


def amount(elements: list[str], position: int) -> Decimal | None:
    """Element `position` as a number; None where absent, empty or no number."""
    return AMOUNT[elements[position]] if position < len(elements) else None


def components(value: str, separator: str) -> list[str]:
    """The parts of a composite that starts with a two-character qualifier (C003, C042).

    Senders at times write `HC>99213` where ISA16 names `:`. A qualifier is two characters in every
    list used here, so what stands third is the separator, whatever ISA16 says.
    """
    third = value[2:3]
    if third and third != separator and not third.isalnum() and third not in " .-":
        return value.split(third)
    return value.split(separator)


def decimal_text(value: Decimal) -> str:
    """A Decimal as it was sent, never in exponent form."""
    return format(value, "f")
