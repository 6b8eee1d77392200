"""Rows of a CSV by column name, and the values in their cells.

Tolerated: a byte order mark, UTF-8, UTF-16 or Latin-1, comma, semicolon or tab, blank lines,
columns in any order and case, columns nobody asked for. Every error is one line that names file,
row and column, never a cell's text: a wrong file may hold anything.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from server.errors import UserError
from server.facts import Source, SourceKind

MAX_BYTES = 64 * 1024 * 1024
_DATE_FORMS = (
    *("%Y-%m-%d", "%Y%m%d", "%m/%d/%Y", "%m/%d/%y"),
    *("%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %I:%M:%S %p"),
)
_YES = frozenset(("yes", "y", "true", "1", "x"))
_NO = frozenset(("no", "n", "false", "0", ""))
_BLANK = re.compile(r"[\s_\-]+")
_BIGGEST = Decimal("1e12")

Value = TypeVar("Value")


class TableError(UserError):
    """A table that cannot be used: names file, row and column, never a cell's text."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header."""

    file: str
    number: int
    """The line in the file on which the row ends; the header is 1 where nothing precedes it."""
    cells: Mapping[str, str]
    digest: str

    def text(self, column: str) -> str:
        """The cell without surrounding blanks; "" where the column is absent."""
        return self.cells.get(column, "").strip()

    def code(self, column: str) -> str:
        """The cell in upper case."""
        return self.text(column).upper()

    def day(self, column: str) -> date | None:
        """A date: ISO, `YYYYMMDD` or `MM/DD/YYYY`; None where the cell is empty."""
        found = self._read(column, parse_moment, "a date (YYYY-MM-DD)")
        return found.date() if found is not None else None

    def moment(self, column: str) -> datetime | None:
        """A date with or without a time; None where the cell is empty."""
        return self._read(column, parse_moment, "a date or a date with time")

    def amount(self, column: str, default: Decimal | None = None) -> Decimal:
        """A number of money or units; `$`, thousands commas and (parentheses) are understood."""
        found = self._read(column, parse_amount, "a number")
        if found is not None:
            return found
        if default is None:
            raise self.error(column, "is empty")
        return default

    def yes(self, column: str) -> bool:
        """Yes or no; an empty cell is no."""
        word = self.text(column).lower()
        if word in _YES:
            return True
        if word in _NO:
            return False
        raise self.error(column, "is neither yes nor no")

    def modifiers(self, column: str) -> tuple[str, ...]:
        """Modifiers parted by blanks, commas, colons or dashes, in upper case."""
        return tuple(part for part in re.split(r"[\s,:;|\-]+", self.code(column)) if part)

    def source(self, kind: SourceKind) -> Source:
        """Where the row stands."""
        return Source(kind, self.file, self.digest, self.number)

    def error(self, column: str, what: str) -> TableError:
        """An error in one cell."""
        return TableError(f"{self.file}:{self.number}: column {column} {what}")

    def _read(self, column: str, parse: Callable[[str], Value | None], wanted: str) -> Value | None:
        text = self.text(column)
        if not text:
            return None
        found = parse(text)
        if found is None:
            raise self.error(column, f"is not {wanted}")
        return found


def parse_moment(text: str) -> datetime | None:
    """A date with or without a time, as people and programs write them; None for anything else."""
    word = text.strip()
    for form in _DATE_FORMS:
        try:
            return datetime.strptime(word, form)  # noqa: DTZ007  days have no zone
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        return None


def parse_amount(text: str) -> Decimal | None:
    """A number as money is written; None for anything else."""
    word = text.strip().replace("$", "").replace(" ", "")
    negative = word.startswith("(") and word.endswith(")")
    word = word.strip("()")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", word):
        word = word.replace(",", "")
    try:
        found = Decimal(word)
    except InvalidOperation:
        return None
    if not found.is_finite() or abs(found) > _BIGGEST:
        return None
    return -found if negative else found


def read_rows(content: bytes, name: str, required: Iterable[str]) -> Iterator[Row]:
    """The rows below the header, the blank ones left out.

    Raises TableError where the content is no such table, or a required column is missing.
    """
    if len(content) > MAX_BYTES:
        raise TableError(f"{name}: larger than {MAX_BYTES // 2**20} MiB")
    text = _decoded(content, name)
    digest = hashlib.sha256(content).hexdigest()
    reader = csv.reader(io.StringIO(text, newline=""), _dialect(text), strict=False)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [_plain(cell) for cell in cells]
                _check(header, required, name, reader.line_num)
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                where = f"{name}:{reader.line_num}"
                raise TableError(f"{where}: {len(cells)} cells under {len(header)} columns")
            found = dict(zip(header, cells, strict=False))
            yield Row(name, reader.line_num, found, digest)
    except csv.Error as error:
        raise TableError(f"{name}:{reader.line_num}: not readable as a table: {error}") from None
    if header is None:
        raise TableError(f"{name}: the file is empty")


def _decoded(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = content.decode("utf-16")
        except UnicodeDecodeError:
            raise TableError(f"{name}: not readable as text") from None
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1")
    if "\0" in text:
        raise TableError(f"{name}: a binary file, not a table")
    if text.lstrip()[:1] == "<":
        raise TableError(f"{name}: a web page, not a table")
    if text.startswith("ISA*"):
        raise TableError(f"{name}: an X12 file, not a table")
    return text


def _dialect(text: str) -> type[csv.Dialect]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(",;\t|", key=first.count)

    class Found(csv.excel):
        delimiter = mark if mark in first else ","

    return Found


def _plain(header: str) -> str:
    return _BLANK.sub("_", header.strip().strip('"').lower()).strip("_")


def _check(header: list[str], required: Iterable[str], name: str, line: int) -> None:
    missing = [column for column in required if column not in header]
    if missing:
        raise TableError(f"{name}:{line}: no column {', '.join(missing)}")
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise TableError(f"{name}:{line}: two columns {', '.join(twice)}")


def as_text(value: Any) -> str:
    """A JSON value as the text of a cell."""
    return "" if value is None or isinstance(value, bool | list | dict) else str(value).strip()
