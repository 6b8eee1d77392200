"""A small office on loopback: the worked example taken in, a biller, the pages served for real."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyotp
from werkzeug.serving import make_server

from server import intake
from server.app import create_app
from server.settings import ServerSettings, Settings
from server.store import Store, open_store, people, practices
from server.store.keys import new_key
from tests.api.house import PASSWORD, Clock

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests/co107/cases/6j-worked-example"
_ISA = (
    b"ISA*00*          *00*          *ZZ*OAKHILL        *ZZ*CLEARING       "
    b"*260315*0800*^*00501*000000002*0*P*:~\n"
)
PAID = (
    _ISA
    + b"""\
GS*HP*OAKHILL*CLEARING*20260315*0800*2*X*005010X221A1~
ST*835*0001~
BPR*I*4400*C*CHK************20260315~
TRN*1*T12*1341999999~
DTM*405*20260315~
N1*PR*MERIDIAN HEALTH*XV*MRD01~
N3*1 PAYER PLAZA~
N4*COLUMBUS*OH*432150000~
PER*BL*PROVIDER SERVICES*TE*8005550107~
N1*PE*OAK HILL SPINE*XX*9999999991~
LX*1~
CLP*C1*1*5150*4400**12*PCN2*22~
NM1*QC*1*ROE*ANNA****MI*M100~
NM1*82*1*SURGEON*SAMPLE****XX*1111111112~
SVC*HC:22612*4000*3500**1~
DTM*472*20260115~
CAS*CO*45*500~
SVC*HC:22614*1150*900**1~
DTM*472*20260115~
CAS*CO*45*250~
REF*6R*L1~
SE*22*0001~
GE*1*2~
IEA*1*000000002~
"""
)


@dataclass
class Office:
    """The store, its clock, and where its pages are."""

    store: Store
    settings: Settings
    clock: Clock
    address: str
    secret: str

    @property
    def today(self) -> date:
        return self.clock.at.date()

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.at)

    def take_in(self, name: str, content: bytes) -> None:
        done = intake.import_files(
            self.store,
            "default",
            [(name, content)],
            who="test",
            today=self.today,
            settings=self.settings,
        )
        assert not done.refused, [one.reason for one in done.files]


def settings_of(folder: Path) -> Settings:
    config = folder / "config"
    shutil.copytree(EXAMPLE / "payers", config / "payers")
    shutil.copytree(ROOT / "config/portals", config / "portals")
    (config / "pairs").mkdir()
    shutil.copy(EXAMPLE / "pairs.csv", config / "pairs/starter.csv")
    server = ServerSettings(requests_per_minute=100_000)
    return Settings(home=folder / "home", config=config, server=server)


@contextmanager
def office(folder: Path, **other: Any) -> Iterator[Office]:
    """The office as of 2026-03-01, in the morning; `other`: settings that differ."""
    chosen = settings_of(folder).model_copy(update=other)
    store, clock = open_store(chosen, [new_key()]), Clock()
    clock.at = datetime(2026, 3, 1, 15, 0, tzinfo=UTC)
    practices.ensure(store, "default")
    made = people.add(store, "bea", "Bea Biller", PASSWORD)
    people.set_role(store, made.person.id, "default", "manager")
    server = make_server("127.0.0.1", 0, create_app(chosen, store, clock), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = pyotp.parse_uri(made.totp_uri).secret
    built = Office(store, chosen, clock, f"http://127.0.0.1:{server.server_port}", secret)
    try:
        for file in sorted(EXAMPLE.iterdir()):
            if file.suffix in (".835", ".837") or file.name == "charges.csv":
                built.take_in(file.name, file.read_bytes())
        yield built
    finally:
        server.shutdown()
        store.close()
