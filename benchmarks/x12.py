"""How fast remittances are read, beside others in the same run; and in how much memory.

    python benchmarks/x12.py                    # 200, 2,000 and 20,000 claims
    python benchmarks/x12.py --claims 2000 --rounds 9
    python benchmarks/x12.py --memory           # a file of 100 MB, claims taken one by one
    python benchmarks/x12.py --write            # all of it, into RESULTS.md; two minutes

Contenders take turns round by round, and the best round of each counts, in CPU time of all its
threads, so that a busy machine disturbs all alike; ratios are what to look at, not seconds. Peers
are development dependencies; `pyarrow` is none and is needed for oxedi's rows as Python objects
(`pip install pyarrow` into an environment of its own). What is missing is left out and said so.

"All rows" is every value of oxedi's tables `claims`, `services` and `adjustments` as Python
objects: there tuples of a whole file, here typed records, claim by claim. Before anything is timed,
ours are laid out as oxedi's and compared value for value.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import logging
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from server.x12 import read_remittance, remittance_facts  # noqa: E402
from server.x12.remitted import RemittedClaim, RemittedLine  # noqa: E402

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
RESULTS = ROOT / "benchmarks" / "RESULTS.md"
STRICT, ROWS = "ours, read strictly", "ours, all rows"
RATIOS = (
    ("oxedi, parse", STRICT),
    ("oxedi, all rows (pyarrow)", ROWS),
    ("oxedi, all rows (pandas)", ROWS),
    ("oxedi, all rows (pyarrow)", STRICT),
    ("pyx12, reader", STRICT),
    ("edi-835-parser", ROWS),
)
"""Which contender is held against which reading of ours."""
Row = tuple[Any, ...]


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def made(claims: int) -> bytes:
    """A balanced remittance in the manner of a real one (Medicare B, the masked public sample).

    Each claim has patient, rendering provider, a remark code, three dates and three lines; each
    line a date, two groups of adjustments, two references, an allowed amount and a remark code.
    Charges and allowed amounts are those of a fee schedule, what the patient owes varies; from
    every tenth claim something is withheld at claim level.
    """
    rng = random.Random(7)
    schedule = [(f"{n:05}", rng.randrange(2000, 300000), rng.random()) for n in range(99200, 99280)]
    written: list[str] = []
    total = 0
    for number in range(claims):
        lines: list[str] = []
        charged = paid = owed = 0
        for order in range(3):
            procedure, charge, share = rng.choice(schedule)
            allowed = round(charge * share)
            patient = rng.choice((0, allowed // 5, allowed // 5, rng.randrange(allowed + 1)))
            lines.append(
                f"SVC*HC:{procedure}{rng.choice(('', ':25', ':59'))}*{money(charge)}*"
                f"{money(allowed - patient)}**1~DTM*472*202601{number % 28 + 1:02}~"
                f"CAS*CO*45*{money(charge - allowed)}~"
                f"CAS*PR*{rng.randrange(1, 4)}*{money(patient)}~"
                f"REF*6R*{number:07}{order}~REF*LU*11~AMT*B6*{money(allowed)}~"
                f"LQ*HE*{rng.choice(('N130', 'M80', 'N122', 'N20'))}~"
            )
            charged, paid, owed = charged + charge, paid + allowed - patient, owed + patient
        withheld = paid // 50 if number % 10 == 0 else 0
        own = f"CAS*CO*253*{money(withheld)}~" if withheld else ""
        paid -= withheld
        total += paid
        day = f"202601{number % 28 + 1:02}"
        written.append(
            f"CLP*ACC-{number:07}*1*{money(charged)}*{money(paid)}*{money(owed)}*MB*"
            f"{2026000000000 + number}*11*1~{own}"
            f"NM1*QC*1*DOE{number % 97}*JANE*Q***HN*M{number:09}~"
            f"NM1*82*1*GRAY*MEREDITH****XX*{1000000000 + number % 50}~MOA***MA01~"
            f"DTM*232*{day}~DTM*233*{day}~DTM*050*20260131~" + "".join(lines)
        )
    body = (
        f"ST*835*0001~BPR*I*{money(total)}*C*ACH************20260212~TRN*1*EFT1*1123456789~"
        "DTM*405*20260209~N1*PR*MERIDIAN HEALTH*XV*87726~N3*1 ST~N4*ATLANTA*GA*30303~"
        "N1*PE*SPINE CLINIC*XX*1234567893~LX*1~" + "".join(written)
    )
    return (
        "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *260210*1200*^*"
        "00501*000000905*0*P*:~GS*HP*PAYER*CLINIC*20260210*1200*77*X*005010X221A1~"
        f"{body}SE*{body.count('~') + 1}*0001~GE*1*77~IEA*1*000000905~"
    ).encode()


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def read(data: bytes) -> int:
    """Strict: every balance, count, amount and date checked; other fields decoded when asked."""
    count = 0
    for _ in read_remittance(data).claims():
        count += 1
    return count


def records(data: bytes) -> int:
    """Every field of every claim, line and adjustment as typed records, claim by claim."""
    count = 0
    for claim in read_remittance(data).claims():
        kept: list[object] = [claim.fields, claim.adjustments]
        for line in claim.lines:
            kept += (line.fields, line.adjustments)
        count += len(kept)
    return count


def own_rows(data: bytes) -> dict[str, list[Row]]:
    """The same records laid out as oxedi lays out its tables, to compare them value for value."""
    claims: list[Row] = []
    services: list[Row] = []
    adjustments: list[Row] = []
    for claim in read_remittance(data).claims():
        order, payment = claim.order, claim.payment.order
        claims.append(claim_row(claim))
        owners: list[tuple[int | None, RemittedClaim | RemittedLine]] = [(None, claim)]
        for line in claim.lines:
            fields = line.fields
            owners.append((len(services), line))
            services.append(
                (
                    len(services),
                    line.segment - 1,
                    payment,
                    order,
                    fields.allowed,
                    line.charge,
                    fields.line_control or None,
                    fields.units_submitted,
                    line.paid,
                    fields.procedure.code,
                    fields.procedure.qualifier,
                    fields.first_day,
                    fields.units_paid,
                )
            )
        for service, owner in owners:
            adjustments += [
                (len(adjustments) + n, a.segment - 1, payment, order, service, a.amount, a.group,
                 a.quantity, a.carc)
                for n, a in enumerate(owner.adjustments)
            ]  # fmt: skip
    return {"claims": claims, "services": services, "adjustments": adjustments}


def claim_row(claim: RemittedClaim) -> Row:
    fields = claim.fields
    patient, rendering = fields.patient, fields.name("82")
    return (
        claim.order,
        claim.segment - 1,
        claim.payment.order,
        claim.charge,
        fields.claim,
        fields.status,
        fields.amounts.get("AU"),
        fields.discharge_fraction,
        fields.drg or None,
        fields.drg_weight,
        fields.facility_code,
        fields.filing,
        fields.frequency,
        next((r.value for r in fields.references if r.qualifier == "1L"), None),
        int(claim.header_number),
        patient.first if patient else None,
        patient.id if patient else None,
        patient.qualifier if patient else None,
        patient.last if patient else None,
        fields.patient_responsibility,
        fields.payer_claim_control_number,
        claim.paid,
        rendering.kind if rendering else None,
        rendering.id if rendering else None,
        rendering.qualifier if rendering else None,
        rendering.last if rendering else None,
        fields.first_day,
        fields.last_day,
    )


def oxedi_rows(data: bytes) -> dict[str, list[Row]]:
    """oxedi's rows through pandas: fast, but whole numbers beside gaps become floats."""
    import oxedi
    import pyarrow

    tables = oxedi.parse(data).tables
    found = {}
    for name in ("claims", "services", "adjustments"):
        frame = pyarrow.table(tables[name]).to_pandas(types_mapper=None)
        found[name] = list(frame.itertuples(index=False, name=None))
    return found


