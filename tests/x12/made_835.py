"""Makes remittances whose truth is known: every file balances, all people are invented.

`remittance(seed)` gives segments and what they say; `render` writes them in any style a sender may
choose.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

Segment = list["str | tuple[str, ...]"]
ZERO = Decimal(0)

CHARGES = {
    "99213": "150", "99214": "225.5", "22612": "2300.00", "22614": "1150.00", "64493": "812.40",
    "64494": "406.2", "90471": "38", "96372": "41.75", "J1100": ".75", "20930": "319.99",
    "97110": "62.00", "76942": "280", "G2211": "33.10", "93000": "55", "36415": "12.5",
}  # fmt: skip
"""Procedures with what they cost; amounts in every form senders use."""


class TrueAdjustment(NamedTuple):
    group: str
    carc: str
    amount: Decimal
    quantity: Decimal | None = None


class TrueLine(NamedTuple):
    qualifier: str
    procedure: str
    modifiers: tuple[str, ...]
    submitted: str
    units: Decimal
    charge: Decimal
    paid: Decimal
    allowed: Decimal | None
    days: tuple[date | None, date | None]
    control: str
    revenue: str
    adjustments: tuple[TrueAdjustment, ...]
    remarks: tuple[str, ...]


class TrueClaim(NamedTuple):
    claim: str
    status: str
    charge: Decimal
    paid: Decimal
    control: str
    member: str
    last_name: str
    adjustments: tuple[TrueAdjustment, ...]
    remarks: tuple[str, ...]
    lines: tuple[TrueLine, ...]


@dataclass(frozen=True)
class Style:
    """How a file is written down."""

    element: str = "*"
    component: str = ":"
    terminator: str = "~"
    repetition: str = "^"
    newline: str = ""
    wrap: int = 0
    bom: bool = False
    lower: bool = False
    encoding: str = "utf-8"
    stray: str = ""
    """Put behind each newline: a terminator that stands alone."""
    end: bool = True
    """Whether the last segment has its terminator."""


@dataclass
class Made:
    segments: list[Segment]
    claims: list[TrueClaim] = field(default_factory=list)
    adjustments: int = 0
    """Triplets at claim and line."""


def render(segments: list[Segment], style: Style = Style()) -> bytes:
    """The file's bytes in this style."""
    written = []
    for segment in segments:
        isa = segment[0] == "ISA"
        values = list(segment)
        if isa:
            values[11] = style.repetition or "U"
            values[16] = style.component
        texts = [v if isinstance(v, str) else style.component.join(v) for v in values]
        if style.lower:
            texts[0] = texts[0].lower()
        written.append(style.element.join(texts))
    whole = (style.terminator + style.newline + style.stray).join(written)
    if style.end:
        whole += style.terminator + style.newline
    if style.wrap:
        whole = "\r\n".join(whole[at : at + style.wrap] for at in range(0, len(whole), style.wrap))
    return (b"\xef\xbb\xbf" if style.bom else b"") + whole.encode(style.encoding)


def remittance(
    seed: int, claims: int = 6, transactions: int = 1, plain: bool = False, lines: int = 0
) -> Made:
    """A remittance of `claims` a transaction; `plain` leaves reversals and oddities out."""
    maker = _Maker(random.Random(seed), plain, lines)
    for number in range(1, transactions + 1):
        maker.transaction(number, claims)
    isa: Segment = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", "PAYER".ljust(15), "ZZ", "CLINIC".ljust(15),
        "260210", "1200", "^", "00501", "000000905", "0", "P", ":",
    ]  # fmt: skip
    gs: Segment = ["GS", "HP", "PAYER", "CLINIC", "20260210", "1200", "77", "X", "005010X221A1"]
    closing: list[Segment] = [["GE", str(transactions), "77"], ["IEA", "1", "000000905"]]
    return Made([isa, gs, *maker.segments, *closing], maker.claims, maker.adjustments)


