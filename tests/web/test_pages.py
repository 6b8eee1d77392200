"""The other pages: what each says of what the store holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from server.store import accounts, overview, sweeps
from server.store.engine import now
from tests.api.house import House, line
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]
NORTH = frozenset({"north"})
TODAY = date(2026, 3, 23)


def test_overview_sums_agree_with_the_lines(house: House, visit: Visit) -> None:
    house.add_lines(
        [
            line("C-1", deadline=TODAY + timedelta(days=3)),
            line("C-2", deadline=TODAY - timedelta(days=1), amount=Decimal("10.25")),
            line("C-3", deadline=None, amount=Decimal("5.00"), state="review"),
            line(
                "C-4",
                state="resolved",
                reason="paid",
                deadline=None,
                recovered=Decimal("1000.00"),
                denied_on=date(2026, 2, 2),
                sent_on=date(2026, 2, 20),
                produced=date(2026, 3, 10),
            ),
        ]
    )
    found = overview.figures(house.store, NORTH, TODAY, ZoneInfo("America/New_York"))
    days = {bar.name: (bar.lines, bar.amount) for bar in found.days}
    assert days["Past"] == (1, Decimal("10.25"))
    assert days["0 to 7 days"] == (1, Decimal("1150.00"))
    assert days["Not known"] == (1, Decimal("5.00"))
    assert sum(amount for _, amount in days.values()) == Decimal("1165.25")
    weeks = {week.monday: week for week in found.weeks}
    assert len(weeks) == 26
    assert weeks[date(2026, 3, 16)].denied == Decimal("1165.25")
    assert weeks[date(2026, 2, 2)].denied == Decimal("1150.00")
    assert weeks[date(2026, 3, 9)].recovered == Decimal("1000.00")
    lasted = {one.name: (one.days, one.lines) for one in found.lasted}
    assert lasted["From sent again to paid"] == (18, 1)
    assert lasted["From denial to paid"] == (36, 1)
    assert lasted["From denial to ready"][1] == 2
    assert lasted["From ready to sent again"] == (None, 0)
    me = visit("viewer")
    me.get("/overview")
    charts = json.loads(me.page.select_one("#charts").text)
    assert charts["days"]["sets"][0]["data"][:2] == [10.25, 1150.0]
    assert "$1,000.00 of $2,315.25 ever denied with CO-107" in me.words
    # Each chart has its table.
    assert len(me.page.select("canvas")) == len(me.page.select("details table")) == 3
    house.add_lines([line("C-5", deadline=TODAY)])
    me.get("/overview")
    assert json.loads(me.page.select_one("#charts").text)["days"]["sets"][0]["data"][1] == 2300.0


def test_overview_of_nothing(visit: Visit) -> None:
    me = visit("viewer")
    me.get("/overview")
    assert me.answer.status_code == 200
    assert "not known" in me.words


def test_sweeps_say_what_waits_for_a_person(house: House, visit: Visit) -> None:
    accounts.add(house.store, "office", "north", "meridian", "test")
    accounts.add(house.store, "theirs", "south", "harbor", "test")
    accounts.set_state(house.store, "office", "waits", "CodeNeeded", "the code sent by SMS")
    sweeps.set_portal_state(
        house.store,
        "north",
        sweeps.PortalState("meridian", "changed", "PageChanged", "the table is gone", now(), 0, ()),
    )
    sweeps.begin(house.store, "s1", "north", "test")
    sweeps.plan_account(house.store, "s1", "north", "office", "meridian", [])
    me = visit("manager")
    me.get("/sweeps")
    for said in ("the code sent by SMS", "Its pages changed", "the table is gone"):
        assert said in me.words
    assert "given by the sandbox itself" in me.words
    assert "theirs" not in me.words
    me.post("/sweeps/accounts/office/resume")
    assert "office may sign in again" in me.words
    assert accounts.one(house.store, "office").state == "active"
    me.post("/sweeps/accounts/theirs/resume")
    assert me.answer.status_code == 404


def test_a_sweep_is_asked_for(house: House, visit: Visit, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr("server.engine.ask_for_sweep", lambda *given: asked.append(given) or "s9")
    me = visit("manager")
    me.post("/sweeps")
    assert "The sweep is asked for" in me.words
    assert asked[0][1] == "north"
    monkeypatch.setattr("server.engine.ask_for_sweep", lambda *_: 1 / 0)
    me.post("/sweeps")
    assert "No worker has started yet" in me.words


def test_payers_say_what_is_unknown_and_what_it_holds_back(house: House, visit: Visit) -> None:
    house.add_lines(
        [
            line(
                "C-1",
                payer="unheard",
                payer_name="UNHEARD OF",
                state="review",
                reason="route_unknown",
                route="",
            ),
            line("C-2", payer="unheard", payer_name="UNHEARD OF", amount=Decimal("9.00")),
        ]
    )
    me = visit("viewer")
    me.get("/payers")
    first = " ".join(me.page.select_one("section.card").get_text(" ").split())
    assert "UNHEARD OF unheard · no file yet Held back $1,150.00 Open $1,159.00" in first
    assert "How this payer takes corrections is not known. Find out its routes." in first
    assert "Takes replacement claims; Reopens on request" in first
    assert "Meridian Health Plan" in me.words
    assert "180 days after the remittance" in me.words


def test_codes_are_searched_and_read(visit: Visit) -> None:
    me = visit("viewer")
    me.get("/codes?q=add-on")
    assert any("107" in link.text for link in me.page.select(".entries a"))
    me.get("/codes/co%20107")
    assert me.page.select_one("h1").text.startswith("CO-107: ")
    assert "What to do" in me.words
    me.get("/codes/ZZ999")
    assert me.answer.status_code == 404
    me.get("/codes?q=xyzzyqqq")
    assert "0 found for" in me.words
    for code in ("CO", "N122", "M15"):
        me.get(f"/codes/{code}")
        assert me.answer.status_code == 200


def test_a_pairing_code_is_shown_and_works(house: House, visit: Visit) -> None:
    from tests.api.house import EXTENSION

    me = visit("biller")
    me.post("/pair")
    code = me.page.select_one("#code").text
    answer = house.ask(
        "POST", "/api/v1/pairing", json={"code": code, "name": "Desk"}, Origin=EXTENSION
    )
    assert answer.status_code == 201
    me.get("/pair")
    assert me.page.select_one("#code") is None
    assert "Desk" not in me.words  # programs are an administrator's business
    admin = visit("admin")
    admin.get("/pair")
    assert "Desk" in admin.words
    admin.post(admin.page.select_one('form[action*="revoke"]')["action"])
    assert "It is let in no more." in admin.words
    assert house.get("/api/v1/lines", answer.json["token"]).status_code == 401


def test_a_line_tells_why_and_what_was_done(house: House, visit: Visit) -> None:
    (number,) = house.add_lines([line(sent_on=date(2026, 3, 21), recovered=Decimal("12.00"))])
    me = visit()
    me.get(f"/lines/{number}")
    assert me.page.select_one(".why .hit").get_text(" ").split()[:3] == ["6j", "22612", "is"]
    assert "charges charges.csv, row 2" in me.words
    assert "paid $12.00 since" in me.words
    me.post(f"/lines/{number}/do", do="note", text="Called; they <b>agree</b>.")
    assert "The note is saved." in me.words
    assert me.page.select_one(".time q").text == "Called; they <b>agree</b>."
    me.post(f"/lines/{number}/do", do="assign", to="manager")
    assert "Assigned to manager." in me.words
    me.post("/undo", undo=me.page.select_one('.toast input[name="undo"]')["value"], back="/")
    me.get(f"/lines/{number}")
    assert me.page.select_one(".time .undone") is not None
    for form, said in (
        ({"do": "assign", "to": "southerner"}, "Nobody of that login"),
        ({"do": "sent", "on": "yesterday"}, "Say on which day it was sent"),
        ({"do": "sent", "on": "2026-03-24"}, "lies in the future"),
        ({"do": "note", "text": "  "}, "A note has between 1 and 4000"),
        ({"do": "nonsense"}, "Nothing was done."),
    ):
        me.post(f"/lines/{number}/do", **form)
        assert said in me.words, form