def oxedi_rows_by_columns(data: bytes) -> dict[str, list[Row]]:
    """oxedi's rows through pyarrow alone; None, ints and dates stay what they are."""
    import oxedi
    import pyarrow

    tables = oxedi.parse(data).tables
    return {
        name: list(zip(*pyarrow.table(tables[name]).to_pydict().values(), strict=True))
        for name in ("claims", "services", "adjustments")
    }


def parse_with_oxedi(data: bytes) -> None:
    import oxedi

    oxedi.parse(data)


def read_with_pyx12(file: Path) -> int:
    import pyx12.x12file

    with pyx12.x12file.X12Reader(str(file)) as reader:
        return sum(1 for _ in reader)


def read_with_edi_835_parser(file: Path) -> None:
    from edi_835_parser import parse

    parse(str(file)).to_dataframe()


def differs(mine: dict[str, list[Row]], other: dict[str, list[Row]]) -> str:
    """The first value in which rows differ; "" where they are the same (bytes as text)."""
    for name, rows in other.items():
        for one, two in zip(mine[name], rows, strict=True):
            theirs = tuple(v.decode() if isinstance(v, bytes) else v for v in two)
            if one != theirs or [*map(type, one)] != [*map(type, theirs)]:
                place = next(n for n, (v, w) in enumerate(zip(one, theirs, strict=True)) if v != w)
                return f"{name}, column {place}: {one[place]!r} here, {theirs[place]!r} there"
    return ""


