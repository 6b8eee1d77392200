"""What others read in the same files: oxedi's rows, pyx12's segments; differences are explained.

Both are development dependencies and referees only. A file that is not in a table below reads
alike; one that is must differ in just the way the table says, or the table is out of date.
"""

from __future__ import annotations

import io
import logging
from decimal import Decimal
from pathlib import Path
from typing import Any

import oxedi
import pytest
import pyx12.x12file
from hypothesis import given, settings
from hypothesis import strategies as st
from made_835 import Style, remittance, render

from server.x12 import read_remittance
from server.x12.findings import Findings
from server.x12.remittance import _KINDS
from server.x12.segments import Segmenter
from server.x12.values import plain

logging.getLogger("pyx12").setLevel(logging.CRITICAL)

OXEDI_DIFFERS = {
    "LinuxForHealth_x12__cob-contractural-adjustment.835": (
        {"services": 1},
        "SVC01 is cut by `>` while ISA16 names `:`; oxedi leaves qualifier and code in one",
    ),
    "LinuxForHealth_x12__secondary-payment.835": (
        {"services": 2},
        "the same `>`; oxedi leaves qualifier, code and modifier in one",
    ),
    "keironstoddart_edi-835-parser__blue_cross_nc_sample.txt": (
        None,
        "no ISA: oxedi refuses the file, here it is read and the missing ISA is a finding",
    ),
    "tigershark__835-example-2.txt": (
        {"claims": 2, "services": 2, "adjustments": 2},
        "each terminator stands at the start of the next line; oxedi takes the carriage return for "
        "it and finds nothing",
    ),
    "tigershark__835-example.txt": (
        {"claims": 2, "services": 2, "adjustments": 2},
        "the same terminator at the start of the next line",
    ),
    "tigershark__sample_835.txt": (
        {"adjustments": 2},
        "amounts are words: oxedi has no amount, here the file is refused for it",
    ),
}
"""File: how many rows differ by table (None: oxedi reads nothing), and why."""

PYX12_DIFFERS = {
    "Inteligenz_X12Parser__4010_FromNth_835_DeIdent_02.dat": "the masked ISA12 (99999) is no "
    "version pyx12 knows; it refuses the file",
    "Inteligenz_X12Parser__837_DeIdent_01.dat": "the same masked ISA12",
    "keironstoddart_edi-835-parser__blue_cross_nc_sample.txt": "no ISA: pyx12 refuses the file",
    "tigershark__835-example-2.txt": "terminators at the start of the next line: pyx12 takes the "
    "carriage return for it and reads segments whose names begin with `~`",
    "tigershark__835-example.txt": "the same terminators at the start of the next line",
}

Row = tuple[Any, ...]


def table(result: oxedi.Result, name: str) -> list[dict[str, str | None]]:
    """One of oxedi's tables, from its text form (its other forms need pyarrow)."""
    _, header, *rows = result.tables[name].render().splitlines()
    columns = [column.split(":")[0] for column in header.split(" | ")]
    cells = [row.split(" | ") for row in rows]
    return [
        dict(zip(columns, [None if v == "∅" else v for v in row], strict=True))
        for row in cells
        if len(row) == len(columns)
    ]


