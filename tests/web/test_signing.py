"""The doors: password and code, a link that lets in once, and what ends a session."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from server.store import NotThereError, audit, entry_links, people
from tests.api.house import HOST, PASSWORD, House
from tests.web.conftest import Visitor


def _door(house: House) -> Visitor:
    return Visitor(house, house.client)


def _form(house: House, login: str = "biller", **other: str) -> dict[str, str]:
    code = house.logins[login].code(house.clock())
    return {"login": login, "password": PASSWORD, "code": code} | other


def test_signing_in_goes_where_one_wanted_to_go(house: House) -> None:
    me = _door(house)
    me.get("/lines/7?patients=1")
    assert me.answer.headers["Location"] == "/sign-in?next=/lines/7%3Fpatients%3D1"
    me.get(me.answer.headers["Location"])
    wanted = me.page.select_one('input[name="next"]')["value"]
    me.post("/sign-in", follow=False, next=wanted, **_form(house))
    assert me.answer.headers["Location"] == "/lines/7?patients=1"
    me.get("/")
    assert me.answer.status_code == 200
    assert "Biller" in me.words
    me.post("/sign-out")
    assert "You are signed out." in me.words
    me.get("/")
    assert me.answer.status_code == 303


@pytest.mark.parametrize("wrong", [{"password": "x"}, {"code": "000000"}, {"login": "nobody"}])
def test_all_that_is_wrong_looks_alike(house: House, wrong: dict[str, str]) -> None:
    me = _door(house)
    me.post("/sign-in", **(_form(house) | wrong))
    assert me.answer.status_code == 400
    assert me.page.select_one('[role="alert"]').text.startswith("Login, password or code is wrong")
    for value in (PASSWORD, wrong.get("login", "biller")):
        assert value.encode() not in me.answer.data


def test_no_other_site_is_gone_to(house: House) -> None:
    me = _door(house)
    me.post("/sign-in", follow=False, next="//evil.example/", **_form(house))
    assert me.answer.headers["Location"] == "/"


def test_a_session_that_ended_under_an_open_page_shows_the_form(house: House) -> None:
    me = _door(house)
    me.get("/lines/1/patient", HX_Request="true")
    assert me.answer.status_code == 303
    me.client.get(me.answer.headers["Location"], headers=HOST)
    answer = me.client.get(me.answer.headers["Location"], headers=HOST | {"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=")


def test_a_link_lets_in_once(house: House) -> None:
    secret = entry_links.make(house.store, "biller", "cli:test", house.clock())
    me = _door(house)
    me.get(f"/enter/{secret}")
    assert "Sign in as Biller" in me.words
    me.get(f"/enter/{secret}")  # looking does not use it up
    me.post(f"/enter/{secret}", follow=False)
    assert me.answer.headers["Location"] == "/"
    me.get("/")
    assert me.answer.status_code == 200
    other = _door(house)
    other.post(f"/enter/{secret}")
    assert other.answer.status_code == 400
    assert "wrong, used or too old" in other.words
    rows = [row for row in audit.rows(house.store) if row.what in ("people.link", "sign_in")]
    assert [(row.who, row.what) for row in rows] in (
        [("cli:test", "people.link"), ("biller", "sign_in")],
        [("biller", "sign_in"), ("cli:test", "people.link")],
    )


def test_a_link_grows_old_and_is_kept_as_a_hash(house: House) -> None:
    secret = entry_links.make(house.store, "biller", "cli:test", house.clock())
    for file in house.settings.home.iterdir():
        if file.is_file():
            assert secret.encode() not in file.read_bytes()
    house.clock.at += timedelta(minutes=entry_links.LINK_MINUTES)
    me = _door(house)
    me.post(f"/enter/{secret}")
    assert me.answer.status_code == 400


def test_a_link_works_on_this_machine_alone(house: House) -> None:
    secret = entry_links.make(house.store, "biller", "cli:test", house.clock())
    for method in ("GET", "POST"):
        client = house.client
        headers = HOST | {"X-CSRFToken": house.csrf(client)}
        answer = client.open(
            f"/enter/{secret}",
            method=method,
            headers=headers,
            environ_overrides={"REMOTE_ADDR": "192.0.2.7"},
        )
        assert answer.status_code == 400
        assert b"only on the machine" in answer.data


def test_behind_a_proxy_no_link_works(new_house) -> None:
    house = new_house(behind_proxy=True)
    secret = entry_links.make(house.store, "biller", "cli:test", house.clock())
    answer = house.client.get(f"/enter/{secret}", headers=HOST)
    assert answer.status_code == 400


def test_no_link_for_nobody_or_the_disabled(house: House) -> None:
    with pytest.raises(NotThereError):
        entry_links.make(house.store, "stranger", "cli:test", house.clock())
    secret = entry_links.make(house.store, "biller", "cli:test", house.clock())
    people.disable(house.store, "biller")
    me = _door(house)
    me.get(f"/enter/{secret}")
    assert me.answer.status_code == 400


def test_an_error_is_a_page(house: House) -> None:
    me = Visitor(house, house.signed_in("biller"))
    me.get("/lines/999")
    assert me.answer.status_code == 404
    assert me.answer.content_type.startswith("text/html")
    assert "Not found" in me.words


def test_no_page_has_inline_script_or_style(house: House) -> None:
    me = Visitor(house, house.signed_in("biller"))
    for path in ("/", "/?view=groups", "/sign-in"):
        me.get(path)
        text = me.answer.get_data(as_text=True)
        assert not re.search(r"<style|style=|<script(?![^>]*src)|\son[a-z]+=|https?://", text)