def compare(data: bytes) -> str:
    """Whether our rows are oxedi's, value for value, by each way from oxedi to tuples."""
    if not (has("oxedi") and has("pyarrow")):
        return "oxedi's rows are left out: oxedi or pyarrow is not installed."
    mine = own_rows(data)
    said = [
        f"by {way}: {differs(mine, rows(data)) or 'all equal'}"
        for way, rows in (("pyarrow", oxedi_rows_by_columns), ("pandas", oxedi_rows))
        if has(way)
    ]
    count = sum(map(len, mine.values()))
    return f"{count:,} rows compared with oxedi's value for value, {'; '.join(said)}."


def contenders(data: bytes, file: Path, claims: int) -> dict[str, Callable[[], object]]:
    found: dict[str, Callable[[], object]] = {
        'split(b"~")': lambda: data.split(b"~"),
        STRICT: lambda: read(data),
        ROWS: lambda: records(data),
        "ours, facts": lambda: remittance_facts(data, "x"),
    }
    if has("oxedi"):
        found["oxedi, parse"] = lambda: parse_with_oxedi(data)
    if has("oxedi") and has("pyarrow"):
        found["oxedi, all rows (pyarrow)"] = lambda: oxedi_rows_by_columns(data)
        if has("pandas"):
            found["oxedi, all rows (pandas)"] = lambda: oxedi_rows(data)
    if has("pyx12"):
        found["pyx12, reader"] = lambda: read_with_pyx12(file)
    if has("edi_835_parser") and claims <= 2000:
        found["edi-835-parser"] = lambda: read_with_edi_835_parser(file)
    return found


def timed(call: Callable[[], object]) -> float:
    gc.collect()
    start = time.process_time()
    call()
    return time.process_time() - start


def measure(claims: int, rounds: int) -> dict[str, float]:
    """The best CPU seconds of each contender."""
    data = made(claims)
    with tempfile.NamedTemporaryFile(suffix=".835") as file:
        file.write(data)
        file.flush()
        runs = contenders(data, Path(file.name), claims)
        best = dict.fromkeys(runs, float("inf"))
        for _ in range(rounds):
            for name, call in runs.items():
                best[name] = min(best[name], timed(call))
    return best


