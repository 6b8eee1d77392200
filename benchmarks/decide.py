"""Deciding from the store, one more intake, and the worklist, at a million stored lines.

    python benchmarks/decide.py                            # 1,000,000 lines of 100,000 patients
    python benchmarks/decide.py --patients 10000           # smaller
    python benchmarks/decide.py --url postgresql://...     # an empty database of yours
    python benchmarks/decide.py --folder /var/tmp/million  # kept there, and taken up again
    python benchmarks/decide.py --write                    # also into RESULTS.md

Every patient has two claims of five lines, sent and answered; one patient in five has a line denied
CO-107, and half of those a signed-off charge that was never billed. Everything is real: the facts
go through the store's own `put`, sealed and indexed; deciding reads, opens, decides and writes.
Seconds are wall clock with the process's own CPU seconds behind them: on a machine that others use
the latter say what one core of its own would take.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import func, select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from server import intake  # noqa: E402
from server.facts import (  # noqa: E402
    Adjudication,
    Adjustment,
    Charge,
    ClaimAdjudication,
    Fact,
    Patient,
    Payer,
    Source,
    SubmittedClaim,
    SubmittedLine,
)
from server.settings import Settings, StoreSettings  # noqa: E402
from server.store import Store, facts, keys, open_store, practices, worklist  # noqa: E402
from server.store.tables import facts as fact_table  # noqa: E402
from server.store.tables import lines as line_table  # noqa: E402
from server.store.worklist import Filter  # noqa: E402

PRACTICE = "bench"
SCOPE = frozenset({PRACTICE})
TODAY = date(2026, 3, 1)
PAYER = Payer(("MRD01",), "Meridian Health")
NPI = "1234567893"
OFFICE = ("99213", "36415", "85025", "80053", "93000")
SPINE = ("22614", "99213", "72100", "36415", "85025")
RULES = """
id = "meridian"
names = ["Meridian Health"]
payer_ids = ["MRD01"]
replacement_claims = true
uses_history = true

