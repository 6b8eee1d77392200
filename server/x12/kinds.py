"""The segments of a remittance as small numbers, so that they are found without reading them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from server.x12.parts import OPENS
from server.x12.values import AMOUNT, CODE, DAY, texts

ADJUSTMENT, SERVICE, DATE, NAME, OUTPATIENT, INPATIENT, CONTACT, REMARK = range(1, 9)
REFERENCE, AMOUNT_OF, QUANTITY = range(9, 12)
CLAIM = OPENS
CLAIM_KINDS = {
    "CLP": CLAIM,
    "CAS": ADJUSTMENT,
    "SVC": SERVICE,
    "DTM": DATE,
    "NM1": NAME,
    "MOA": OUTPATIENT,
    "MIA": INPATIENT,
    "PER": CONTACT,
    "LQ": REMARK,
    "REF": REFERENCE,
    "AMT": AMOUNT_OF,
    "QTY": QUANTITY,
}
"""The segments of a claim (loops 2100 and 2110); `CLP` opens a part."""
CLAIM_DATES = frozenset({"232", "233", "050", "036"})
LINE_DATES = frozenset({"472", "150", "151"})
"""`DTM01` of a claim (statement days, received, coverage expired) and of a line (service)."""
_REMEMBERED = 5000


class _Dates(dict[str, tuple[str, "date | None"]]):
    """A `DTM` as qualifier and day, None where that is none; remembered whole: they repeat."""

    def __missing__(self, seg: str) -> tuple[str, date | None]:
        e = seg.split(seg[3]) if len(seg) > 3 else [seg]
        text = e[2] if len(e) > 2 else ""
        day = DAY[text]
        value = (CODE[e[1]] if len(e) > 1 else "", day)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[seg] = value
        return value


class _Remarks(dict[str, str]):
    """An `LQ` as its RARC, "" where it holds another kind of code; remembered whole."""

    def __missing__(self, seg: str) -> str:
        e = seg.split(seg[2]) if len(seg) > 2 else [seg]
        value = CODE[e[2]] if len(e) > 2 and CODE[e[1]] == "HE" else ""
        if len(self) >= _REMEMBERED:
            self.clear()
        self[seg] = value
        return value


class _Allowed(dict[str, "Decimal | None"]):
    """An `AMT` as an allowed amount, None where it is another; remembered whole."""

    def __missing__(self, seg: str) -> Decimal | None:
        e = seg.split(seg[3]) if len(seg) > 3 else [seg]
        value = AMOUNT[e[2]] if len(e) > 2 and CODE[e[1]] == "B6" else None
        if len(self) >= _REMEMBERED:
            self.clear()
        self[seg] = value
        return value


class _Outpatients(dict[str, tuple[tuple[str, ...], tuple[str, ...]]]):
    """A `MOA` as its elements and its RARCs (`MOA03` to `07`); remembered whole."""

    def __missing__(self, seg: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        e = texts(seg, seg[3]) if len(seg) > 3 else [seg]
        value = tuple(e[1:]), tuple(CODE[remark] for remark in e[3:8] if remark)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[seg] = value
        return value


DATES = _Dates()
REMARKS = _Remarks()
ALLOWED = _Allowed()
OUTPATIENTS = _Outpatients()
