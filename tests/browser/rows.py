"""Big tables of service lines, seeded: the same number of rows is the same page."""

from __future__ import annotations

import random

CODES = ("CO-107", "CO-45", "PR-1", "CO-16", "OA-23", "PR-2", "CO-97", "PI-204")
REMARKS = ("N122", "MA130", "M15", "N362", "")


def rows_page(count: int, seed: int = 7) -> str:
    """A claim table of `count` lines; every second line bears codes."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        denied = number % 2 == 0
        code = rng.choice(CODES) if denied else ""
        remark = rng.choice(REMARKS) if denied else ""
        amount = f"${rng.randrange(20, 2000)}.{rng.randrange(100):02}"
        rows.append(
            f"<tr><td>{number + 1}</td><td>CLM{4_000_000 + number}</td><td>10/{1 + number % 28:02}/2026</td>"
            f"<td>{rng.randrange(20000, 99499)}</td><td>{amount}</td><td>{code}</td><td>{remark}</td>"
            f"<td>{'Denied' if denied else 'Paid'}</td></tr>"
        )
    return (
        "<!doctype html><html lang=en><meta charset=utf-8><title>Lines</title>"
        "<style>body{font:13px Arial}td,th{border:1px solid #ccc;padding:2px 6px}table{border-collapse:collapse}"
        "</style><h1>Claim lines</h1><table id=lines><thead><tr><th>#<th>Claim<th>Service date<th>Procedure"
        "<th>Charge<th>Adjustment<th>Remarks<th>Status</tr></thead><tbody>"
        + "".join(rows)
        + "</tbody></table></html>"
    )
