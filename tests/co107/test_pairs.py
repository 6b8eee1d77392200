"""Pair tables: every layout in, days judged, wrong files answered in one line."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.co107 import pair_sheets
from server.co107.pair_errors import PairFileError
from server.co107.pair_files import MAX_BYTES, parse_pairs
from server.co107.pairs import Pair, PairTable

SHARED = Path(__file__).resolve().parents[3] / "shared/data/codes/addon_pairs_2024-06-03.csv"
STARTER = Path(__file__).resolve().parents[2] / "config/pairs/starter.csv"
HEADER = (
    "AOC_Edit_Type",
    "Add-On_Code",
    "AOC_DelDT",
    "Primary_Code",
    "Primary_Code_DelDT",
    "AOC_Edit_EffDT",
    "AOC_Edit_DelDT",
    "Special_Instruction_Notes",
)
ROWS = (
    ("1", "22614", "", "22600", "", "2013091", "", ""),
    ("1", "22614", "", "22612", "", "2013091", "", ""),
    ("1", "22614", "", "22630", "", "2022001", "2023365", ""),
    ("1", "01968", "", "01967", "", "2013091", "", ""),
    ("1", "35476", "2016366", "35475", "2016366", "2013091", "", ""),
    ("2", "76937", "", "CCCCC", "", "2013091", "", '"Contractor" Defined Primary Codes'),
    ("3", "88311", "", "88305", "", "2013091", "", ""),
    ("3", "88311", "", "CCCCC", "", "2013091", "", ""),
)
NOTICE = "CPT only copyright 2025 American Medical Association. All rights reserved. ©"


def text(delimiter: str = "\t", rows: tuple[tuple[str, ...], ...] = ROWS) -> bytes:
    lines = [NOTICE, delimiter.join(HEADER), *(delimiter.join(row) for row in rows)]
    return "\r\n".join(lines).encode("cp1252")


def xlsx(rows: tuple[tuple[object, ...], ...] = ROWS, header: tuple[str, ...] = HEADER) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append([NOTICE])
    sheet.append(header)
    for row in rows:
        sheet.append([cell or None for cell in row])
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


def fixed_width() -> bytes:
    widths = (1, 5, 7, 5, 7, 7, 7, 60)
    lines = [NOTICE, " ".join(HEADER)]
    lines += ["".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in ROWS]
    return "\n".join(lines).encode("cp1252")


AS_PUBLISHED = {
    "tab": text("\t"),
    "comma": text(","),
    "utf-16": text("\t").decode("cp1252").encode("utf-16"),
    "xlsx": xlsx(),
    "fixed width": fixed_width(),
    "zip": zipped("AOC_V2026Q2-MCR.xlsx", xlsx()),
    "zipped text": zipped("AOC_V2026Q2-MCR.txt", text()),
}


@pytest.mark.parametrize("layout", AS_PUBLISHED)
def test_cms_file_in_every_form_gives_the_same_table(layout: str) -> None:
    table = parse_pairs(AS_PUBLISHED[layout], "AOC_V2026Q2-MCR")
    assert (table.kind, table.published) == ("cms", date(2026, 4, 1))
    assert table.version.startswith("AOC_V2026Q2-MCR 2026-04-01 ")
    assert table.pairs == parse_pairs(text(), "x").pairs
    on = date(2026, 3, 1)
    assert [pair.primary for pair in table.primaries("22614", on)] == ["22600", "22612"]
    assert [pair.primary for pair in table.primaries("76937", on)] == [""]
    assert [pair.primary for pair in table.primaries("88311", on)] == ["88305", ""]
    assert [table.type_of(code, on) for code in ("22614", "76937", "88311")] == [1, 2, 3]
    assert [pair.add_on for pair in table.primary_of("01967", on)] == ["01968"]


def test_days_bound_a_pair_on_both_sides() -> None:
    table = parse_pairs(text(), "aoc.txt")

    def codes(on: date) -> list[str]:
        return [pair.primary for pair in table.primaries("22614", on)]

    assert codes(date(2013, 3, 31)) == []
    assert codes(date(2013, 4, 1)) == ["22600", "22612"]
    assert "22630" not in codes(date(2021, 12, 31))
    assert "22630" in codes(date(2022, 1, 1))
    assert "22630" in codes(date(2023, 12, 31))
    assert "22630" not in codes(date(2024, 1, 1))


def test_earliest_deletion_counts() -> None:
    rows = (
        ("1", "35476", "2016366", "35475", "2015365", "2013091", "2017001", ""),
        ("1", "35477", "2016366", "35475", "", "2013091", "", ""),
    )
    table = parse_pairs(text(rows=rows), "aoc.txt")
    assert [pair.valid_to for pair in table.pairs] == [date(2015, 12, 31), date(2016, 12, 31)]
    assert not table.is_add_on("35476", date(2016, 1, 1))
    assert table.is_add_on("35477", date(2016, 12, 31))


def test_a_pair_deleted_before_it_began_never_counts() -> None:
    rows = (("1", "90461", "", "90460", "", "2024001", "2023001", ""),)
    table = parse_pairs(text(rows=rows), "aoc.txt")
    assert "90461" in table.add_ons
    assert not table.is_add_on("90461", date(2023, 6, 1))
    assert table.type_of("90461", date(2025, 6, 1)) is None


@pytest.mark.parametrize("filler", ["", "0", "0000000", "9999365"])
def test_fillers_are_no_end(filler: str) -> None:
    table = parse_pairs(text(rows=(("1", "22614", "", "22612", "", "2013091", filler, ""),)), "a")
    assert table.pairs == (Pair("22614", "22612", 1, date(2013, 4, 1), None),)


def test_numbers_in_a_sheet_keep_their_zeros() -> None:
    rows = ((1, 1968, None, 1967.0, None, 2013091, None, None),)
    assert parse_pairs(xlsx(rows), "a.xlsx").pairs == (
        Pair("01968", "01967", 1, date(2013, 4, 1), None),
    )


def test_headers_may_say_julian() -> None:
    header = tuple(f"{name} (Julian)" if name.endswith("DT") else name for name in HEADER)
    assert len(parse_pairs(xlsx(ROWS, header), "a.xlsx")) == len(ROWS)


def test_ranges_of_primaries_are_spelled_out() -> None:
    rows = (("1", "99292", "", "99202-99205", "", "2013091", "", ""),)
    found = [pair.primary for pair in parse_pairs(text(rows=rows), "a").pairs]
    assert found == ["99202", "99203", "99204", "99205"]
    for cell, count in (("G0101-G0103", 3), ("0054T-0055T", 2), ("00100-00102", 3)):
        rows = (("1", "99292", "", cell, "", "2013091", "", ""),)
        assert len(parse_pairs(text(rows=rows), "a")) == count
    for cell in ("99205-99202", "G0101-J0101", "0054T-0055U", "00100-99999"):
        rows = (("1", "99292", "", cell, "", "2013091", "", ""),)
        with pytest.raises(PairFileError, match="row 3: the primary"):
            parse_pairs(text(rows=rows), "a")


def test_a_users_own_table() -> None:
    table = parse_pairs(
        b"# published: 2026-01-01\nadd_on,primary,type,valid_from,valid_to\n"
        b"22614,22612,1,2020-01-01,2026-06-30\n22614,22612,1,2020-01-01,2026-06-30\n"
        b"# ours\n76937,,2,,\n",
        "pairs.csv",
    )
    assert (table.kind, table.published, len(table)) == ("given", date(2026, 1, 1), 2)
    assert table.pairs[1] == Pair("76937", "", 2, None, None)
    assert table.pairs[1].payer_defined
    assert not table.is_add_on("22614", date(2026, 7, 1))


def test_a_users_rows_may_leave_out_the_days_at_their_end() -> None:
    head = b"add_on,primary,type,valid_from,valid_to\n"
    table = parse_pairs(head + b"22614,22612,1\n22614,22630,1,2026-01-01\n", "mine.csv")
    assert [(pair.primary, pair.valid_from, pair.valid_to) for pair in table.pairs] == [
        ("22612", None, None),
        ("22630", date(2026, 1, 1), None),
    ]
    with pytest.raises(PairFileError, match="cut off"):
        parse_pairs(head + b"22614,22612,1", "mine.csv")


def test_starter_is_marked_and_holds_the_usual_add_ons() -> None:
    table = parse_pairs(STARTER.read_bytes(), "starter.csv", kind="starter")
    on = date(2026, 3, 1)
    assert table.kind == "starter"
    assert 75 <= len(table.add_ons) <= 95
    named = {pair.primary for pair in table.primaries("22614", on)}
    assert named == {"22600", "22610", "22612", "22630", "22633"}
    assert {"90460", "90471"} <= {pair.primary for pair in table.primaries("90472", on)}
    assert {pair.primary for pair in table.primaries("01968", on)} == {"01967"}
    assert {pair.primary for pair in table.primaries("99292", on)} == {"99291"}
    assert table.type_of("88311", on) == 3
    assert table.type_of("76937", on) == 2
    for code in ("63048", "64491", "64492", "64494", "64495", "11103", "96375", "88341", "G2212"):
        assert table.is_add_on(code, on), code
    assert not table.is_add_on("G2211", on)


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared pair file is not here")
def test_the_starter_says_what_the_public_file_says() -> None:
    full = set(parse_pairs(SHARED.read_bytes(), SHARED.name).pairs)
    assert set(parse_pairs(STARTER.read_bytes(), "starter.csv").pairs) <= full


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared pair file is not here")
def test_the_public_csv() -> None:
    table = parse_pairs(SHARED.read_bytes(), SHARED.name)
    assert (len(table), len(table.add_ons)) == (7465, 668)
    assert (table.kind, table.published) == ("given", date(2024, 6, 3))


@pytest.mark.parametrize(
    ("today", "old"),
    [
        (date(2026, 4, 1), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 1), True),
        (date(2025, 1, 1), False),
    ],
)
def test_age_past_two_quarters_is_said(today: date, old: bool) -> None:
    table = parse_pairs(text(), "AOC_V2026Q2-MCR.txt")
    assert bool(table.age_warning(today)) is old


def test_unknown_age() -> None:
    assert PairTable((), kind="cms").age_warning(date(2026, 1, 1))
    assert PairTable((), kind="given").age_warning(date(2026, 1, 1)) is None


def test_loosest_type_of_a_day_counts() -> None:
    pairs = (Pair("11111", "22222", 1), Pair("11111", "33333", 3, date(2026, 1, 1)))
    table = PairTable(pairs)
    assert table.type_of("11111", date(2025, 1, 1)) == 1
    assert table.type_of("11111", date(2026, 1, 1)) == 3


WRONG = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\n ", "is empty"),
    "page": (b"<!DOCTYPE html><html><body>403 Forbidden</body></html>", "web page"),
    "page in upper case": (b"\n<HTML><HEAD>", "web page"),
    "other columns": (b"patient_id,claim_id\nSMITH,22614\n", "no header"),
    "header only": (text(rows=()), "no pair below"),
    "cut in a code": (text()[:-20], "row 10"),
    "cut in the last row": (b"primary_code,add_on_code,aoc_edit_type\n22612,22614,", "row 2"),
    "cut before a column": (b"primary_code,add_on_code,aoc_edit_type\n22612,226", "cut off"),
    "cut sheet": (xlsx()[:3000], "cut off"),
    "cut fixed width": (fixed_width()[:-85], "row 10"),
    "bad type": (b"add_on,primary,type\n22614,22612,4\n", "row 2: the type"),
    "bad day": (b"add_on,primary,type,valid_from\n22614,22612,1,03/01/2026\n", "valid_from"),
    "day 366 of 2023": (
        text(rows=(("1", "22614", "", "22612", "", "2023366", "", ""),)),
        "row 3: AOC_Edit_EffDT",
    ),
    "no primary": (b"add_on,primary,type\n22614,,1\n", "row 2: the primary"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "old excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old or protected"),
    "binary": (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
    "too large": (b"x" * (MAX_BYTES + 1), "larger than"),
    "zip of a picture": (zipped("a.png", b"x"), "ZIP without"),
    "empty zip": (b"PK\x05\x06" + bytes(18), "ZIP without"),
    "no sheet": (zipped("xl/workbook.xml", b"<workbook/>"), "damaged"),
    "endless quote": (b'add_on,primary,type\n"22614,22612,1\n' + b"x," * 200_000, "not readable"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_files_get_one_line(case: str) -> None:
    content, said = WRONG[case]
    with pytest.raises(PairFileError, match=said) as caught:
        parse_pairs(content, "file.bin")
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("file.bin")
    assert "SMITH" not in line


def test_bombs_are_refused_by_what_they_say_and_by_what_they_do() -> None:
    honest = zipped("xl/workbook.xml", bytes(pair_sheets.MAX_INFLATED + 1))
    assert len(honest) < 200_000
    with pytest.raises(PairFileError, match="unpacks to more"):
        parse_pairs(honest, "bomb.xlsx")
    # The central directory lies about the size; inflating must stop all the same.
    size = (pair_sheets.MAX_INFLATED + 1).to_bytes(4, "little")
    liar = honest.replace(size, (1000).to_bytes(4, "little"))
    with pytest.raises(PairFileError):
        parse_pairs(liar, "bomb.xlsx")


def test_a_sheet_with_a_document_type_is_refused() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as old, zipfile.ZipFile(held, "w") as new:
        for entry in old.infolist():
            part = old.read(entry)
            if entry.filename == "xl/worksheets/sheet1.xml":
                part = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>' + part
            new.writestr(entry, part)
    with pytest.raises(PairFileError, match="document type"):
        parse_pairs(held.getvalue(), "a.xlsx")


def outcome(content: bytes) -> str:
    try:
        return f"{len(parse_pairs(content, 'any'))} pairs"
    except PairFileError as error:
        return str(error)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_table_or_one_line(content: bytes) -> None:
    assert "\n" not in outcome(content)


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_bent_file_gives_a_table_or_one_line(at: int, byte: int) -> None:
    content = bytearray(text())
    content[at % len(content)] = byte
    assert "\n" not in outcome(bytes(content))
