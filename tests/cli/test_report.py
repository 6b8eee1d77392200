"""The morning report: what it says, what it never says, and that real servers receive it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from server.portal_files import portal_files
from server.report import gather, worklist_address
from server.report_pages import html, text
from server.settings import ServerSettings, Settings
from server.store import accounts, report_marks, sweeps
from tests.api.conftest import house, new_house, template
from tests.api.house import ROOT, House, line
from tests.api.live import free_port

__all__ = ["house", "new_house", "template"]

NORTH = frozenset({"north"})
TODAY = date(2026, 3, 23)
PAID = Decimal("99.50")
PATIENT = ("Canaryson", "Wilhelmina", "MBR77812", "1971-05-09", "C-1001", "ICNC-1001")


@dataclass
class Inbox:
    """A real SMTP server on loopback, and what it was sent."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    refuse: bool = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuse:
            return "554 not today"
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.recipients += envelope.rcpt_tos
        return "250 taken"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    kept = Inbox()

    def check(server: Any, session: Any, envelope: Any, mechanism: str, auth: Any) -> AuthResult:
        return AuthResult(success=(auth.login, auth.password) == (b"sender", b"the password"))

    kept.port = free_port()
    controller = Controller(
        kept, hostname="127.0.0.1", port=kept.port, authenticator=check, auth_require_tls=False
    )
    controller.start()
    yield kept
    controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(json.loads(body))
            self.send_response(500 if self.path == "/broken" else 204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", got
    server.shutdown()
    server.server_close()


def made(house: House, hours: float = 24) -> Any:
    from server.store.engine import now

    return gather(
        house.store,
        NORTH,
        now() - timedelta(hours=hours),
        TODAY,
        "https://remitlens.example",
        portal_files(ROOT / "config"),
    )


def test_what_changed_with_dollars_and_links_and_no_patient(house: House) -> None:
    house.add_lines(
        [
            line(deadline=TODAY + timedelta(days=3)),
            line(
                "C-2", state="resolved", reason="paid", paid=Decimal("99.50"), recovered=Decimal(1)
            ),
            line("C-3", state="review", reason="route_unknown", amount=Decimal("70.00")),
        ]
    )
    found = made(house)
    assert (found.newly_ready.lines, found.newly_ready.amount) == (1, Decimal("1150.00"))
    assert (found.newly_paid.lines, found.newly_paid.amount) == (1, Decimal("99.50"))
    assert (found.new.lines, found.due_soon.lines) == (3, 1)
    assert [(one.reason, one.amount) for one in found.held] == [("route_unknown", Decimal(70))]
    assert found.subject() == (
        "Remitlens 2026-03-23: 1 newly ready ($1,150), 1 paid ($100), 3 new ($2,370)"
    )
    zone = house.app.extensions["remitlens"].zone
    for shown in (text(found, zone), html(found, zone), json.dumps(found.as_json())):
        for value in PATIENT:
            assert value not in shown
        assert "1150.00" in shown.replace(",", "")
    for shown in (text(found, zone), html(found, zone)):
        assert "https://remitlens.example/lines/1" in shown
        assert "3 days left" in shown
        assert "How this payer takes corrections is not known." in shown
    assert "/lines/" not in json.dumps(found.as_json())


def test_nothing_changed_is_said_too(house: House) -> None:
    house.add_lines([line()])
    found = made(house, hours=-1)
    zone = house.app.extensions["remitlens"].zone
    assert found.nothing_changed
    assert "Nothing changed." in text(found, zone)
    assert "Nothing changed" in html(found, zone)
    assert found.subject() == "Remitlens 2026-03-23: nothing changed"


def test_each_portal_that_needs_someone_is_named(house: House) -> None:
    from server.store.engine import now

    for account, portal in (("a1", "meridian"), ("a2", "harbor"), ("a3", "bluestem")):
        accounts.add(house.store, account, "north", portal, "test")
    accounts.set_state(house.store, "a1", "waits", "CodeNeeded", "a code sent by SMS")
    sweeps.set_portal_state(
        house.store,
        "north",
        sweeps.PortalState("harbor", "changed", "PageChanged", "table gone", now(), 0, ("a2",)),
    )
    sweeps.begin(house.store, "s1", "north", "test")
    sweeps.plan_account(
        house.store, "s1", "north", "a3", "bluestem", [], ("refused", "NotPermitted", "no one said")
    )
    found = made(house)
    told = {(one.portal.split()[0], one.account, one.what[:18]) for one in found.troubles}
    assert told == {
        ("Meridian", "a1", "waits for a person"),
        ("Harbor", "", "its pages changed;"),
        ("Bluestem", "a3", "the sweep was refu"),
    }
    assert found.subject().endswith("; 3 portals need you")
    zone = house.app.extensions["remitlens"].zone
    for shown in (text(found, zone), html(found, zone)):
        assert "a code sent by SMS" in shown
        assert "table gone" in shown


def test_a_hostile_name_is_shown_as_text(house: House) -> None:
    house.add_lines([line(payer_name="<script>x</script>")])
    shown = html(made(house), house.app.extensions["remitlens"].zone)
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


@pytest.mark.parametrize(
    ("server", "address"),
    [
        (ServerSettings(), "http://127.0.0.1:8737"),
        (
            ServerSettings(allowed_hosts=["localhost", "work.example"], behind_proxy=True),
            "https://work.example",
        ),
        (
            ServerSettings(allowed_hosts=["work.example"], tls_certificate="c", tls_key="k"),
            "https://work.example:8737",
        ),
    ],
)
def test_where_links_lead(server: ServerSettings, address: str) -> None:
    assert worklist_address(server) == address


@pytest.fixture
def command(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs `remitlens report night` on the house's store: exit code, stdout, stderr."""
    from contextlib import contextmanager

    import click

    from server.cli.report import report
    from server.errors import UserError

    def run(*arguments: str, **mail: Any) -> tuple[int, str, str]:
        chosen = house.settings.model_copy(
            update={"mail": Settings.model_fields["mail"].annotation(**mail)}
        )

        @contextmanager
        def ours():
            yield house.store, chosen

        monkeypatch.setattr("server.cli.report.opened", ours)
        code = 0
        try:
            report.main(["night", *arguments], standalone_mode=False)
        except UserError as error:
            click.echo(str(error), err=True)
            code = 2
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def to(inbox: Inbox, **more: Any) -> dict[str, Any]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": inbox.port,
        "sender": "remitlens@office.example",
        "recipients": ["bea@office.example", "carl@office.example"],
    } | more


def test_it_is_received_by_mail_and_the_next_counts_from_there(
    house: House, inbox: Inbox, command
) -> None:
    house.add_lines([line()])
    code, out, err = command("--send", **to(inbox))
    assert (code, err) == (0, "Sent to 2 by mail\n")
    (mail,) = inbox.mails
    assert inbox.recipients == ["bea@office.example", "carl@office.example"]
    assert mail["Subject"].startswith("Remitlens ")
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, rich = mail.iter_parts()
    assert (plain.get_content_type(), rich.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().split() == out.split()
    assert "$1,150.00" in rich.get_content()
    for value in PATIENT:
        assert value not in mail.as_string()
    assert report_marks.last(house.store, NORTH) is not None
    command("--send", **to(inbox))
    assert inbox.mails[1]["Subject"].endswith("nothing changed")
    code, out, _ = command("--since", "2020-01-01")
    assert "Nothing changed." not in out


def test_without_send_nothing_moves(house: House, command, tmp_path: Path) -> None:
    house.add_lines([line()])
    file = tmp_path / "night.html"
    code, out, err = command("--html", str(file))
    assert (code, err) == (0, f"Written to {file}\n")
    assert file.read_text().lstrip().startswith("<!doctype html>")
    assert report_marks.last(house.store, NORTH) is None
    assert "Newly ready" in out


def test_signing_in_to_the_mail_server(
    inbox: Inbox, command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REMITLENS_MAIL_PASSWORD", "the password")
    assert command("--send", **to(inbox, username="sender"))[0] == 0
    monkeypatch.setenv("REMITLENS_MAIL_PASSWORD", "wrong")
    code, _, err = command("--send", **to(inbox, username="sender"))
    assert code == 2
    assert "refuses the user name or password" in err
    assert "wrong" not in err


def test_what_cannot_be_sent_is_one_line_and_moves_nothing(
    house: House, inbox: Inbox, command
) -> None:
    inbox.refuse = True
    for mail, said in (
        (to(inbox), "cannot be used"),
        (to(inbox, smtp_port=1), "refuses the connection"),
        (to(inbox, starttls=True), "does not offer what the settings ask"),
        (to(inbox, recipients=[]), "set sender and recipients too"),
        ({}, "nothing to send by"),
        ({"webhook": "http://example.com/x"}, "must be an https address"),
    ):
        code, _, err = command("--send", **mail)
        assert code == 2
        assert said in err
        assert err.count("\n") == 1
    assert report_marks.last(house.store, NORTH) is None


def test_a_webhook_gets_the_counts(house: House, hook, command) -> None:
    address, got = hook
    house.add_lines([line()])
    assert command("--send", webhook=address)[0] == 0
    assert got[0]["newly_ready"] == {"lines": 1, "amount": "1150.00"}
    assert got[0]["nothing_changed"] is False
    for value in PATIENT:
        assert value not in json.dumps(got)
    code, _, err = command("--send", webhook=address + "/broken")
    assert (code, err) == (2, "mail.webhook: answers 500\n")


def test_one_way_failing_does_not_keep_the_other_from_going(inbox: Inbox, hook, command) -> None:
    address, got = hook
    code, _, err = command("--send", **to(inbox, smtp_port=1, webhook=address))
    assert code == 2
    assert "refuses the connection" in err
    assert len(got) == 1


def test_an_unwritable_file_is_one_line(command, tmp_path: Path) -> None:
    code, _, err = command("--html", str(tmp_path / "no" / "night.html"))
    assert code == 2
    assert "cannot be written" in err
