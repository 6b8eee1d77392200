"""Reading a licensed official code list: bytes in, rows or one clear error out.

Known layouts: a CSV with one column a field (`code, description, usage, notes, start_date,
last_modified, end_date`), X12's CSV (`Code, Description`, the dates inside the description), and
the table of X12's own web page (`tr.prod-set` with `td.code` and `td.description`). The texts
belong to X12: they are shown to the user who has them and never leave the user's own folder.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from server.codes.entries import CARC_CODE, RARC_CODE
from server.codes.official_page import page_rows
from server.codes.official_text import OfficialListError, OfficialText, parse_day, split_text

ListKind = Literal["carc", "rarc"]
MAX_BYTES = 16 * 2**20
"""A code list has well under 1 MB; what is far larger is another file."""

_KIND: dict[ListKind, re.Pattern[str]] = {
    "carc": re.compile(CARC_CODE),
    "rarc": re.compile(RARC_CODE),
}
_COLUMNS = {
    "code": ("code", "carc", "rarc", "reason code", "remark code"),
    "text": ("description", "code description", "text"),
    "usage": ("usage",),
    "notes": ("notes", "note"),
    "started": ("start_date", "start date", "start", "effective date"),
    "modified": ("last_modified", "last modified", "last modified date"),
    "ended": ("end_date", "end date", "stop", "stop date", "deactivation date"),
}
_ENOUGH = 0.9
"""Share of the codes known to be in force that a whole list must hold."""


@dataclass(frozen=True, slots=True)
class OfficialList:
    """A whole list of one kind, by code, in the order of the file."""

    kind: ListKind
    codes: Mapping[str, OfficialText]


@dataclass(frozen=True, slots=True)
class Changes:
    """What a newer list does to an older one: codes, in list order.

    `changed` has another text, usage or note; `ended` is no longer in force; `gone` is no longer
    in the list at all.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    ended: tuple[str, ...]
    gone: tuple[str, ...]


def read_official(content: bytes, name: str) -> OfficialList:
    """Read a list from the bytes of a file called `name`.

    Raises OfficialListError for an empty file, another kind of file, wrong columns, a broken or
    cut row, a code twice or of the other list, a date that is none.
    """
    text = _text(content, name)
    if re.match(r"\s*<", text):
        return _list(_page_rows(text, name), name, first_wins=True)
    return _list(_csv_rows(text, name), name, first_wins=False)


def refuse_fragment(found: OfficialList, known: Collection[str], name: str) -> None:
    """Raise OfficialListError where the list lacks many of the codes `known` to be in force.

    A file cut off at the end of a row looks whole; the official lists never drop a code.
    """
    missing = [code for code in known if code not in found.codes]
    if len(missing) > (1 - _ENOUGH) * len(known):
        raise OfficialListError(
            f"{name}: holds {len(found.codes)} {found.kind.upper()}s and lacks {len(missing)} of "
            f"the {len(known)} in force, {missing[0]} first: cut off? (--partial loads it anyway)"
        )


def compare(old: OfficialList | None, new: OfficialList, today: date) -> Changes:
    """What `new` changes against `old` (None: nothing was loaded) as of `today`."""
    before = old.codes if old else {}
    added, changed, ended = [], [], []
    for code, row in new.codes.items():
        was = before.get(code)
        if was is None:
            added.append(code)
            continue
        if _in_force(was, today) and not _in_force(row, today):
            ended.append(code)
        elif _said(was) != _said(row):
            changed.append(code)
    gone = [code for code in before if code not in new.codes]
    return Changes(tuple(added), tuple(changed), tuple(ended), tuple(gone))


def _said(row: OfficialText) -> tuple[str, str, str, date | None]:
    return row.text, row.usage, row.notes, row.ended


def _in_force(row: OfficialText, today: date) -> bool:
    return row.ended is None or row.ended > today