[last_day]
replacement_claim = [{ count = 180, unit = "days", anchor = "remittance" }]
appeal = [{ count = 120, unit = "days", anchor = "remittance" }]
"""


@dataclass
class Found:
    """What was measured."""

    rows: list[tuple[str, str]] = field(default_factory=list)

    def say(self, what: str, value: str) -> None:
        self.rows.append((what, value))
        print(f"{what:<58} {value}", flush=True)


@contextmanager
def clock() -> Iterator[Callable[[], tuple[float, float]]]:
    wall, cpu = time.perf_counter(), time.process_time()
    yield lambda: (time.perf_counter() - wall, time.process_time() - cpu)


def told(spent: tuple[float, float]) -> str:
    return f"{spent[0]:.1f} s (CPU {spent[1]:.1f} s)"


def person(number: int) -> Patient:
    return Patient(
        f"M{number:07}", f"LAST{number % 4999}", f"FIRST{number % 997}",
        date(1940, 1, 1) + timedelta(days=number % 25_000),
    )  # fmt: skip


def of_patient(number: int, denied: bool) -> Iterator[Fact]:
    """Two claims of five lines with their answers; the second bears the denial."""
    who = person(number)
    day = date(2026, 1, 2) + timedelta(days=number % 28)
    for visit, codes in enumerate((OFFICE, SPINE if denied else OFFICE)):
        yield from of_claim(f"C{number:07}-{visit}", who, codes, day + timedelta(days=7 * visit))
    if denied and number % 2:
        yield Charge(
            patient=Patient(who.member_id, first_name=who.first_name),
            claim="",
            service_date=day + timedelta(days=7),
            procedure="22612",
            modifiers=(),
            units=Decimal(1),
            charge=Decimal("4000.00"),
            rendering_npi=NPI,
            billing_npi=NPI,
            signed_off=True,
            signed_at=None,
            source=Source("charges", "charges.csv", "c" * 64, number),
        )


def of_claim(claim: str, who: Patient, codes: tuple[str, ...], day: date) -> Iterator[Fact]:
    sent = Source("claim_file", "sent.837", "a" * 64, 12, 300, 900)
    remitted = Source("remittance", "paid.835", "b" * 64, 20, 400, 1200)
    charges = [Decimal("1150.00") if code == "22614" else Decimal("90.00") for code in codes]
    yield SubmittedClaim(
        claim=claim, kind="professional", payer=PAYER, patient=who, billing_npi=NPI,
        rendering_npi=NPI, frequency="1", original_reference="", sent_on=day + timedelta(days=2),
        charge=sum(charges, Decimal(0)), facility_code="11",
        lines=tuple(
            SubmittedLine(place + 1, code, (), Decimal(1), charges[place], day, day,
                          f"{claim}-{place}", "", NPI, sent)
            for place, code in enumerate(codes)
        ),
        source=sent,
    )  # fmt: skip
    yield ClaimAdjudication(
        claim=claim, payer=PAYER, payer_claim_control_number="P" + claim, status="1",
        charge=sum(charges, Decimal(0)), paid=Decimal("60.00"),
        patient=Patient(who.member_id, who.last_name, who.first_name),
        produced=day + timedelta(days=20), order=0, billing_npi=NPI, trace=f"T{day:%Y%m%d}",
        lines=tuple(
            answer(place, code, charges[place], day, f"{claim}-{place}", remitted)
            for place, code in enumerate(codes)
        ),
        source=remitted,
    )  # fmt: skip


def answer(
    place: int, code: str, charge: Decimal, day: date, control: str, source: Source
) -> Adjudication:
    denied = code == "22614"
    adjustment = (
        Adjustment("CO", "107", charge) if denied else Adjustment("CO", "45", Decimal("30.00"))
    )
    return Adjudication(
        code, (), code, (), Decimal(1), charge,
        Decimal(0) if denied else charge - Decimal("30.00"),
        None if denied else charge - Decimal("30.00"),
        day, day, control, "", NPI, (adjustment,), ("N122",) if denied else (), place, source,
    )  # fmt: skip


def load(store: Store, patients: int, denied: int) -> None:
    """Put everybody's facts in, a thousand patients a transaction."""
    every = max(1, patients // denied)
    for start in range(0, patients, 1000):
        coming = [
            fact
            for number in range(start, min(start + 1000, patients))
            for fact in of_patient(number, number % every == 0 and number // every < denied)
        ]
        with store.writing() as connection:
            practices.lock(connection, PRACTICE)
            facts.put(connection, store.sealer, PRACTICE, coming)
        if start % 10_000 == 0:
            print(f"{start:,} patients", end="\r", file=sys.stderr, flush=True)
    print("\r", end="", file=sys.stderr)


def one_more(store: Store, settings: Settings, patients: int, round_: int) -> tuple[float, float]:
    """Seconds and CPU seconds: a remittance of 50 claims of known patients, in and decided."""
    step = max(1, patients // 50)
    coming: list[Fact] = []
    for place in range(50):
        number = (place * step + round_ * 7) % patients
        day = date(2026, 2, 20)
        claim = f"X{number:07}-{round_}"
        found = list(of_claim(claim, person(number), SPINE, day))
        coming.append(found[1])
    with clock() as spent:
        intake.add_facts(store, PRACTICE, coming, who="bench", today=TODAY, settings=settings)
    return spent()


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def pages(store: Store, rounds: int = 400) -> dict[str, list[tuple[float, float]]]:
    """Seconds and CPU seconds of worklist pages of 50 lines: what a biller asks for in a day."""
    asked = {
        "by last day": lambda after: worklist.page(store, SCOPE, after=after),
        "by amount": lambda after: worklist.page(store, SCOPE, None, "-amount", after),
        "ready only": lambda after: worklist.page(
            store, SCOPE, Filter(states=("ready",)), "due", after
        ),
        "one payer": lambda after: worklist.page(
            store, SCOPE, Filter(payers=("meridian",)), "due", after
        ),
        "one reason": lambda after: worklist.page(
            store, SCOPE, Filter(reasons=("primary_not_documented",)), "due", after
        ),
        "one claim": lambda _: worklist.page(store, SCOPE, Filter(claim="C0000005-1")),
    }
    found: dict[str, list[tuple[float, float]]] = {}
    for name, ask in asked.items():
        after, times = None, []
        for _ in range(rounds):
            with clock() as spent:
                page = ask(after)
            times.append(spent())
            after = page.next
        found[name] = times
    with_totals = []
    for _ in range(50):
        with clock() as spent:
            worklist.totals(store, SCOPE)
        with_totals.append(spent())
    return found | {"sums by state, reason, payer": with_totals}


def spread(times: list[tuple[float, float]]) -> str:
    """Milliseconds: median and 99th percentile, by the wall and by the process's own CPU."""
    walls = [wall * 1000 for wall, _ in times]
    cpus = [cpu * 1000 for _, cpu in times]
    return (
        f"median {percentile(walls, 0.5):.1f} ms, p99 {percentile(walls, 0.99):.1f} ms "
        f"(CPU {percentile(cpus, 0.5):.1f}, p99 {percentile(cpus, 0.99):.1f})"
    )


def prepare(folder: Path, url: str) -> tuple[Store, Settings, bool]:
    """The store, its settings, and whether it was filled before."""
    config = folder / "config"
    settings = Settings(home=folder / "home", config=config, store=StoreSettings(url=url))
    if keys.key_file(settings).exists():
        return (
            open_store(settings, keys.decode(keys.key_file(settings).read_text(), "")),
            settings,
            True,
        )
    (config / "payers").mkdir(parents=True)
    (config / "payers" / "meridian.toml").write_text(RULES)
    (config / "pairs").mkdir()
    (config / "pairs" / "starter.csv").write_bytes((ROOT / "config/pairs/starter.csv").read_bytes())
    key = keys.new_key()
    store = open_store(settings, [key])
    practices.ensure(store, PRACTICE)
    keys.write(settings, [key], "file")
    return store, settings, False


def first_time(found: Found, store: Store, settings: Settings, patients: int, denied: int) -> None:
    with clock() as spent:
        load(store, patients, denied)
    with store.reading() as connection:
        count = connection.scalar(select(func.count()).select_from(fact_table)) or 0
    found.say(
        f"{patients * 10:,} lines, {patients:,} patients put in ({count:,} facts)", told(spent())
    )
    with clock() as spent:
        first = intake.import_files(
            store, PRACTICE, [], who="bench", today=TODAY, settings=settings
        )
    found.say(f"all {first.decided:,} CO-107 lines decided for the first time", told(spent()))


def measure(patients: int, denied: int, url: str, folder: Path) -> Found:
    found = Found()
    store, settings, filled = prepare(folder, url)
    if not filled:
        first_time(found, store, settings, patients, denied)
    with clock() as spent:
        again = intake.decide_again(
            store, PRACTICE, today=TODAY + timedelta(days=1), settings=settings
        )
    found.say(f"all {again.decided:,} CO-107 lines decided again, a day later", told(spent()))
    one_more(store, settings, patients, 99)
    times = [one_more(store, settings, patients, round_) for round_ in range(9)]
    found.say("one more remittance, 50 claims of 50 patients: in and decided", spread(times))
    with store.reading() as connection:
        lines = connection.scalar(select(func.count()).select_from(line_table)) or 0
    for name, spans in pages(store).items():
        found.say(f"worklist of {lines:,} lines, {name}", spread(spans))
    if store.sqlite:
        size = sum(file.stat().st_size for file in (folder / "home").glob("remitlens.sqlite*"))
        found.say("database on disk", f"{size / 2**20:,.0f} MiB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.say("memory at most", f"{peak:,.0f} MiB")
    store.close()
    return found


def write_section(name: str, text: str) -> None:
    """Put a section into RESULTS.md in the place of the one of that name."""
    file = ROOT / "benchmarks" / "RESULTS.md"
    old = file.read_text() if file.exists() else "# Results\n"
    section = f"## {name}\n\n{text.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(name)}\n.*?(?=^## |\Z)", re.M | re.S)
    if pattern.search(old):
        new = pattern.sub(lambda _: section + "\n", old)
    else:
        new = old.rstrip() + "\n\n" + section
    file.write_text(new.rstrip() + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--denied", type=int, default=20_000, help="lines denied, at most a fifth")
    parser.add_argument("--url", default="", help="an empty database; else SQLite in a new folder")
    parser.add_argument("--folder", type=Path, help="kept, and taken up again; for one size")
    parser.add_argument("--write", action="store_true", help="into RESULTS.md")
    asked = parser.parse_args()
    told_all = []
    for patients in asked.patients:
        with tempfile.TemporaryDirectory(prefix="decide-") as new:
            print(f"\n{patients:,} patients", flush=True)
            folder = asked.folder or Path(new)
            found = measure(patients, min(asked.denied, patients // 5), asked.url, folder)
        rows = "\n".join(f"| {what} | {value} |" for what, value in found.rows)
        told_all.append(
            f"### {patients * 10:,} lines\n\n| what | measured |\n| --- | --- |\n{rows}"
        )
    if asked.write:
        database = "PostgreSQL" if asked.url else "SQLite"
        name = "decide" if not asked.url else "decide, PostgreSQL"
        head = (
            f"`python benchmarks/decide.py`, {database}, one process, Python "
            f"{platform.python_version()}, {platform.machine()}. CPU seconds are the process's own."
        )
        write_section(name, head + "\n\n" + "\n\n".join(told_all))


if __name__ == "__main__":
    main()
