"""The claims each portal holds, and what each is there to show."""

from __future__ import annotations

from decimal import Decimal

from scrapers.sandbox.office import Line, Office

PREFIXES = {
    "clearview": "CV-",
    "harbor": "HB",
    "northgate": "NG.",
    "bluestem": "BS-",
    "fedcontract": "FC",
    "thicket": "TK-",
}


def denied(procedure: str, charge: str, remarks: str = "N122") -> Line:
    return Line(procedure, charge, "0.00", f"CO-107 {charge}", remarks)


def meridian(office: Office) -> None:
    first = office.add(
        "MH-20417",
        [
            denied("22614", "1150.00"),
            Line("72100", "140.00", "88.40", "CO-45 51.60", allowed="88.40"),
        ],
        status="1",
        story="the worked example: the primary was never billed",
    )
    office.charge(first, "22612", "2480.00")
    paid = office.add(
        "MH-20430",
        [Line("99291", "610.00", "412.25", "CO-45 172.75; PR-2 25.00", allowed="437.25")],
        status="1",
        story="primary of MH-20431, paid on a claim of its own",
    )
    office.add(
        "MH-20431",
        [denied("99292", "305.00")],
        patient=paid.sent.patient,
        story="appeal: the primary is paid on another claim",
    )
    office.add(
        "MH-20444",
        [
            Line("90471", "42.00", "23.10", "CO-45 18.90", allowed="23.10"),
            denied("90472", "31.00", ""),
            Line("90686", "28.50", "21.70", "CO-45 6.80", allowed="21.70"),
        ],
        status="1",
        served=33,
        story="appeal: the primary is paid on the same claim",
    )
    waited = office.add(
        "MH-20451",
        [Line("11043", "480.00")],
        outcome="pending",
        served=28,
        badge="IN PROCESS",
        story="primary of MH-20452, not answered yet",
    )
    office.add(
        "MH-20452",
        [denied("11046", "265.00")],
        served=28,
        produced=9,
        patient=waited.sent.patient,
        story="waiting: the primary is in process",
    )
    office.add(
        "MH-20466", [denied("G2211", "36.00", "")], served=25, produced=11,
        story="review: no list names a primary for this code",
    )  # fmt: skip
    off = office.add(
        "MH-20475", [denied("22614", "1210.00")], served=37, produced=17,
        story="review: the charge is of another group",
    )  # fmt: skip
    office.charge(off, "22612", "2510.00", other=True)
    office.add(
        "MH-20483",
        [Line("99292", "305.00", "198.20", "CO-45 106.80", allowed="198.20")],
        status="1",
        produced=4,
        before=[denied("99292", "305.00")],
        story="resolved: paid on a later remittance",
    )
    office.add(
        "MH-20490",
        [Line("64494", "-720.00", "0.00", "CO-107 -720.00", "N122")],
        status="22",
        produced=6,
        before=[denied("64494", "720.00")],
        story="waiting: the denial was reversed, nothing newer came",
    )
    office.add(
        "MH-20498",
        [
            Line(
                "20936", "1800.00", "0.00",
                "CO-45 250.00; CO-107 1490.00; PR-2 60.00", "N122 N674", allowed="1550.00",
            ),
            Line("99213", "155.00", "92.15", "CO-45 47.85; PR-3 15.00", allowed="107.15"),
        ],
        status="1",
        served=45,
        story="review: several adjustments, no primary on record",
    )  # fmt: skip
    office.add(
        "MH-20505", [denied("22614", "990.00")], outcome="not_found",
        before=[denied("22614", "990.00")], story="unconfirmed: the portal has no such claim",
    )  # fmt: skip
    office.add(
        "MH-20512", [denied("11047", "340.00")], outcome="pending", badge="IN-PROCESS",
        before=[denied("11047", "340.00")], story="waiting: the payer has taken it up again",
    )  # fmt: skip


def varieties(office: Office, prefix: str) -> None:
    """The claims every other portal holds: each variety once, amounts of its own."""
    rate = office.random

    def money(low: int, high: int) -> str:
        return f"{rate.randint(low * 100, high * 100) / 100:.2f}"

    def part(whole: str, share: str) -> str:
        return f"{(Decimal(whole) * Decimal(share)).quantize(Decimal('0.01'))}"

    def less(whole: str, *parts: str) -> str:
        return f"{Decimal(whole) - sum((Decimal(p) for p in parts), Decimal(0)):.2f}"

    def settled(procedure: str, low: int, high: int, modifiers: str = "", units: int = 1) -> Line:
        charge = money(low, high)
        allowed = part(charge, "0.62")
        copay = part(allowed, "0.10")
        return Line(
            procedure, charge, less(allowed, copay),
            f"CO-45 {less(charge, allowed)}; PR-2 {copay}", "", modifiers, units, allowed,
        )  # fmt: skip

    first = office.add(f"{prefix}1001", [denied("22614", money(900, 1400))], story="107 with N122")
    office.charge(first, "22612", money(2200, 2600))
    office.add(
        f"{prefix}1002", [settled("99213", 120, 180, "25"), denied("90472", money(25, 60), "")],
        status="1", served=35, produced=15, story="107 without a remark, beside a paid line",
    )  # fmt: skip
    charge = money(1500, 1900)
    written_off, share = part(charge, "0.20"), part(charge, "0.05")
    rest = less(charge, written_off, share)
    office.add(
        f"{prefix}1003",
        [
            Line("64494", charge, "0.00", f"CO-45 {written_off}; CO-107 {rest}; PR-1 {share}",
                  "N122 N674", "LT", 2, less(charge, written_off)),
            settled("64493", 700, 990, "LT"),
            settled("77003", 90, 140, "26"),
        ],
        status="1", served=50, produced=22, story="several adjustments on one line",
    )  # fmt: skip
    office.add(
        f"{prefix}1004", [settled("99214", 150, 230), settled("20610", 140, 260, "RT")],
        status="1", served=31, produced=12, story="paid",
    )  # fmt: skip
    office.add(
        f"{prefix}1005", [Line("22612", money(2200, 2600))], outcome="pending", served=12,
        story="pending",
    )  # fmt: skip
    amount = money(500, 800)
    # A portal that says only "processed" cannot show a reversal.
    if office.portal != "fedcontract":
        office.add(
            f"{prefix}1006", [Line("11046", f"-{amount}", "0.00", f"CO-107 -{amount}", "N122")],
            status="22", produced=7, before=[denied("11046", amount)], story="reversed",
        )  # fmt: skip
    office.add(
        f"{prefix}1007", [denied("99292", money(250, 340))], outcome="not_found",
        before=[denied("99292", money(250, 340))], story="the portal has no such claim",
    )  # fmt: skip
    amount = money(260, 420)
    office.add(
        f"{prefix}1008",
        [Line("G2211", amount, "0.00", f"CO-107 {amount}", "N122"), settled("99215", 200, 310),
         *(settled(code, 15, 90) for code in ("80053", "85025", "36415", "81003", "93000"))],
        status="1", served=44, produced=16, story="seven lines",
    )  # fmt: skip
