"""The worklist's page: what it shows, hides, counts, and what is done to many lines at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from server.store import audit, events, worklist
from tests.api.house import HOST, House, line
from tests.web.conftest import Visitor

Visit = Callable[..., Visitor]
NORTH = frozenset({"north"})
TODAY = date(2026, 3, 23)


def claims(visitor: Visitor) -> list[str]:
    return [link.text for link in visitor.page.select("#rows a.open")]


def audited(house: House, what: str) -> list[audit.Row]:
    return [row for row in audit.rows(house.store, NORTH) if row.what == what]


def test_open_lines_by_last_day_and_worked_ones_hidden(house: House, visit: Visit) -> None:
    ids = house.add_lines(
        [
            line("C-1", deadline=TODAY + timedelta(days=40)),
            line("C-2", deadline=TODAY + timedelta(days=3)),
            line("C-3", deadline=TODAY + timedelta(days=20)),
            line("C-4", state="resolved", reason="paid", deadline=None),
            line("C-5", deadline=TODAY + timedelta(days=1)),
        ]
    )
    events.assign(house.store, NORTH, ids[2], "manager", "ann")
    events.worked(house.store, NORTH, ids[4], True, "ann")
    me = visit()
    me.get("/")
    assert claims(me) == ["C-2", "C-1"]
    assert me.page.select_one(".days.soon").text == "3 days left"
    me.get("/?whose=all&worked=all&state=all")
    assert claims(me) == ["C-5", "C-2", "C-3", "C-1", "C-4"]


def test_patients_are_masked_until_asked_for(house: House, visit: Visit) -> None:
    (number,) = house.add_lines([line()])
    me = visit("viewer")
    me.get("/")
    assert b"Canaryson" not in me.answer.data
    assert b"MBR77812" not in me.answer.data
    me.get(f"/lines/{number}")
    assert b"Canaryson" not in me.answer.data
    assert audited(house, "line.patient") == []
    me.get(f"/lines/{number}/patient")
    assert "Canaryson, Wilhelmina" in me.words
    (row,) = audited(house, "line.patient")
    assert (row.who, row.detail["lines"]) == ("viewer", [number])
    me.get("/?patients=1")
    assert "Canaryson" in me.words
    assert any(row.detail.get("patients") for row in audited(house, "lines.view"))


def test_what_is_typed_finds_a_claim_a_member_or_a_name(house: House, visit: Visit) -> None:
    house.add_lines([line("C-77", state="closed", reason="voided"), line("C-78")])
    me = visit()
    for typed, found in (("c77", ["C-77"]), ("MBR-77812", ["C-77", "C-78"]), ("nobody", [])):
        me.get(f"/?q={typed}")
        assert sorted(claims(me)) == found, typed
    me.get("/?q=canaryson")
    assert len(claims(me)) == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=appeal", ["C-2"]),
        ("reason=primary_not_billed", ["C-1"]),
        ("payer=other", ["C-2"]),
        ("due=7", ["C-2"]),
        ("due=past", []),
        ("sort=amount", ["C-2", "C-1"]),
        ("sort=-amount", ["C-1", "C-2"]),
        ("state=nonsense&sort=nonsense&due=x&worked=x&after=%00%ff", ["C-2", "C-1"]),
    ],
)
def test_filters(house: House, visit: Visit, query: str, found: list[str]) -> None:
    house.add_lines(
        [
            line("C-1", amount=Decimal(900)),
            line(
                "C-2",
                state="appeal",
                reason="primary_paid_same_claim",
                payer="other",
                payer_name="OTHER",
                amount=Decimal(5),
                deadline=TODAY + timedelta(days=5),
            ),
        ]
    )
    me = visit()
    me.get(f"/?{query}")
    assert claims(me) == found


def test_more_lines_follow_the_first_page(house: House, visit: Visit) -> None:
    house.add_lines([line(f"C-{number:03}") for number in range(95)])
    me = visit()
    me.get("/")
    assert "95 lines , $109,250.00" in me.words
    shown = claims(me)
    assert len(shown) == 30
    while link := me.page.select_one(".more a"):
        me.get(link["hx-get"], HX_Request="true")
        assert me.page.select_one("header") is None
        shown += [one.text for one in me.page.select("a.open")]
    assert len(shown) == len(set(shown)) == 95


def test_first_page_is_small(house: House, visit: Visit) -> None:
    house.add_lines([line(f"C-{number:03}") for number in range(95)])
    me = visit()
    me.get("/")
    total = len(me.answer.data)
    for path in [link["href"] for link in me.page.select("link[href]")] + [
        script["src"] for script in me.page.select("script[src]")
    ]:
        got = me.client.get(path, headers=HOST | {"Accept-Encoding": "gzip, zstd"})
        assert got.status_code == 200, path
        total += len(got.data)
    assert total < 100_000


def test_many_are_given_and_it_is_taken_back(house: House, visit: Visit) -> None:
    ids = house.add_lines([line("C-1"), line("C-2"), line("C-3")])
    me = visit()
    me.post(
        "/lines/bulk",
        line=[str(one) for one in ids[:2]],
        do="assign",
        to="manager",
        back="/?whose=all",
    )
    assert "2 lines assigned to manager." in me.words
    assert [row.assignee for row in worklist.some(house.store, NORTH, ids)] == [
        "manager",
        "manager",
        "",
    ]
    undo = me.page.select_one('.toast input[name="undo"]')["value"]
    me.post("/undo", undo=undo, back="/")
    assert "Taken back on 2 lines." in me.words
    assert {row.assignee for row in worklist.some(house.store, NORTH, ids)} == {""}
    me.post("/undo", undo=undo, back="/")
    assert "Taken back on 0 lines." in me.words


def test_status_of_many(house: House, visit: Visit) -> None:
    ids = house.add_lines([line("C-1"), line("C-2")])
    me = visit()
    me.post("/lines/bulk", line=[str(one) for one in ids], do="worked", back="/")
    assert claims(me) == []
    me.post("/undo", undo=me.page.select_one('.toast input[name="undo"]')["value"], back="/")
    assert len(claims(me)) == 2
    me.post("/lines/bulk", line=str(ids[0]), do="raise", back="/?sort=priority")
    assert "Priority raised on 1 line." in me.words
    assert worklist.line(house.store, NORTH, ids[0]).row.priority == 1


@pytest.mark.parametrize("form", [{}, {"line": "x", "do": "assign"}, {"line": "9999", "do": "w"}])
def test_nothing_chosen_is_said(house: House, visit: Visit, form: dict[str, str]) -> None:
    me = visit()
    me.post("/lines/bulk", back="//evil.example/", **form)
    assert "Choose some lines first." in me.words


def test_another_practices_lines_are_not_there(house: House, visit: Visit) -> None:
    (theirs,) = house.add_lines([line("S-1")], practice="south")
    me = visit("manager")
    for path in ("", "/patient", "/packet/0"):
        me.get(f"/lines/{theirs}{path}")
        assert me.answer.status_code == 404
    me.post("/lines/bulk", line=str(theirs), do="worked", back="/")
    assert not worklist.line(house.store, frozenset({"south"}), theirs).row.worked
    me.get("/?practice=south")
    assert me.answer.status_code == 404


def test_nobody_from_elsewhere_is_given_a_line(house: House, visit: Visit) -> None:
    ids = house.add_lines([line()])
    me = visit()
    me.post("/lines/bulk", line=[str(one) for one in ids], do="assign", to="southerner", back="/")
    assert me.answer.status_code == 403
    assert worklist.line(house.store, NORTH, ids[0]).row.assignee == ""


def test_a_viewer_sees_no_way_to_change(house: House, visit: Visit) -> None:
    (number,) = house.add_lines([line()])
    me = visit("viewer")
    for path in ("/", f"/lines/{number}"):
        me.get(path)
        assert me.page.select('input[type="checkbox"][name="line"], .packet, textarea') == []
    me.post("/lines/bulk", line=str(number), do="worked", back="/")
    assert me.answer.status_code == 403


def test_a_filter_is_kept_under_a_name(house: House, visit: Visit) -> None:
    me = visit()
    me.post("/filters", name="  Big  ones ", sort="-amount", state="ready", q="Canaryson")
    (chip,) = me.page.select(".own a")
    assert (chip.text, chip["href"]) == ("Big ones", "/?state=ready&sort=-amount")
    other = visit("manager")
    other.get("/")
    assert other.page.select(".own a") == []
    number = me.page.select_one(".own form")["action"].split("/")[2]
    other.post(f"/filters/{number}/remove")
    me.get("/")
    assert len(me.page.select(".own a")) == 1
    me.post(f"/filters/{number}/remove")
    assert me.page.select(".own a") == []
    me.post("/filters", name=" ")
    assert "A filter's name has" in me.words


def test_groups_by_payer_and_reason_with_dollars(house: House, visit: Visit) -> None:
    house.add_lines(
        [
            line("C-1"),
            line("C-2", reason="combine_claims"),
            line("C-3", payer="z", payer_name="ZETA", amount=Decimal("0.10")),
            line("C-4", state="resolved", reason="paid"),
        ]
    )
    me = visit()
    me.get("/?view=groups")
    assert "3 open lines, $2,300.10" in me.words
    heads = [" ".join(row.get_text(" ").split()) for row in me.page.select("tr.sum")]
    assert heads == ["ACME HEALTH 2 $2,300.00", "ZETA 1 $0.10"]
    me.get(me.page.select("tbody tr:not(.sum) a")[0]["href"])
    assert len(claims(me)) == 1


def test_a_hostile_value_is_shown_as_text(house: House, visit: Visit) -> None:
    house.add_lines([line('"><script>x</script>', payer_name="<img src=x onerror=x>")])
    me = visit()
    me.get("/?patients=1&q=<script>alert(1)</script>")
    me.get("/?patients=1")
    assert me.page.select("img[src=x]") == []
    assert all(script.get("src") for script in me.page.select("script"))
