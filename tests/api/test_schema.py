"""Schemathesis against a running server: every route, all its checks, with a token and without."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
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
from server.settings import Settings
from server.store import open_store, practices, tokens
from server.store.keys import new_key
from server.store.sealing import MasterKey
from tests.api import canaries
from tests.api.house import make_house
from tests.api.live import Live, served

EXAMPLES = 12
# What a schema cannot say: a file that is no X12, a code that is wrong, a permission not given.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422", "429"]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server with a ready line, its packet built, and the engine's tables."""
    home = tmp_path_factory.mktemp("schema") / "home"
    # As a worker does when it starts: the engine's tables, for sweeps to be asked for.
    DBOSClient(
        system_database_url=engine_url(Settings(home=home)), lazy=True
    )._sys_db.run_migrations()
    lately = datetime.now(UTC) - timedelta(days=3)
    key = new_key()
    SOUTH.append(_token_of_the_south(home, key))
    with served(home, key) as made:
        for kind, body in (
            ("837", canaries.claim_file()),
            # The server has a real clock: a remittance of long ago is past its last day.
            ("835", canaries.remittance().replace(b"20260320", f"{lately:%Y%m%d}".encode())),
            ("charges", canaries.charges()),
        ):
            path = f"/api/v1/intake/{kind}"
            sent = made.ask(path, "POST", body, Content_Type="application/octet-stream")
            assert sent[0] == 200, sent
        assert post(made, "/api/v1/lines/1/packet", {})[0] == 200
        yield made


SOUTH: list[str] = []


def _token_of_the_south(home: Path, key: MasterKey) -> str:
    store = open_store(Settings(home=home), [key])
    practices.ensure(store, "south")
    made = tokens.issue(store, {"south"}, list(tokens.SCOPES), "x", "cli", datetime.now(UTC))
    store.close()
    return made[1]


def address(live: Live) -> str:
    return f"http://127.0.0.1:{live.port}"


def post(live: Live, path: str, body: Any) -> tuple[int, bytes]:
    return live.ask(path, "POST", json.dumps(body).encode(), Content_Type="application/json")


def _specification() -> dict[str, Any]:
    """As the server gives it; made here, so that each of its routes is a test of its own."""
    with tempfile.TemporaryDirectory() as folder:
        house = make_house(Path(folder) / "home", new_key())
        answer = house.get("/api/v1/openapi.json", Accept_Encoding="identity")
        house.store.close()
    found: dict[str, Any] = answer.json
    return found


SCHEMA = schemathesis.openapi.from_dict(
    _specification(),
    config=SchemathesisConfig(
        projects=ProjectsConfig(
            default=ProjectConfig(
                checks=ChecksConfig(
                    positive_data_acceptance=PositiveDataAcceptanceConfig(
                        expected_statuses=ACCEPTED
                    )
                )
            )
        ),
    ),
)


@schemathesis.serializer("application/edi-x12", "application/x12")
def x12(_context: Any, value: Any) -> Any:
    """X12 is sent as the bytes it is."""
    return value if isinstance(value, bytes) else str(value).encode()


quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@SCHEMA.parametrize()
@quick
def test_with_a_token(case: schemathesis.Case, live: Live) -> None:
    token = live.token
    if case.path == "/api/v1/pairing" and case.method == "DELETE":
        # Unpairing works: the token it is called with is gone, so it gets one of its own.
        code = json.loads(post(live, "/api/v1/pairing/codes", {})[1])["code"]
        paired = json.loads(post(live, "/api/v1/pairing", {"code": code, "name": "x"})[1])
        token = paired.get("token", "none left")
    if case.path == "/api/v1/tokens/{token}":
        # Numbers are tried: the token that all the other calls use must not be hit.
        token = SOUTH[0]
    headers = {"Authorization": f"Bearer {token}"}
    case.call_and_validate(base_url=address(live), headers=headers)


@SCHEMA.parametrize()
@quick
def test_without_a_token(case: schemathesis.Case, live: Live) -> None:
    case.call_and_validate(base_url=address(live))


def test_a_packets_files_have_the_types_the_schema_says(live: Live) -> None:
    for part in ("claim", "cover", "cover.pdf"):
        case = SCHEMA["/api/v1/lines/{line}/packet"]["GET"].Case(
            path_parameters={"line": 1}, query={"part": part}
        )
        answer = case.call_and_validate(
            base_url=address(live), headers={"Authorization": f"Bearer {live.token}"}
        )
        assert answer.status_code == 200


def test_the_running_server_gives_this_very_specification(live: Live) -> None:
    assert json.loads(live.ask("/api/v1/openapi.json")[1]) == SCHEMA.raw_schema
