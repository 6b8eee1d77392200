"""Schemathesis on every route of the specification, with a token and without: all its checks."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from dbos import DBOSClient
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import (
    ChecksConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from server.engine import engine_url
from server.store.keys import new_key
from tests.api import canaries
from tests.api.house import House, line, make_house
from tests.api.test_canary import post_file

EXAMPLES = 12
# The in-process transport does not unzip.
PLAIN = {"Accept-Encoding": "identity"}
# What a schema cannot say: a file that is no X12, a code that is wrong, a permission not given.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422", "429"]
_HOME = Path(tempfile.mkdtemp(prefix="rl-schema-"))


def _house() -> House:
    made = make_house(_HOME / "home", new_key())
    # As a worker does when it starts: the engine's tables, for sweeps to be asked for.
    DBOSClient(system_database_url=engine_url(made.settings), lazy=True)._sys_db.run_migrations()
    made.add_lines([line(f"C-{number}") for number in range(3)])
    token = made.token()
    for kind, body in (
        ("837", canaries.claim_file()),
        ("835", canaries.remittance()),
        ("charges", canaries.charges()),
    ):
        assert post_file(made, f"intake/{kind}", body, token).status_code == 200
    assert made.ask("POST", "/api/v1/lines/4/packet", token, json={}).status_code == 200
    return made


HOUSE = _house()
TOKEN = HOUSE.token()
_CHECKS = ChecksConfig(
    positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=ACCEPTED)
)
SCHEMA = schemathesis.openapi.from_wsgi(
    "/api/v1/openapi.json",
    HOUSE.app,
    config=SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(checks=_CHECKS)),
    ),
)


@pytest.fixture(scope="module", autouse=True)
def _leave_nothing() -> Any:
    yield
    HOUSE.store.close()
    shutil.rmtree(_HOME, ignore_errors=True)


@schemathesis.serializer("application/edi-x12", "application/x12")
def x12(_context: Any, value: Any) -> Any:
    """X12 is sent as the bytes it is."""
    return value if isinstance(value, bytes) else str(value).encode()


def test_a_packets_files_have_the_types_the_schema_says() -> None:
    for part in ("claim", "cover", "cover.pdf"):
        case = SCHEMA["/api/v1/lines/{line}/packet"]["GET"].Case(
            path_parameters={"line": 4}, query={"part": part}
        )
        answer = case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}", **PLAIN})
        assert answer.status_code == 200


quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@SCHEMA.parametrize()
@quick
def test_with_a_token(case: schemathesis.Case) -> None:
    # Unpairing works: the token it was called with is gone, so it gets one of its own.
    gone = case.path == "/api/v1/pairing" and case.method == "DELETE"
    token = HOUSE.token() if gone else TOKEN
    case.call_and_validate(headers={"Authorization": f"Bearer {token}", **PLAIN})


@SCHEMA.parametrize()
@quick
def test_without_a_token(case: schemathesis.Case) -> None:
    case.call_and_validate(headers=PLAIN)