def table(results: dict[int, dict[str, float]]) -> list[str]:
    """Microseconds a claim by contender and size, and how much slower than ours each is."""
    sizes = list(results)
    named = dict.fromkeys(name for best in results.values() for name in best)
    head = " | ".join(f"{size:,} claims" for size in sizes)
    rows = [f"| CPU microseconds a claim | {head} |", "| --- |" + " --- |" * len(sizes)]
    for name in named:
        cells = []
        for claims, best in results.items():
            seconds = best.get(name)
            cells.append("" if seconds is None else f"{seconds / claims * 1e6:.1f}")
        rows.append(f"| {name} | {' | '.join(cells)} |")
    rows += ["", f"| ratio, above 1: ours is faster | {head} |", rows[1]]
    for name, ours in RATIOS:
        if name in named:
            cells = [
                f"{best[name] / best[ours]:.2f}" if name in best else ""
                for best in results.values()
            ]
            rows.append(f"| {name}, to {ours} | {' | '.join(cells)} |")
    if {2000, 20000} <= results.keys():
        for name in (STRICT, ROWS):
            times = results[20000][name] / results[2000][name]
            rows += ["", f"20,000 claims over 2,000, {name}: {times:.2f} (aim: at most 11)."]
    return rows


def write_large(file: Path, size: int) -> None:
    """A remittance of `size` bytes: many transactions in one group."""
    data = made(400)
    start, end = data.index(b"ST*"), data.index(b"GE*")
    body = data[start:end]
    count = size // len(body) + 1
    with file.open("wb") as out:
        out.write(data[:start])
        for _ in range(count):
            out.write(body)
        out.write(b"GE*%d*77~IEA*1*000000905~" % count)


def peak_memory() -> float:
    """The most memory this process has held so far, in MB (Linux)."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1000


def stream(file: Path) -> None:
    """Take the claims one by one and say how much memory that took at most."""
    before = peak_memory()
    remittance = read_remittance(file)
    count = sum(1 for claim in remittance.claims() if claim.lines)
    peak = peak_memory()
    print(f"{count:,} claims, memory {before:.0f} MB before, {peak:.0f} MB at most")
    assert not remittance.findings


def memory(size: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "large.835")
        write_large(file, size)
        command = [sys.executable, __file__, "--stream", str(file)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        what = f"Streaming {file.stat().st_size / 1e6:.0f} MB, claim by claim"
        return f"{what}: {done.stdout.strip()} (aim: at most 60 MB)."


def write_section(text: str) -> None:
    """Put the section into RESULTS.md in the place of the one of that name."""
    before, _, rest = RESULTS.read_text().partition("## x12\n")
    _, mark, after = rest.partition("\n## ")
    section = f"{before.rstrip()}\n\n## x12\n\n{text}\n"
    RESULTS.write_text(section + (f"{mark}{after}" if mark else ""))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--claims", type=int, nargs="*", default=[200, 2000, 20000])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--memory", action="store_true", help="only the memory of streaming")
    arguments.add_argument("--write", action="store_true", help="into RESULTS.md")
    arguments.add_argument("--stream", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.stream:
        stream(chosen.stream)
        return
    load = os.getloadavg()[0]
    told: list[str] = []
    if not chosen.memory:
        told = [
            f"`python benchmarks/x12.py --write`, Python {platform.python_version()}, load"
            f" {load:.0f} on {os.cpu_count()} cores, best of {chosen.rounds} rounds in turn."
            " A claim has three lines, six adjustments, three dates, four remark codes.",
            "",
            *table({claims: measure(claims, chosen.rounds) for claims in chosen.claims}),
            "",
            compare(made(500)),
            "",
        ]
    told.append(memory(100_000_000))
    text = "\n".join(told)
    print(text)
    if chosen.write:
        write_section(text)


if __name__ == "__main__":
    main()
