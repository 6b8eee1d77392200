"""The rows of an XLSX sheet, with bounds a hostile file cannot pass.

A zip's declared sizes are the sender's word, so every part is also inflated once against the
bound before a parser sees it.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from server.co107.pair_errors import PairFileError

MAX_INFLATED = 96 * 1024 * 1024
MAX_PARTS = 500
MAX_ROWS = 500_000
_MAX_COLUMNS = 24
_CHUNK = 1 << 16
_WORKBOOK = "xl/workbook.xml"


def is_zip(content: bytes) -> bool:
    return content[:4] in (b"PK\x03\x04", b"PK\x05\x06")


def unpack(content: bytes, name: str) -> tuple[bytes, str]:
    """The table's own bytes and what they are, `xlsx` or `text`.

    CMS's download is a ZIP that holds the XLSX beside the text; the XLSX is taken. Raises
    PairFileError for a damaged zip, a bomb, or a zip without a table.
    """
    parts = _inflate(content, name)
    if _WORKBOOK in parts:
        return content, "xlsx"
    for ending, kind in ((".xlsx", "xlsx"), (".txt", "text"), (".csv", "text")):
        for part, inner in parts.items():
            if not part.lower().endswith(ending) or part.startswith("__MACOSX"):
                continue
            if kind == "xlsx" and (not is_zip(inner) or _WORKBOOK not in _inflate(inner, name)):
                break
            return inner, kind
    raise PairFileError(f"{name}: a ZIP without an Excel sheet or text of pairs")


def _inflate(content: bytes, name: str) -> dict[str, bytes]:
    """Every part, inflated under the bound."""
    parts: dict[str, bytes] = {}
    left = MAX_INFLATED
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_PARTS or sum(entry.file_size for entry in entries) > left:
                raise _bomb(name)
            for entry in entries:
                if entry.flag_bits & 1:
                    raise PairFileError(f"{name}: protected by a password")
                held = bytearray()
                with archive.open(entry) as part:
                    while chunk := part.read(_CHUNK):
                        held += chunk
                        left -= len(chunk)
                        if left < 0:
                            raise _bomb(name)
                parts[entry.filename] = bytes(held)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError):
        raise PairFileError(f"{name}: a damaged or cut off ZIP or Excel file") from None
    return parts


def _bomb(name: str) -> PairFileError:
    return PairFileError(
        f"{name}: unpacks to more than {MAX_INFLATED // 2**20} MiB, no pair table does"
    )


def open_sheet(content: bytes, name: str) -> Iterator[Sequence[str]]:
    """The first sheet's rows as text cells. `content` has passed `unpack`."""
    # Read here, not at the top: it takes long to load and no other command needs it.
    import openpyxl

    for part, held in _inflate(content, name).items():
        # A sheet has no use for a DTD; refusing it closes entity expansion for good. UTF-16 is
        # seen through by dropping its zero bytes.
        if part.endswith((".xml", ".rels")) and b"<!DOCTYPE" in held.replace(b"\0", b""):
            raise PairFileError(f"{name}: an Excel file with a document type, refused")
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The declared dimension is the sender's word too, and openpyxl pads every row to it.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(max_col=_MAX_COLUMNS, max_row=MAX_ROWS + 1, values_only=True):
            yield [_text(cell) for cell in row]
        book.close()
    except PairFileError:
        raise
    except Exception:
        # openpyxl answers a broken part with whatever its parser met: KeyError, TypeError, ...
        raise PairFileError(f"{name}: a damaged Excel file") from None


def _text(cell: object) -> str:
    """A cell as CMS's text file would write it: codes keep their leading zeros."""
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and 100 <= cell <= 9999:
        # An anaesthesia code typed as a number: Excel drops the zeros of 00100 to 01999.
        return f"{cell:05}"
    return str(cell).strip()
