"""Who may open which page and press which button: every route, by every role, token and practice.

The expected answers are written down here. A route without a row fails.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.store import accounts, tokens
from tests.api.house import HOST, House, line

_COUNT = itertools.count(1)
ROLES = ("viewer", "biller", "manager", "admin")


@dataclass(frozen=True)
class Row:
    """Answers to: nobody; viewer biller manager admin; an admin of another practice."""

    nobody: int
    roles: str
    elsewhere: int
    form: dict[str, Any] = field(default_factory=dict)
    url: str = ""


ALL = "200 200 200 200"
MATRIX: dict[str, Row] = {
    "GET /": Row(303, ALL, 200),
    "GET /static/<path:filename>": Row(200, ALL, 200, url="/static/remitlens.css"),
    "GET /sign-in": Row(200, "303 303 303 303", 303),
    "POST /sign-in": Row(400, "400 400 400 400", 400),
    "POST /sign-out": Row(303, "303 303 303 303", 303),
    "POST /sign-in/organisation": Row(400, "400 400 400 400", 400),
    "GET /sign-in/organisation/answer": Row(400, "400 400 400 400", 400),
    "GET /enter/<secret>": Row(400, "400 400 400 400", 400, url="/enter/none"),
    "POST /enter/<secret>": Row(400, "400 400 400 400", 400, url="/enter/none"),
    "GET /lines/<int:line>": Row(303, ALL, 404),
    "GET /lines/<int:line>/patient": Row(303, ALL, 404),
    "GET /lines/<int:line>/packet/<int:number>": Row(303, "403 404 404 404", 404),
    # Decided anew, a line that no file bears is gone.
    "POST /lines/<int:line>/packet": Row(303, "403 404 404 404", 404),
    "POST /lines/<int:line>/do": Row(303, "403 303 303 303", 404, form={"do": "worked"}),
    "POST /lines/bulk": Row(303, "403 303 303 303", 303),
    "POST /undo": Row(303, "403 303 303 303", 303),
    "GET /overview": Row(303, ALL, 200),
    "GET /export.csv": Row(303, "403 200 200 200", 200),
    "GET /export.xlsx": Row(303, "403 200 200 200", 200),
    "GET /sweeps": Row(303, ALL, 200),
    "POST /sweeps": Row(303, "403 403 303 303", 303),
    "POST /sweeps/accounts/<account>/resume": Row(
        303, "403 403 303 303", 404, url="/sweeps/accounts/office/resume"
    ),
    "GET /payers": Row(303, ALL, 200),
    "GET /codes": Row(303, ALL, 200, url="/codes?q=add-on"),
    "GET /codes/<code>": Row(303, ALL, 200, url="/codes/CO-107"),
    "GET /pair": Row(303, ALL, 200),
    "POST /pair": Row(303, ALL, 200),
    "POST /pair/<int:token>/revoke": Row(303, "403 403 403 303", 404),
    "POST /filters": Row(303, "303 303 303 303", 303, form={"name": "x"}),
    "POST /filters/<int:number>/remove": Row(303, "303 303 303 303", 303),
}


def routes(house: House) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in house.app.url_map.iter_rules()
        if rule.endpoint.startswith("pages.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_every_route_has_a_row(house: House) -> None:
    assert routes(house) == set(MATRIX)


def _ask(house: House, name: str, row: Row, client: Any) -> TestResponse:
    method, path = name.split(" ", 1)
    path = row.url or path
    if "<int:line>" in path:
        number = house.add_lines([line(f"C-{next(_COUNT)}")])[0]
        path = path.replace("<int:line>", str(number))
    if "<int:token>" in path:
        house.token(("codes",))
        token = tokens.listed(house.store, frozenset({"north"}))[0].id
        path = path.replace("<int:token>", str(token))
    if "accounts" in path:
        accounts.add(house.store, "office", "north", "meridian", "test")
    path = path.replace("<int:number>", "0")
    headers = dict(HOST)
    if method == "POST":
        headers["X-CSRFToken"] = house.csrf(client)
    return client.open(path, method=method, data=row.form or None, headers=headers)


CASES = [pytest.param(name, row, id=name) for name, row in MATRIX.items()]


@pytest.mark.parametrize(("name", "row"), CASES)
def test_nobody(house: House, name: str, row: Row) -> None:
    answer = _ask(house, name, row, house.client)
    assert answer.status_code == row.nobody
    if row.nobody == 303 and "sign-out" not in name:
        assert answer.headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(("name", "row"), CASES)
def test_roles(house: House, name: str, row: Row) -> None:
    for role, expected in zip(ROLES, row.roles.split(), strict=True):
        answer = _ask(house, name, row, house.signed_in(role))
        assert answer.status_code == int(expected), role


@pytest.mark.parametrize(("name", "row"), CASES)
def test_another_practice(house: House, name: str, row: Row) -> None:
    answer = _ask(house, name, row, house.signed_in("southerner"))
    assert answer.status_code == row.elsewhere
    assert b"Canaryson" not in answer.data


POSTS = [case for case in CASES if case.id and case.id.startswith("POST")]


@pytest.mark.parametrize(("name", "row"), POSTS)
def test_no_post_without_the_forms_token(house: House, name: str, row: Row) -> None:
    method, path = name.split(" ", 1)
    path = (row.url or path).replace("<int:line>", "1").replace("<int:number>", "1")
    path = path.replace("<int:token>", "1")
    answer = house.signed_in("admin").open(path, method=method, data=row.form, headers=HOST)
    assert answer.status_code == 403
    assert b"Form out of date" in answer.data


@pytest.mark.parametrize(("name", "row"), CASES)
def test_someone_without_a_role_sees_nothing(house: House, name: str, row: Row) -> None:
    if row.nobody != 303 or "sign-out" in name:
        pytest.skip("a door: open to everyone")
    assert _ask(house, name, row, house.signed_in("newcomer")).status_code in (403, 404)
