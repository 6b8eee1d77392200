"""A server to try things on: its application, clock, practices, tokens, people and lines."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyotp
from apiflask import APIFlask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert
from werkzeug.test import TestResponse

from server.app import create_app
from server.facts import Patient
from server.settings import ServerSettings, Settings
from server.store import Store, lines, open_store, people, practices, tokens
from server.store.line_columns import LineRecord
from server.store.people import Person
from server.store.sealing import MasterKey
from server.store.tables import cohorts

ROOT = Path(__file__).resolve().parents[2]
HOST = {"Host": "localhost:8737"}
PASSWORD = "correct horse battery"
ALL_SCOPES = tuple(tokens.SCOPES)
EXTENSION = "chrome-extension://" + "abcdefghijklmnop" * 2
OTHER_EXTENSION = "chrome-extension://" + "ponmlkjihgfedcba" * 2


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at = datetime(2026, 3, 23, 15, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Login:
    """Someone who can sign in."""

    person: Person
    secret: str

    def code(self, at: datetime) -> str:
        return pyotp.TOTP(self.secret).at(at)


@dataclass
class House:
    """The application and what stands around it."""

    settings: Settings
    store: Store
    app: APIFlask
    clock: Clock
    logins: dict[str, Login] = field(default_factory=dict)

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def get(self, path: str, token: str = "", **headers: str) -> TestResponse:
        return self.ask("GET", path, token, **headers)

    def ask(
        self, method: str, path: str, token: str = "", json: Any = None, **headers: str
    ) -> TestResponse:
        given = dict(HOST)
        given.update({name.replace("_", "-"): value for name, value in headers.items()})
        if token:
            given["Authorization"] = f"Bearer {token}"
        named: dict[str, Any] = {} if json is None else {"json": json}
        return self.client.open(path, method=method, headers=given, **named)

    def token(
        self, scopes: Iterable[str] = ALL_SCOPES, where: Iterable[str] = ("north",), **other: Any
    ) -> str:
        _, secret = tokens.issue(
            self.store, set(where), list(scopes), "test", "cli", self.clock(), **other
        )
        return secret

    def person(self, login: str, roles: dict[str, str]) -> Login:
        made = people.add(self.store, login, login.title(), PASSWORD)
        for practice, role in roles.items():
            people.set_role(self.store, made.person.id, practice, role)  # type: ignore[arg-type]
        found = people.by_login(self.store, login)
        assert found is not None
        self.logins[login] = Login(found, pyotp.parse_uri(made.totp_uri).secret)
        return self.logins[login]

    def signed_in(self, login: str) -> FlaskClient:
        """A client with the session cookie of a person."""
        client = self.app.test_client()
        secret = people.begin_session(self.store, self.logins[login].person.id, self.clock())
        with client.session_transaction() as session:
            session["s"] = secret
        return client

    def csrf(self, client: FlaskClient) -> str:
        """The token a form of this session would hold."""
        with client.session_transaction() as session:
            session["csrf_token"] = "c" * 40
        signer = URLSafeTimedSerializer(self.app.secret_key, salt="wtf-csrf-token")
        return str(signer.dumps("c" * 40))

    def add_lines(self, records: Iterable[LineRecord], practice: str = "north") -> tuple[int, ...]:
        with self.store.writing() as connection:
            practices.lock(connection, practice)
            cohort = connection.execute(
                insert(cohorts).values(practice=practice).returning(cohorts.c.id)
            ).scalar_one()
            written = lines.write(connection, self.store, practice, {cohort: list(records)})
        return written.changed

    def match_hash(self, claim: str, practice: str = "north") -> str:
        """As an extension makes it, from the definition rather than by the server's function."""
        key = practices.match_secret(self.store, practice)
        canonical = "".join(
            one for one in claim.upper() if one in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        )
        assert len(base64.b64encode(key)) == 44
        return hmac.new(key, canonical.encode(), "sha256").hexdigest()[:32]


def line(claim: str = "C-1001", **other: Any) -> LineRecord:
    """A denied line, with what matters named."""
    named: dict[str, Any] = {
        "claim": claim,
        "payer": "acme",
        "payer_name": "ACME HEALTH",
        "patient": Patient("MBR77812", "Canaryson", "Wilhelmina", date(1971, 5, 9)),
        "payer_claim_control_number": "ICN" + claim,
        "line_control": "L1",
        "procedure": "22614",
        "modifiers": (),
        "first_day": date(2026, 3, 2),
        "last_day": date(2026, 3, 2),
        "units": Decimal(1),
        "charge": Decimal("1150.00"),
        "amount": Decimal("1150.00"),
        "groups": ("CO",),
        "carcs": ("107",),
        "rarcs": ("N122",),
        "denied_on": date(2026, 3, 20),
        "produced": date(2026, 3, 20),
        "state": "ready",
        "reason": "primary_not_billed",
        "route": "replacement_claim",
        "deadline": date(2026, 9, 16),
        "as_of": date(2026, 3, 23),
        "missing": ("22612",),
        "detail": {
            "steps": [
                ["6d", False, "22614 is an add-on"],
                ["6j", True, "22612 is signed off and not billed"],
            ],
            "evidence": [
                {
                    "role": "charge",
                    "text": "22612 signed off on 2026-03-02",
                    "procedure": "22612",
                    "source": {"kind": "charges", "name": "charges.csv", "segment": 2},
                },
                {"role": "last_day", "text": "180 days after the remittance"},
            ],
        },
    }
    return LineRecord(**(named | other))


def make_house(
    home: Path, key: MasterKey, logins: dict[str, Login] | None = None, **server: Any
) -> House:
    """A house with two practices, north and south, on a new SQLite store."""
    server.setdefault("requests_per_minute", 100_000)
    settings = Settings(home=home, config=ROOT / "config", server=ServerSettings(**server))
    store = open_store(settings, [key])
    for name in ("north", "south"):
        practices.ensure(store, name)
    clock = Clock()
    return House(settings, store, create_app(settings, store, clock), clock, dict(logins or {}))


def staff(house: House) -> None:
    """One person of each role in the north, an admin of the south, and one of no role."""
    for role in people.ROLES:
        house.person(role, {"north": role})
    house.person("southerner", {"south": "admin"})
    house.person("newcomer", {})
