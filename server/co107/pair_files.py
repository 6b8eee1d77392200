"""Reading an add-on pair table: bytes in, a `PairTable` out.

Three layouts are known, told apart by their header row and never by the file's name:

- CMS, as published for Medicare and Medicaid NCCI: `AOC_Edit_Type, Add-On_Code, AOC_DelDT,
  Primary_Code, Primary_Code_DelDT, AOC_Edit_EffDT, AOC_Edit_DelDT, Special_Instruction_Notes`,
  a copyright notice above the header, dates `YYYYDDD`, primary `CCCCC` where the payer decides;
  as XLSX, as text with tabs or commas, in fixed width, or the ZIP they come in
- `primary_code, add_on_code, aoc_edit_type`: the same table without days
- `add_on, primary, type, valid_from, valid_to` with ISO dates: what a user writes

Every error is a `PairFileError` of one line that names the row and the column, never a cell's
text: a wrong file may hold anything.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from server.co107.pair_errors import PairFileError
from server.co107.pair_sheets import MAX_ROWS, is_zip, open_sheet, unpack
from server.co107.pairs import Pair, PairTable, TableKind

MAX_BYTES = 32 * 1024 * 1024
"""The CMS file is about 1.5 MB as XLSX and 3 MB as text."""

_HEADER_WITHIN = 10
_MAX_RANGE = 5000
_CODE = re.compile(r"[0-9A-Z][0-9]{3}[0-9A-Z]")
_RANGE = re.compile(rf"({_CODE.pattern})\s*[-–]\s*({_CODE.pattern})")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
_PAYER_DECIDES = "CCCCC"

_CMS = ("aocedittype", "addoncode", "primarycode", "aocediteffdt")
_CMS_ENDS = ("aocdeldt", "primarycodedeldt", "aoceditdeldt")
_PLAIN = ("primarycode", "addoncode", "aocedittype")
_OURS = ("addon", "primary", "type")

_FIXED = re.compile(
    r"\s*([123])\s*([0-9A-Z]{5})\s*((?:19|20)\d{5})?\s*([0-9A-Z]{5})\s*"
    r"((?:19|20)\d{5})?\s*((?:19|20)\d{5})?\s*((?:19|20)\d{5})?(?!\d)"
)

Row = Sequence[str]


@dataclass(frozen=True, slots=True)
class _Layout:
    name: str
    columns: dict[str, int]
    width: int
    """Cells a row must at least have: up to the last column that is read."""


def parse_pairs(
    content: bytes, name: str, *, kind: TableKind | None = None, may_be_bare: bool = False
) -> PairTable:
    """Read a pair table from a file's bytes.

    `name` is the file's name, for messages and the version. `kind` overrides what the layout says
    (`cms` for CMS's own columns, else `given`). `may_be_bare` takes a header without a pair for a
    table that lists none. Raises PairFileError.
    """
    if not content.strip():
        raise PairFileError(f"{name}: the file is empty")
    if len(content) > MAX_BYTES:
        raise PairFileError(f"{name}: larger than {MAX_BYTES // 2**20} MiB, no pair table is")
    digest = hashlib.sha256(content).hexdigest()
    inner = "text"
    if is_zip(content):
        content, inner = unpack(content, name)
    rows = open_sheet(content, name) if inner == "xlsx" else _text_rows(content, name)
    # A file that ends within a line may be cut off: there a short row is no row without days.
    whole = may_be_bare or inner == "xlsx" or content.endswith((b"\n", b"\r"))
    table = _table(rows, name, digest, kind, whole)
    if not table.pairs and not may_be_bare:
        raise PairFileError(f"{name}: a header and no pair below it")
    return table


def _table(
    rows: Iterable[Row], name: str, digest: str, kind: TableKind | None, whole: bool
) -> PairTable:
    notes: list[str] = []
    layout: _Layout | None = None
    pairs: list[Pair] = []
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise PairFileError(f"{name}: more than {MAX_ROWS} rows, no pair table is that long")
        if not any(row):
            continue
        if layout is None:
            layout = _layout(row, whole)
            if layout is None:
                notes.append(" ".join(row))
                if number >= _HEADER_WITHIN:
                    break
            continue
        if row[0].startswith("#"):
            continue
        pairs.extend(_pairs(row, layout, f"{name} row {number}"))
    if layout is None:
        raise PairFileError(
            f"{name}: no header of a pair table in the first {_HEADER_WITHIN} rows; expected the"
            " CMS columns (AOC_Edit_Type, Add-On_Code, Primary_Code, AOC_Edit_EffDT, ...) or"
            " add_on,primary,type,valid_from,valid_to"
        )
    published = _published(name, notes)
    if published is None and layout.name == "cms":
        published = max((pair.valid_from for pair in pairs if pair.valid_from), default=None)
    dated = f" {published.isoformat()}" if published else ""
    return PairTable(
        pairs,
        kind=kind or ("cms" if layout.name == "cms" else "given"),
        version=f"{name}{dated} {digest[:8]}",
        published=published,
    )


def _published(name: str, notes: Iterable[str]) -> date | None:
    """The table's day: a `# published:` line, a date in the file's name, or its `2026Q2`."""
    for note in notes:
        said = re.search(r"published:?\s*(\d{4}-\d{2}-\d{2})", note)
        if said and (day := _iso(said[1])):
            return day
    named = re.search(r"(?<!\d)(20\d{2}-\d{2}-\d{2})(?!\d)", name)
    if named and (day := _iso(named[1])):
        return day
    quarter = re.search(r"(?<!\d)(20\d{2})[ _-]?Q([1-4])(?!\d)", name, re.IGNORECASE)
    return date(int(quarter[1]), int(quarter[2]) * 3 - 2, 1) if quarter else None


def _layout(row: Row, whole: bool) -> _Layout | None:
    """The layout a header row announces; None where the row is no header.

    A user's rows may leave out the days at their end, in a file that is `whole`.
    """
    if len(row) == 1 and set(_CMS) <= {_plain(cell) for cell in row[0].split()}:
        # Fixed width: names stand in one cell, and each row is cut by shape, not by position.
        return _Layout("cms", {}, 1)
    columns: dict[str, int] = {}
    for position, cell in enumerate(row):
        columns.setdefault(_plain(cell), position)
    for name, wanted in (("cms", _CMS), ("plain", _PLAIN), ("ours", _OURS)):
        if all(column in columns for column in wanted):
            days = () if name == "ours" and whole else ("validfrom", "validto")
            read = {*wanted, *_CMS_ENDS, *days} & columns.keys()
            width = 1 + max(columns[column] for column in read)
            return _Layout(name, columns, width)
    return None


def _plain(header: str) -> str:
    """`AOC_Edit_EffDT (Julian)` and `aoc-edit-effdt` are one column."""
    return re.sub(r"[^a-z0-9]", "", header.lower()).removesuffix("julian")


def _pairs(row: Row, layout: _Layout, where: str) -> Iterator[Pair]:
    if not layout.columns:
        row, layout = _cut(row, where)
    if len(row) < layout.width:
        raise PairFileError(f"{where}: {len(row)} of {layout.width} columns: is the file cut off?")

    def cell(column: str) -> str:
        position = layout.columns.get(column)
        return row[position].strip() if position is not None and position < len(row) else ""

    if layout.name == "ours":
        kind, add_on, primary = cell("type"), cell("addon"), cell("primary")
        begin = _day(cell("validfrom"), "valid_from", where, julian=False)
        end = _day(cell("validto"), "valid_to", where, julian=False)
    else:
        kind, add_on, primary = cell("aocedittype"), cell("addoncode"), cell("primarycode")
        begin = _day(cell("aocediteffdt"), "AOC_Edit_EffDT", where, julian=True)
        ends = [_day(cell(column), column, where, julian=True) for column in _CMS_ENDS]
        end = min((day for day in ends if day), default=None)
    if kind.removesuffix(".0") not in ("1", "2", "3"):
        raise PairFileError(f"{where}: the type is not 1, 2 or 3")
    type_ = int(kind[0])
    add_on = add_on.upper()
    if not _CODE.fullmatch(add_on):
        raise PairFileError(f"{where}: the add-on is no five-character procedure code")
    for code in _primaries(primary.upper(), where, required=layout.name != "ours" or type_ == 1):
        yield Pair(add_on, code, type_, begin, end)


def _primaries(text: str, where: str, *, required: bool) -> Iterator[str]:
    """The codes a primary cell names: one, a range, or "" for the payer's choice."""
    if text == _PAYER_DECIDES or (not text and not required):
        yield ""
    elif _CODE.fullmatch(text):
        yield text
    elif span := _RANGE.fullmatch(text):
        yield from _range(span[1], span[2], where)
    else:
        raise PairFileError(f"{where}: the primary is no five-character procedure code")


def _range(first: str, last: str, where: str) -> list[str]:
    """Every code from first to last, both included, of one shape: 99202, 0054T or G0101.

    Numbers in the range that are no code do no harm: nothing is billed under them.
    """
    for shape in (r"()(\d{5})()", r"(\d*?)(\d{4})([A-Z])", r"([A-Z])(\d{4})()"):
        low, high = re.fullmatch(shape, first), re.fullmatch(shape, last)
        if low and high and low[1] == high[1] and low[3] == high[3]:
            numbers = range(int(low[2]), int(high[2]) + 1)
            if not 0 < len(numbers) <= _MAX_RANGE:
                raise PairFileError(f"{where}: the primary's range is empty or too wide")
            return [f"{low[1]}{number:0{len(low[2])}}{low[3]}" for number in numbers]
    raise PairFileError(f"{where}: the primary is a range of unlike codes")


def _cut(row: Row, where: str) -> tuple[Row, _Layout]:
    """One fixed-width row as cells: type, add-on, its end, primary, then up to three dates.

    Blank columns leave no mark, so the dates are told apart by order: the pair's first day is
    the earliest, every other one is an end, and only the earliest end counts.
    """
    found = _FIXED.match(row[0])
    if found is None:
        raise PairFileError(f"{where}: not a row of the fixed-width layout: is the file cut off?")
    kind, add_on, add_on_end, primary, *days = found.groups()
    days = sorted(day for day in days if day)
    begin, end = (days[0], days[1] if len(days) > 1 else "") if days else ("", "")
    cells = (kind, add_on, add_on_end or "", primary, end, begin)
    columns = (
        "aocedittype",
        "addoncode",
        "aocdeldt",
        "primarycode",
        "aoceditdeldt",
        "aocediteffdt",
    )
    return cells, _Layout("cms", {column: at for at, column in enumerate(columns)}, len(cells))


def _day(text: str, column: str, where: str, *, julian: bool) -> date | None:
    """A date cell; "" and CMS's fillers (all zeros, year 9999) are None."""
    text = text.removesuffix(".0")
    if not text.strip("0") or text.startswith("9999"):
        return None
    day = (_julian(text) if julian else None) or _iso(text[:10])
    if day is None:
        form = "YYYYDDD" if julian else "YYYY-MM-DD"
        raise PairFileError(f"{where}: {column} is no date ({form})")
    return day


def _julian(text: str) -> date | None:
    if not re.fullmatch(r"(19|20)\d{5}", text):
        return None
    year, nth = int(text[:4]), int(text[4:])
    day = date(year, 1, 1) + timedelta(days=nth - 1)
    return day if nth >= 1 and day.year == year else None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def _text_rows(content: bytes, name: str) -> Iterator[Row]:
    text = _decode(content, name)
    head = text[:4096].lstrip().lower()
    if head.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")) or "<html" in head:
        raise PairFileError(f"{name}: a web page, not a pair table: was the download refused?")
    lines = text.splitlines()
    delimiter = next((mark for mark in "\t,;|" if _heads(lines, mark)), "")
    if not delimiter:
        if _heads(lines, None):
            yield from ([line.strip()] for line in lines)
            return
        delimiter = ","
    stream = io.StringIO(text, newline="")
    # CMS's tab text holds bare quotes in its notes; only comma files quote for real.
    rows = (
        csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        if delimiter == "\t"
        else csv.reader(stream, delimiter=delimiter)
    )
    try:
        for row in rows:
            yield [cell.strip(' "') for cell in row]
    except csv.Error as error:
        raise PairFileError(f"{name}: not readable as a table: {error}") from None


def _heads(lines: Sequence[str], delimiter: str | None) -> bool:
    """Whether one of the first lines is a header when cut at the delimiter."""
    for line in lines[:_HEADER_WITHIN]:
        cells = line.split(delimiter) if delimiter else [line]
        if _layout([cell.strip(' "') for cell in cells], whole=True):
            return True
    return False


def _decode(content: bytes, name: str) -> str:
    if content.startswith(b"%PDF"):
        raise PairFileError(f"{name}: a PDF, not a pair table")
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise PairFileError(f"{name}: an old or protected Excel file; save it as XLSX or CSV")
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if b"\x00" in content:
            raise PairFileError(f"{name}: a binary file, not a pair table")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # CMS's text bears a copyright sign of Windows-1252.
        return content.decode("cp1252", errors="replace")