class _Maker:
    def __init__(self, rng: random.Random, plain: bool, lines: int) -> None:
        self.rng = rng
        self.plain = plain
        self.lines = lines
        self.segments: list[Segment] = []
        self.claims: list[TrueClaim] = []
        self.adjustments = 0

    def transaction(self, number: int, claims: int) -> None:
        rng = self.rng
        start, first = len(self.segments), len(self.claims)
        body: list[Segment] = []
        for _ in range(claims):
            body += self._claim()
        paid = sum((claim.paid for claim in self.claims[first:]), ZERO)
        moved: list[tuple[str, str, Decimal]] = []
        if not self.plain and rng.random() < 0.5:
            moved = [("WO", "OVERPAID1", Decimal("25.00")), ("72", "", Decimal("-3.5"))]
        total = paid - sum((amount for _, _, amount in moved), ZERO)
        control = f"{number:04}"
        self.segments += [
            ["ST", "835", control],
            ["BPR", "I", str(total), "C", "ACH", *[""] * 11, "20260212"],
            ["TRN", "1", f"EFT{number}", "1123456789"],
            ["REF", "EV", "CLINIC"],
            ["DTM", "405", "20260209"],
            ["N1", "PR", "MERIDIAN HEALTH", "XV", "MERID"],
            ["N3", "1 PAYER PLAZA"],
            ["N4", "ATLANTA", "GA", "30303"],
            ["REF", "2U", "2U001"],
            ["PER", "BL", "DESK", "TE", "8005550100"],
            ["N1", "PE", "SPINE CLINIC", "XX", "1234567893"],
            ["REF", "TJ", "123456789"],
            ["LX", "1"],
            *body,
        ]
        for reason, reference, amount in moved:
            code = (reason, reference) if reference else (reason,)
            self.segments.append(["PLB", "1234567893", "20261231", code, str(amount)])
        self.segments.append(["SE", str(len(self.segments) - start + 1), control])

    def _claim(self) -> list[Segment]:
        rng = self.rng
        number = len(self.claims)
        reversal = not self.plain and rng.random() < 0.15
        sign = -1 if reversal else 1
        statement = date(2026, 1, 1) + timedelta(days=rng.randrange(30))
        count = self.lines or rng.choice((0, 1, 1, 2, 3, 5))
        made = [self._line(order, sign, statement) for order in range(count)]
        lines = tuple(line for line, _ in made)
        own: tuple[TrueAdjustment, ...] = ()
        if not lines or (not self.plain and rng.random() < 0.2):
            own = (TrueAdjustment("CO", "A2", sign * Decimal("12.30")),)
        charge = sum((line.charge for line in lines), ZERO) if lines else sign * Decimal("99.50")
        taken = sum((a.amount for a in own), ZERO)
        paid = (sum((line.paid for line in lines), ZERO) if lines else charge) - taken
        remarks = tuple(rng.sample(("MA01", "MA18", "N522", "MA130"), rng.randrange(3)))
        inpatient = not self.plain and rng.random() < 0.2
        names = ("DOE", "O'BRIEN", "MÜLLER", "SAINT JAMES", "NG")
        status = "22" if reversal else rng.choice(("1", "1", "19", "4", "2"))
        truth = TrueClaim(
            f"ACC-{number:05}", status, charge, paid, f"PCN{number:06}",
            f"M{rng.randrange(10**6):07}", "DOE" if self.plain else rng.choice(names), own,
            remarks, lines,
        )  # fmt: skip
        self.claims.append(truth)
        segments: list[Segment] = [
            ["CLP", truth.claim, status, str(charge), str(paid), "", "12", truth.control, "11", "1"]
        ]
        segments += self._cas(own)
        segments.append(["NM1", "QC", "1", truth.last_name, "JANE", "", "", "", "MI", truth.member])
        if rng.random() < 0.5:
            segments.append(["NM1", "82", "1", "GRAY", "M", "", "", "", "XX", "1679576722"])
        if not self.plain and rng.random() < 0.3:
            segments.append(["NM1", "TT", "2", "OTHER PLAN", "", "", "", "", "PI", "OTHER"])
        if remarks and inpatient:
            segments.append(["MIA", "0", "", "", "", remarks[0], *[""] * 14, *remarks[1:]])
        elif remarks:
            segments.append(["MOA", "", "", *remarks])
        segments.append(["DTM", "232", f"{statement:%Y%m%d}"])
        segments.append(["DTM", "050", "20260131"])
        segments.append(["AMT", "AU", str(charge)])
        for _, more in made:
            segments += more
        return segments

    def _line(self, order: int, sign: int, statement: date) -> tuple[TrueLine, list[Segment]]:
        rng = self.rng
        procedure = rng.choice(list(CHARGES))
        charge = sign * Decimal(CHARGES[procedure])
        odd = not self.plain
        modifiers = tuple(rng.sample(("25", "59", "LT", "RT", "26"), rng.randrange(3)))
        qualifier, revenue = "HC", ""
        if odd and rng.random() < 0.1:
            qualifier, procedure, modifiers, revenue = "NU", "0450", (), "0450"
        elif odd and rng.random() < 0.2:
            revenue = "0360"
        adjustments = self._adjusted(charge)
        paid = charge - sum((a.amount for a in adjustments), ZERO)
        units = Decimal(rng.choice(("1", "2", "1.5"))) if odd else Decimal(1)
        bundled = odd and rng.random() < 0.2
        service: Segment = [
            "SVC", (qualifier, procedure, *modifiers), str(charge), str(paid),
            revenue if qualifier == "HC" else "", str(units),
        ]  # fmt: skip
        if bundled:
            service += [(qualifier, "99999"), "4"]
        segments: list[Segment] = [service]
        days, dated = self._days(statement)
        segments += dated
        segments += self._cas(adjustments)
        control = f"L{rng.randrange(10**6)}-{order}" if rng.random() < 0.8 else ""
        if control:
            segments.append(["REF", "6R", control])
        allowed = paid if rng.random() < 0.6 else None
        if allowed is not None:
            segments.append(["AMT", "B6", str(allowed)])
        if odd and rng.random() < 0.2:
            segments.append(["QTY", "ZK", "3"])
        remarks = tuple(rng.sample(("N130", "M80", "N122", "N20"), rng.randrange(3)))
        segments += [["LQ", "HE", remark] for remark in remarks]
        truth = TrueLine(
            qualifier, procedure, modifiers, "99999" if bundled else procedure,
            Decimal(4) if bundled else units, charge, paid, allowed, days, control, revenue,
            adjustments, remarks,
        )  # fmt: skip
        return truth, segments

    def _days(self, statement: date) -> tuple[tuple[date | None, date | None], list[Segment]]:
        kind = 0 if self.plain else self.rng.randrange(4)
        day = statement + timedelta(days=1)
        later = day + timedelta(days=2)
        if kind == 0:
            return (day, day), [["DTM", "472", f"{day:%Y%m%d}"]]
        if kind == 1:
            return (day, later), [
                ["DTM", "150", f"{day:%Y%m%d}"],
                ["DTM", "151", f"{later:%Y%m%d}"],
            ]
        if kind == 2:
            return (day, day), [["DTM", "150", f"{day:%Y%m%d}"]]
        return (statement, statement), []

    def _adjusted(self, charge: Decimal) -> tuple[TrueAdjustment, ...]:
        """What is taken off a line: all of it, a contract's share and a patient's, or much more."""
        rng = self.rng
        if rng.random() < 0.15:
            return (TrueAdjustment("CO", rng.choice(("107", "16", "97")), charge),)
        share = (charge * rng.randrange(10, 60) / 100).quantize(Decimal("0.01"))
        found = [TrueAdjustment("CO", "45", share)]
        if rng.random() < 0.6:
            patient = (charge * rng.randrange(1, 30) / 100).quantize(Decimal("0.01"))
            found.append(TrueAdjustment("PR", rng.choice(("1", "2", "3")), patient))
        if not self.plain and rng.random() < 0.3:
            found += [
                TrueAdjustment(
                    "OA", str(100 + n), Decimal(f"0.0{n}"), Decimal(n) if n % 2 else None
                )
                for n in range(1, rng.randrange(2, 7))
            ]
        return tuple(found)

    def _cas(self, adjustments: tuple[TrueAdjustment, ...]) -> list[Segment]:
        """`CAS` of six triplets at most a group; now and then with an empty triplet between."""
        self.adjustments += len(adjustments)
        segments: list[Segment] = []
        for group in dict.fromkeys(a.group for a in adjustments):
            segment: Segment = ["CAS", group]
            for one in (a for a in adjustments if a.group == group):
                if not self.plain and len(segment) in (5, 8) and self.rng.random() < 0.1:
                    segment += ["", "", ""]
                quantity = "" if one.quantity is None else str(one.quantity)
                segment += [one.carc, str(one.amount), quantity]
            while segment[-1] == "":
                segment.pop()
            segments.append(segment)
        return segments


def changed(made: Made, number: int, segment: Segment) -> Made:
    """The same remittance with one segment replaced."""
    return replace(made, segments=[*made.segments[:number], segment, *made.segments[number + 1 :]])