def _text(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        limit = MAX_BYTES // 2**20
        raise OfficialListError(f"{name}: more than {limit} MB; a code list has less than one")
    if not content.strip():
        raise OfficialListError(f"{name}: the file is empty")
    for magic, what in (
        (b"PK", "a ZIP or Excel file"),
        (b"%PDF", "a PDF"),
        (b"\x1f\x8b", "packed"),
    ):
        if content.startswith(magic):
            raise OfficialListError(f"{name}: is {what}; save the list as CSV (UTF-8)")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise OfficialListError(f"{name}: line {line}: not UTF-8; save as CSV (UTF-8)") from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise OfficialListError(f"{name}: line {line}: not a text file")
    return text


def _page_rows(text: str, name: str) -> Iterable[tuple[str, OfficialText]]:
    number = 0
    for number, row in enumerate(page_rows(text), start=1):
        if row.text and row.started is None:
            raise OfficialListError(f"{name}: row {number} ({row.code[:12]}): no date: cut off?")
        yield f"row {number}", row
    if not number:
        raise OfficialListError(
            f"{name}: a web page without a code table; it may be a sign-in or error page"
        )


def _csv_rows(text: str, name: str) -> Iterable[tuple[str, OfficialText]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 0
    columns: dict[str, int] | None = None
    width = 0
    try:
        for cells in reader:
            first, line = line + 1, reader.line_num
            where = f"line {first}"
            if not any(cell.strip() for cell in cells):
                continue
            if columns is None:
                columns, width = _columns(cells, name), len(cells)
                continue
            if len(cells) != width:
                raise OfficialListError(
                    f"{name}: {where}: {len(cells)} columns where the header has {width}: cut off?"
                )
            named = {key: cells[at].strip() for key, at in columns.items()}
            yield where, _csv_row(named, name, where)
    except csv.Error:
        raise OfficialListError(f"{name}: line {line + 1}: broken quoting: cut off?") from None


def _columns(header: list[str], name: str) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    found = {
        key: names.index(alias)
        for key, aliases in _COLUMNS.items()
        for alias in aliases[::-1]
        if alias in names
    }
    if "code" not in found or "text" not in found:
        shown = ", ".join(repr(cell[:20]) for cell in header[:4])
        raise OfficialListError(
            f"{name}: no columns 'code' and 'description' in the first row (it has {shown})"
        )
    return found


def _csv_row(cells: Mapping[str, str], name: str, where: str) -> OfficialText:
    row = split_text(cells["code"].upper(), cells["text"])
    dates = {}
    for key in ("started", "modified", "ended"):
        text = cells.get(key, "")
        day = parse_day(text) if text else getattr(row, key)
        if text and day is None:
            code = cells["code"][:8]
            raise OfficialListError(f"{name}: {where} (code {code}): {text[:12]!r} is no date")
        dates[key] = day
    return OfficialText(
        code=row.code,
        text=row.text,
        usage=cells.get("usage") or row.usage,
        notes=cells.get("notes") or row.notes,
        **dates,
    )


def _list(rows: Iterable[tuple[str, OfficialText]], name: str, *, first_wins: bool) -> OfficialList:
    codes: dict[str, OfficialText] = {}
    kind: ListKind | None = None
    for where, row in rows:
        code = row.code
        if kind is None:
            kind = _kind(code)
        if kind is None or not _KIND[kind].fullmatch(code):
            what = f"no {kind.upper()}" if kind else "no reason or remark code"
            raise OfficialListError(f"{name}: {where}: {code[:12]!r} is {what}")
        if not row.text:
            raise OfficialListError(f"{name}: {where} (code {code}): the description is empty")
        if code in codes and first_wins:
            continue
        if code in codes:
            raise OfficialListError(f"{name}: {where}: code {code} stands in the file twice")
        codes[code] = row
    if kind is None:
        raise OfficialListError(f"{name}: a header, but no codes below it")
    return OfficialList(kind, codes)


def _kind(code: str) -> ListKind | None:
    return next((kind for kind, form in _KIND.items() if form.fullmatch(code)), None)
