"""The sandbox: the same world for the same seed, files in step with its portals, counts kept."""

import csv
import json
import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from scrapers.sandbox.app import create_sandbox
from scrapers.sandbox.claims import GROUP_NPI, OTHER_SURGEON_NPI, PORTALS, npi
from scrapers.sandbox.desk import account_of
from scrapers.sandbox.practice import write_practice
from scrapers.sandbox.serve import running_sandbox
from scrapers.sandbox.world import build_world
from server.errors import UserError

CONFIG = Path(__file__).parents[2] / "config"
TODAY = date(2026, 3, 2)
WORLD = build_world(today=TODAY)


def test_the_same_seed_and_day_make_the_same_world():
    build_world.cache_clear()
    assert build_world(today=TODAY) == WORLD
    assert build_world(seed=1, today=TODAY).of("harbor") != WORLD.of("harbor")


@pytest.mark.parametrize("portal", PORTALS)
def test_every_portal_has_every_variety(portal):
    claims = WORLD.of(portal)
    assert 3 <= len(claims) <= 13
    assert {claim.outcome for claim in claims} == {"found", "pending", "not_found"}
    lines = [line for claim in claims if claim.answer for line in claim.answer.lines]
    denied = [line for line in lines if any(a.carc == "107" for a in line.adjustments)]
    assert any("N122" in line.remarks for line in denied)
    assert any(not line.remarks for line in denied)
    assert any(len(line.adjustments) > 2 for line in denied)
    assert any(line.paid > 0 for line in lines)
    for line in lines:
        assert line.charge - line.paid == sum(a.amount for a in line.adjustments)


def test_more_claims_on_demand():
    assert len(build_world(today=TODAY, more=40).of("clearview")) == 48


def test_npis_have_their_check_digit():
    assert npi("123456789") == "1234567893"
    assert len({GROUP_NPI, OTHER_SURGEON_NPI}) == 2


def test_the_practices_files_are_in_step(tmp_path):
    paths = write_practice(tmp_path, TODAY, portals=["meridian"])
    assert [path.name for path in paths] == ["meridian.837", "meridian.835", "charges.csv"]
    sent = paths[0].read_text()
    answered = paths[1].read_text()
    for claim in WORLD.of("meridian"):
        assert f"CLM*{claim.ref.claim}*" in sent
        assert (f"CLP*{claim.ref.claim}*" in answered) == bool(claim.earlier)
    for text in (sent, answered):
        assert text.isascii()
        count = [int(n) for n in re.findall(r"SE\*(\d+)\*", text)]
        sets = re.findall(r"ST\*.*?SE\*\d+\*\d+~", text, re.DOTALL)
        assert count == [one.count("~") for one in sets]


def test_each_remittance_balances(tmp_path):
    write_practice(tmp_path, TODAY, portals=["meridian"])
    text = (tmp_path / "meridian.835").read_text()
    for one in re.findall(r"ST\*835.*?SE\*", text, re.DOTALL):
        paid = re.search(r"BPR\*\w\*([\d.]+)\*", one)[1]
        assert sum(Decimal(n) for n in re.findall(r"CLP\*[^*]*\*\d+\*[-\d.]+\*([-\d.]+)", one)) == (
            Decimal(paid)
        )


def test_the_worked_example_is_there(tmp_path):
    write_practice(tmp_path, TODAY, portals=["meridian"])
    rows = list(csv.DictReader((tmp_path / "charges.csv").open()))
    first = WORLD.of("meridian")[0]
    mine = [row for row in rows if row["patient_id"] == first.ref.member_id]
    assert [(row["procedure"], row["claim_id"], row["signed_off"]) for row in mine] == [
        ("22612", "", "yes")
    ]
    denied = first.answer.lines[0]
    assert (denied.procedure, denied.charge) == ("22614", Decimal("1150.00"))
    assert first.answer.produced + timedelta(days=180) > TODAY


def test_patients_are_plainly_invented():
    for portal in PORTALS:
        for claim in WORLD.of(portal):
            assert claim.sent.patient.last_name in {
                "Sampleton", "Testerly", "Mockridge", "Placeholder", "Fauxworth", "Exampelle"
            }  # fmt: skip


@pytest.fixture
def client():
    return create_sandbox(today=TODAY, delay=0).test_client()


def post_login(client, portal, password, account="office"):
    name = account_of(portal, account).username
    return client.post(f"/{portal}/login", data={"username": name, "password": password})


def test_three_wrong_passwords_lock_and_all_are_counted(client):
    for _ in range(3):
        post_login(client, "harbor", "wrong")
    right = post_login(client, "harbor", account_of("harbor").password)
    assert b"suspended" in right.data
    counts = client.get("/_control/counts").json
    assert counts["harbor"]["office"]["submits"] == 4
    assert "sign_ins" not in counts["harbor"]["office"]


def test_nothing_is_shown_to_who_is_not_signed_in(client):
    for path in ("harbor/claims/HB1001", "clearview/viewer", "meridian/app", "bluestem/claims",
                 "fedcontract/inquiry", "thicket/claims", "northgate/"):  # fmt: skip
        assert client.get(f"/{path}").status_code == 302
    assert client.get("/meridian/api/claims/MH-20417").status_code == 401
    assert b"ended" in client.get("/northgate/result?claim=NG.1001").data


def test_control(client):
    assert client.post("/_control/fault", json={"portal": "x", "fault": "sms"}).status_code == 422
    told = {"portal": "thicket", "account": "office", "fault": "lockout"}
    assert client.post("/_control/fault", json=told).status_code == 200
    page = post_login(client, "thicket", account_of("thicket").password)
    assert b"locked" in page.data
    assert client.post("/_control/reset").json == {"reset": True}
    assert client.get("/_control/counts").json == {}
    truth = client.get("/_control/truth.json").json
    assert truth["harbor"][0]["claim"] == "HB1001"
    assert json.dumps(truth)


def test_the_index_names_the_accounts(client):
    page = client.get("/").get_data(as_text=True)
    assert all(account_of(portal).username in page for portal in PORTALS)


def test_each_portal_may_have_an_origin_of_its_own():
    with running_sandbox(today=TODAY, apart=True) as running:
        assert len({running.base(portal).rpartition("/")[0] for portal in PORTALS}) == 7
        for portal in PORTALS:
            address = running.base(portal) + "/"
            assert requests.get(address, timeout=5).status_code in (200, 401)


def test_the_shipped_addresses_are_those_the_command_serves():
    for place, portal in enumerate(PORTALS):
        text = (CONFIG / "portals" / f"{portal}.toml").read_text()
        assert f'"http://127.0.0.1:{8740 + place}/{portal}"' in text


def test_loopback_only_and_a_port_in_use_is_one_line():
    with pytest.raises(UserError, match="loopback"), running_sandbox(host="0.0.0.0"):
        pass
    with running_sandbox(today=TODAY) as first:
        port = int(first.address.rpartition(":")[2])
        with pytest.raises(UserError, match="in use"), running_sandbox(port=port):
            pass