def number(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def theirs(data: bytes) -> dict[str, list[Row]]:
    result = oxedi.parse(data)
    return {
        "claims": [
            (
                row["claim_id"],
                row["claim_status"],
                number(row["charge_amount"]),
                number(row["payment_amount"]),
                row["payer_control_number"] or "",
                row["patient_id"] or "",
            )
            for row in table(result, "claims")
        ],
        "services": [
            (
                int(row["claim"] or -1),
                row["procedure_qualifier"],
                row["procedure_code"] or "",
                number(row["charge_amount"]),
                number(row["payment_amount"]),
                number(row["units_paid"]),
                number(row["original_units"]),
                row["line_item_control_number"] or "",
                number(row["allowed_amount"]),
            )
            for row in table(result, "services")
        ],
        "adjustments": [
            (
                int(row["claim"] or -1),
                row["service"],
                row["group_code"],
                row["reason_code"],
                number(row["amount"]),
                number(row["quantity"]),
            )
            for row in table(result, "adjustments")
        ],
    }


def ours(data: bytes) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {"claims": [], "services": [], "adjustments": []}
    for claim in read_remittance(data).claims():
        fields = claim.fields
        rows["claims"].append(
            (
                fields.claim,
                fields.status,
                claim.charge,
                claim.paid,
                fields.payer_claim_control_number,
                fields.patient.id if fields.patient else "",
            )
        )
        rows["adjustments"] += [(claim.order, None, *a[:4]) for a in claim.adjustments]
        for line in claim.lines:
            service = str(len(rows["services"]))
            rows["adjustments"] += [(claim.order, service, *a[:4]) for a in line.adjustments]
            said = line.fields
            rows["services"].append(
                (
                    claim.order,
                    said.procedure.qualifier,
                    said.procedure.code,
                    line.charge,
                    line.paid,
                    said.units_paid,
                    said.units_submitted,
                    said.line_control,
                    said.allowed,
                )
            )
    return rows


def differing(one: list[Row], other: list[Row]) -> int:
    return sum(a != b for a, b in zip(one, other, strict=False)) + abs(len(one) - len(other))


def remittances(samples: Path) -> list[Path]:
    return sorted((samples / "835").iterdir())


def test_oxedi_reads_the_public_files_alike(samples: Path) -> None:
    for file in remittances(samples):
        data = file.read_bytes()
        differs, _ = OXEDI_DIFFERS.get(file.name, ({}, ""))
        if differs is None:
            with pytest.raises(oxedi.ParseError):
                oxedi.parse(data)
            continue
        mine, other = ours(data), theirs(data)
        found = {name: differing(mine[name], other[name]) for name in mine}
        assert {name: n for name, n in found.items() if n} == differs, file.name


@given(seed=st.integers(0, 10**6), transactions=st.integers(1, 2))
@settings(max_examples=40, deadline=None)
def test_oxedi_reads_made_files_alike(seed: int, transactions: int) -> None:
    data = render(remittance(seed, transactions=transactions).segments, Style(newline="\n"))
    mine, other = ours(data), theirs(data)
    assert mine == other


def segments(data: bytes) -> list[list[str]]:
    cut = Segmenter(io.BytesIO(data), Findings(), _KINDS)
    return [
        [plain(value) for value in seg.split(block.separators.element)]
        for block in cut.blocks()
        for seg in block.segs
    ]


def pyx12_segments(data: bytes) -> list[list[str]]:
    found = []
    with pyx12.x12file.X12Reader(io.StringIO(data.decode("utf-8-sig"))) as reader:
        for segment in reader:
            values = [segment.get_value(f"{n:02}") for n in range(1, len(segment) + 1)]
            found.append([segment.get_seg_id(), *(value or "" for value in values)])
    return found


def bare(rows: list[list[str]]) -> list[list[str]]:
    """Without the empty elements a segment ends with, and blanks around values."""
    stripped = [[value.strip() for value in row] for row in rows]
    for row in stripped:
        while row[-1] == "":
            row.pop()
    return stripped


def test_pyx12_cuts_the_public_files_alike(samples: Path) -> None:
    for file in [*remittances(samples), *sorted((samples / "837").iterdir())]:
        data = file.read_bytes()
        try:
            other = bare(pyx12_segments(data))
        except Exception:
            assert file.name in PYX12_DIFFERS
            continue
        alike = other == bare(segments(data))
        assert alike is (file.name not in PYX12_DIFFERS), file.name


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_pyx12_cuts_made_files_alike(seed: int) -> None:
    data = render(remittance(seed).segments, Style(newline="\r\n"))
    assert bare(pyx12_segments(data)) == bare(segments(data))
